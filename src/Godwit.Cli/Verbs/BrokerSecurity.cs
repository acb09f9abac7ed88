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

/// <summary>Who may connect to a broker and what for, read from files that can be read again.</summary>
/// <param name="parts">Checks and rules, in the order in which they are asked.</param>
/// <param name="allowAnonymous">Whether clients without a user name may connect; null for what is usual.</param>
internal sealed class BrokerSecurity(IReadOnlyList<object> parts, bool? allowAnonymous) : IDisposable
{
    private readonly ICredentialCheck[] _checks = [.. parts.OfType<ICredentialCheck>()];

    /// <summary>Reads the files.</summary>
    /// <exception cref="UsageException">One of them cannot be used.</exception>
    public static BrokerSecurity Open(SecuritySettings settings)
    {
        var parts = new List<object>();
        try
        {
            if (settings.PasswordFile is { } passwords) parts.Add(new PasswordCheck(passwords));
            if (settings.TokenKey is { } key) AddTokens(parts, key, settings);
            if (settings.AuthUrl is { } service) AddService(parts, service);
            if (settings.AclFile is { } acl) parts.Add(PolicyAuthorizer.FromAclFile(acl));
            if (settings.Policy is { } policy) parts.Add(PolicyAuthorizer.FromPolicyFile(policy));
            if (!parts.OfType<IAuthorizer>().Any() && parts.Any(part => part is TokenCheck or HttpCheck)) parts.Add(PolicyAuthorizer.WithoutFile());
            return new BrokerSecurity(parts, settings.AllowAnonymous);
        }
        catch (SecurityFileException wrong)
        {
            foreach (IDisposable part in parts.OfType<IDisposable>()) part.Dispose();
            throw new UsageException(wrong.Message);
        }
    }

    /// <summary>Whether whoever reaches the broker may connect.</summary>
    public bool IsOpen => _checks.Length == 0 && allowAnonymous == true;

    /// <summary>Whether nobody may connect: no user is known, and nobody may come without a name.</summary>
    public bool IsClosed(BrokerOptions options) =>
        _checks.Length == 0 && !(allowAnonymous ?? IsLocal(options)) && options.Listeners.All(listener => listener.UserName == CertificateUserName.None);

    /// <summary>The options with what was read. As with mosquitto, a broker that others can reach lets nobody in unless it is told whom.</summary>
    public BrokerOptions Apply(BrokerOptions options)
    {
        bool isForEverybody = _checks.Length == 0 && (allowAnonymous ?? IsLocal(options));
        IAuthenticator? authenticator = isForEverybody ? null : new AuthenticatorChain(_checks, allowAnonymous == true);
        return options with
        {
            Authenticator = authenticator,
            EnhancedAuthenticators = [.. parts.OfType<PasswordCheck>().Select(passwords => new ScramSha256Authenticator(passwords))],
            Authorizer = parts.OfType<IAuthorizer>().SingleOrDefault(),
        };
    }

    /// <summary>Reads all files again. What cannot be used stays as it was.</summary>
    /// <returns>What is wrong with those, a sentence for each.</returns>
    public IReadOnlyList<string> Reload()
    {
        var failures = new List<string>();
        foreach (IReloadable part in parts.OfType<IReloadable>())
        {
            try
            {
                part.Reload();
            }
            catch (SecurityFileException wrong)
            {
                failures.Add(wrong.Message);
            }
        }
        return failures;
    }

    public void Dispose()
    {
        foreach (IDisposable part in parts.OfType<IDisposable>().Reverse()) part.Dispose();
    }

    private static void AddTokens(List<object> parts, string key, SecuritySettings settings)
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
            parts.Add(TokenCheck.FromFile(key, options));
            return;
        }
        if (TrustedAddress(key) is not { } address)
            throw new UsageException($"--token-key takes a file or an https address, not '{key}'. Whoever can change keys on their way can let anybody in.");
        var client = new HttpClient();
        parts.Add(client);
        parts.Add(TokenCheck.FromEndpoint(address, client, options));
    }

    private static void AddService(List<object> parts, string service)
    {
        if (TrustedAddress(service) is not { } address)
            throw new UsageException($"--auth-url takes an https address, not '{service}': passwords are sent there. On this machine http will do.");
        var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan }; // the check has a limit of its own
        parts.Add(client);
        parts.Add(new HttpCheck(address, client, new HttpCheckOptions()));
    }

    private static Uri? TrustedAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) ? address : null;

    private static bool IsLocal(BrokerOptions options) => options.Listeners.All(listener => listener.EndPoint is not IPEndPoint { Address: { } address } || IPAddress.IsLoopback(address));
}
