// Who may connect to the broker and what for: the options, and what they make of the broker's options.
using System.CommandLine;
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Cli.CommandLine;
using Godwit.Security;
using Godwit.Security.Access;
using Godwit.Security.Files;
using Godwit.Security.Passwords;

namespace Godwit.Cli.Verbs;

internal sealed class SecurityArguments
{
    private readonly Option<string?> _passwordFile = OptionTypes.Text("--password-file", "FILE",
        "Users and their passwords, as godwit passwd and mosquitto_passwd write them");
    private readonly Option<string?> _aclFile = OptionTypes.Text("--acl-file", "FILE", "What clients may publish and receive: an ACL file of mosquitto");
    private readonly Option<string?> _policy = OptionTypes.Text("--policy", "FILE", "The same in godwit's own format, in YAML: users, groups, roles, limits");
    private readonly Option<bool> _allowAnonymous = OptionTypes.Flag("--allow-anonymous",
        "Clients without a user name may connect (default: only without --password-file, and to 127.0.0.1 only)");

    public Option[] Options => [_passwordFile, _allowAnonymous, _aclFile, _policy];

    /// <summary>Reads the files.</summary>
    /// <exception cref="UsageException">One of them cannot be used.</exception>
    public BrokerSecurity Open(ParseResult arguments)
    {
        if (arguments.GetValue(_aclFile) is not null && arguments.GetValue(_policy) is not null) throw new UsageException("--acl-file or --policy: one of them decides.");
        var parts = new List<object>();
        try
        {
            if (arguments.GetValue(_passwordFile) is { } passwords) parts.Add(new PasswordCheck(passwords));
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
    public bool IsClosed(BrokerOptions options) => _checks.Length == 0 && !allowAnonymous && !IsLocal(options);

    /// <summary>The options with what was read. As with mosquitto, a broker that others can reach lets nobody in unless it is told whom.</summary>
    public BrokerOptions Apply(BrokerOptions options)
    {
        bool isForEverybody = _checks.Length == 0 && (allowAnonymous || IsLocal(options));
        IAuthenticator? authenticator = isForEverybody ? null : new AuthenticatorChain(_checks, allowAnonymous);
        return options with { Authenticator = authenticator, Authorizer = parts.OfType<IAuthorizer>().SingleOrDefault() };
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
        foreach (IDisposable part in parts.OfType<IDisposable>()) part.Dispose();
    }

    private static bool IsLocal(BrokerOptions options) => options.Listeners.All(listener => IPAddress.IsLoopback(listener.EndPoint.Address));
}
