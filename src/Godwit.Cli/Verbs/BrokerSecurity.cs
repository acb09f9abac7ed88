// Who may connect to the broker and what for: the files that the settings name, and what they make of the broker's options.
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;
using Godwit.Security;
using Godwit.Security.Access;
using Godwit.Security.Files;
using Godwit.Security.Http;
using Godwit.Security.Passwords;
using Godwit.Security.Scram;
using Godwit.Security.Tokens;

namespace Godwit.Cli.Verbs;

/// <summary>
/// Who may connect to a broker and what for, read from files. Another one takes its place when they are read again; what is in both goes on
/// with its content replaced, so that logins under way and what is remembered stay.
/// </summary>
internal sealed class BrokerSecurity : IDisposable
{
    private readonly List<Part> _parts = []; // checks and rules, in the order in which they are asked
    private readonly List<Action> _replacements = [];
    private BrokerSecurity? _former;
    private readonly bool? _allowAnonymous;

    private BrokerSecurity(BrokerSecurity? former, bool? allowAnonymous) => (_former, _allowAnonymous) = (former, allowAnonymous);

    // Key says what it was made of.
    private sealed record Part(object Key, object Content);

    /// <summary>Reads the files.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="former">What is in force; it stays so until <see cref="TakeOver"/>. Null at the start.</param>
    /// <exception cref="UsageException">One of them cannot be used.</exception>
    public static BrokerSecurity Open(SecuritySettings settings, BrokerSecurity? former = null)
    {
        var next = new BrokerSecurity(former, settings.AllowAnonymous);
        try
        {
            if (settings.PasswordFile is { } users) next.AddPasswords(users);
            if (settings.TokenKey is { } key) next.AddTokens(key, settings);
            if (settings.AuthUrl is { } service) next.AddService(service);
            if (settings.AclFile is { } acl) next.Add(("acl_file", acl), () => PolicyAuthorizer.FromAclFile(acl));
            if (settings.Policy is { } policy) next.Add(("policy", policy), () => PolicyAuthorizer.FromPolicyFile(policy));
            if (!next.Contents<IAuthorizer>().Any() && next.Checks.Any(check => check is TokenCheck or HttpCheck)) next.Add("rights", PolicyAuthorizer.WithoutFile);
            return next;
        }
        catch (Exception wrong) when (wrong is SecurityFileException or UsageException)
        {
            next.Discard();
            throw new UsageException(wrong.Message);
        }
    }

    private IEnumerable<ICredentialCheck> Checks => Contents<ICredentialCheck>();

    /// <summary>Whether whoever reaches the broker may connect.</summary>
    public bool IsOpen => !Checks.Any() && _allowAnonymous == true;

    /// <summary>Whether nobody may connect: no user is known, and nobody may come without a name.</summary>
    public bool IsClosed(BrokerOptions options) =>
        !Checks.Any() && !(_allowAnonymous ?? IsLocal(options)) && options.Listeners.All(listener => listener.UserName == CertificateUserName.None);

    /// <summary>The options with what was read. As with mosquitto, a broker that others can reach lets nobody in unless it is told whom.</summary>
    public BrokerOptions Apply(BrokerOptions options)
    {
        bool isForEverybody = !Checks.Any() && (_allowAnonymous ?? IsLocal(options));
        IAuthenticator? authenticator = isForEverybody ? null : new AuthenticatorChain([.. Checks], _allowAnonymous == true);
        return options with
        {
            Authenticator = authenticator,
            EnhancedAuthenticators = [.. Contents<IEnhancedAuthenticator>()],
            Authorizer = Contents<IAuthorizer>().SingleOrDefault(),
        };
    }

    /// <summary>Takes the place of the former; cannot fail.</summary>
    public void TakeOver()
    {
        foreach (Action replace in _replacements) replace();
        _replacements.Clear();
        _former?.DisposeOfAllBut(this);
        _former = null;
    }

    /// <summary>It does not take the place of the former: what they have in common stays.</summary>
    public void Discard() => DisposeOfAllBut(_former);

    public void Dispose() => DisposeOfAllBut(null);

    private IEnumerable<T> Contents<T>() => _parts.Select(part => part.Content).OfType<T>();

    private void DisposeOfAllBut(BrokerSecurity? other)
    {
        foreach (IDisposable part in Contents<IDisposable>().Reverse())
        {
            if (other?.Contents<IDisposable>().Contains(part) != true) part.Dispose();
        }
    }

    private T Add<T>(object key, Func<T> make) where T : notnull
    {
        T content = _former?._parts.Find(part => part.Key.Equals(key)) is { } former ? (T)former.Content : make();
        _parts.Add(new Part(key, content));
        if (_former is null || content is not IReloadable file || file.Prepare() is not { } replace) return content;
        _replacements.Add(replace);
        return content;
    }

    private void AddPasswords(string file)
    {
        PasswordCheck check = Add(("password_file", file), () => new PasswordCheck(file));
        Add(("scram", file), () => new ScramSha256Authenticator(check));
    }

    private void AddTokens(string key, SecuritySettings settings)
    {
        var options = new TokenOptions
        {
            Issuer = settings.TokenIssuer,
            Audience = settings.TokenAudience,
            UserClaim = settings.TokenUser,
            Leeway = settings.TokenLeeway,
        };
        if (!key.Contains("://", StringComparison.Ordinal))
        {
            Add((key, options), () => TokenCheck.FromFile(key, options));
            return;
        }
        if (TrustedAddress(key) is not { } address)
            throw new UsageException($"--token-key takes a file or an https address, not '{key}'. Whoever can change keys on their way can let anybody in.");
        HttpClient client = Add(("keys", key), () => new HttpClient());
        Add((key, options), () => TokenCheck.FromEndpoint(address, client, options));
    }

    private void AddService(string service)
    {
        if (TrustedAddress(service) is not { } address)
            throw new UsageException($"--auth-url takes an https address, not '{service}': passwords are sent there. On this machine http will do.");
        HttpClient client = Add(("service", service), () => new HttpClient { Timeout = Timeout.InfiniteTimeSpan }); // the check has a limit of its own
        Add(("auth_url", service), () => new HttpCheck(address, client, new HttpCheckOptions()));
    }

    private static Uri? TrustedAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) ? address : null;

    private static bool IsLocal(BrokerOptions options) => options.Listeners.All(listener => listener.EndPoint is not IPEndPoint { Address: { } address } || IPAddress.IsLoopback(address));
}
