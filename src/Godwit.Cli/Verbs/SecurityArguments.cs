// Who may connect to the broker and what for: the options, and what they make of the broker's options.
using System.CommandLine;
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Cli.CommandLine;
using Godwit.Security;
using Godwit.Security.Access;
using Godwit.Security.Files;
using Godwit.Security.Http;
using Godwit.Security.Passwords;
using Godwit.Security.Scram;
using Godwit.Security.Tokens;

namespace Godwit.Cli.Verbs;

internal sealed class SecurityArguments
{
    private readonly Option<string?> _passwordFile = OptionTypes.Text("--password-file", "FILE",
        "Users and their passwords, as godwit passwd and mosquitto_passwd write them");
    private readonly Option<string?> _aclFile = OptionTypes.Text("--acl-file", "FILE", "What clients may publish and receive: an ACL file of mosquitto");
    private readonly Option<string?> _policy = OptionTypes.Text("--policy", "FILE", "The same in godwit's own format, in YAML: users, groups, roles, limits");
    private readonly Option<string?> _tokenKey = OptionTypes.Text("--token-key", "FILE|URL",
        "Accept JSON Web Tokens as passwords: a public key in PEM, a key set or a secret in a file, or the key set of an issuer");
    private readonly Option<string?> _tokenIssuer = OptionTypes.Text("--token-issuer", "NAME", "Who must have issued tokens (default: anybody with the key)");
    private readonly Option<string?> _tokenAudience = OptionTypes.Text("--token-audience", "NAME", "Whom tokens must be for (default: anybody)");
    private readonly Option<string?> _tokenUser = OptionTypes.Text("--token-user", "CLAIM", "Which claim of a token is the user name (default sub)");
    private readonly Option<TimeSpan?> _tokenLeeway = OptionTypes.Seconds("--token-leeway", "By how much the issuer's clock may differ (default 30)");
    private readonly Option<string?> _authUrl = OptionTypes.Text("--auth-url", "URL", "Ask an HTTP service who may connect: it gets and answers JSON, as with EMQX");
    private readonly Option<bool> _allowAnonymous = OptionTypes.Flag("--allow-anonymous",
        "Clients without a user name may connect (default: to 127.0.0.1, where neither passwords nor tokens are asked for)");

    public Option[] Options => [_passwordFile, _tokenKey, _tokenIssuer, _tokenAudience, _tokenUser, _tokenLeeway, _authUrl, _allowAnonymous, _aclFile, _policy];

    /// <summary>Reads the files.</summary>
    /// <exception cref="UsageException">One of them cannot be used.</exception>
    public BrokerSecurity Open(ParseResult arguments)
    {
        if (arguments.GetValue(_aclFile) is not null && arguments.GetValue(_policy) is not null) throw new UsageException("--acl-file or --policy: one of them decides.");
        var parts = new List<object>();
        try
        {
            if (arguments.GetValue(_passwordFile) is { } passwords) parts.Add(new PasswordCheck(passwords));
            if (arguments.GetValue(_tokenKey) is { } key) AddTokens(parts, key, arguments);
            if (arguments.GetValue(_authUrl) is { } service) AddService(parts, service);
            if (arguments.GetValue(_aclFile) is { } acl) parts.Add(PolicyAuthorizer.FromAclFile(acl));
            if (arguments.GetValue(_policy) is { } policy) parts.Add(PolicyAuthorizer.FromPolicyFile(policy));
            return new BrokerSecurity(parts, arguments.GetValue(_allowAnonymous));
        }
        catch (SecurityFileException wrong)
        {
            foreach (IDisposable part in parts.OfType<IDisposable>()) part.Dispose();
            throw new UsageException(wrong.Message);
        }
    }

    private void AddTokens(List<object> parts, string key, ParseResult arguments)
    {
        var options = new TokenOptions
        {
            Issuer = arguments.GetValue(_tokenIssuer),
            Audience = arguments.GetValue(_tokenAudience),
            UserClaim = arguments.GetValue(_tokenUser) ?? "sub",
            Leeway = arguments.GetValue(_tokenLeeway) ?? TimeSpan.FromSeconds(30),
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
}

/// <summary>Who may connect to a broker and what for, read from files that can be read again.</summary>
/// <param name="parts">Checks and rules, in the order in which they are asked.</param>
/// <param name="allowAnonymous">Whether clients without a user name may connect.</param>
internal sealed class BrokerSecurity(IReadOnlyList<object> parts, bool allowAnonymous) : IDisposable
{
    private readonly ICredentialCheck[] _checks = [.. parts.OfType<ICredentialCheck>()];

    /// <summary>Whether whoever reaches the broker may connect.</summary>
    public bool IsOpen => _checks.Length == 0 && allowAnonymous;

    /// <summary>Whether nobody may connect: no user is known, and nobody may come without a name.</summary>
    public bool IsClosed(BrokerOptions options) =>
        _checks.Length == 0 && !allowAnonymous && !IsLocal(options) && options.Listeners.All(listener => listener.UserName == CertificateUserName.None);

    /// <summary>The options with what was read. As with mosquitto, a broker that others can reach lets nobody in unless it is told whom.</summary>
    public BrokerOptions Apply(BrokerOptions options)
    {
        bool isForEverybody = _checks.Length == 0 && (allowAnonymous || IsLocal(options));
        IAuthenticator? authenticator = isForEverybody ? null : new AuthenticatorChain(_checks, allowAnonymous);
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

    private static bool IsLocal(BrokerOptions options) => options.Listeners.All(listener => listener.EndPoint is not IPEndPoint { Address: { } address } || IPAddress.IsLoopback(address));
}
