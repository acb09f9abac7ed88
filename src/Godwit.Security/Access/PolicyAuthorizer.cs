using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Files;

namespace Godwit.Security.Access;

/// <summary>Lets clients do what the rules of a file allow. When the file is read again the new rules hold for everybody at once.</summary>
public sealed class PolicyAuthorizer : IAuthorizer, IReloadable
{
    private readonly FileSnapshot<AccessPolicy>? _file;

    private PolicyAuthorizer(FileSnapshot<AccessPolicy>? file) => _file = file;

    /// <summary>What is in force.</summary>
    public AccessPolicy Policy => _file?.Current ?? AccessPolicy.Open;

    /// <inheritdoc/>
    public bool RestrictsDelivery => true;

    /// <summary>Reads an ACL file of mosquitto.</summary>
    /// <exception cref="SecurityFileException">It cannot be used; the message says why.</exception>
    public static PolicyAuthorizer FromAclFile(string path) => new(new FileSnapshot<AccessPolicy>(path, AclFile.Parse));

    /// <summary>Reads a policy in YAML.</summary>
    /// <exception cref="SecurityFileException">It cannot be used; the message says why.</exception>
    public static PolicyAuthorizer FromPolicyFile(string path) => new(new FileSnapshot<AccessPolicy>(path, PolicyFile.Parse));

    /// <summary>Without rules of its own: only clients that bring rules along (<c>acl</c> of a token or of a service's answer) are restricted.</summary>
    public static PolicyAuthorizer WithoutFile() => new(null);

    /// <inheritdoc/>
    public Action? Prepare() => _file?.Prepare();

    /// <inheritdoc/>
    public IClientAccess Open(ClientFacts client) => new ClientAccess(this, client);

    /// <inheritdoc/>
    public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => Open(client).MayPublish(topic, qos, retain);

    /// <inheritdoc/>
    public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => Open(client).MaySubscribe(filter, options);

    private ClientAccess Open(ClientIdentity client) => new(this, new ClientFacts(client.ClientId, client.UserName));
}

/// <summary>What one client may do, with the answers about its latest topics.</summary>
internal sealed class ClientAccess(PolicyAuthorizer authorizer, ClientFacts client) : IClientAccess
{
    private CompiledAccess? _rules;
    private DecisionCache _cache;

    public bool MayConnect => Rules.Connect().IsAllowed;

    // Made with the first question: what is connected and silent costs nothing.
    private CompiledAccess Rules
    {
        get
        {
            AccessPolicy policy = authorizer.Policy;
            if (_rules is { } rules && rules.Policy == policy) return rules;
            _cache.Clear();
            return _rules = new CompiledAccess(policy, client);
        }
    }

    public bool MayPublish(ReadOnlySpan<byte> topic, QoS qos, bool retain) => (Answer(topic) & CompiledAccess.Publish(qos, retain)) != 0;

    public bool MaySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options) => Rules.Subscribe(filter).IsAllowed;

    public bool MayReceive(ReadOnlySpan<byte> topic) => (Answer(topic) & CompiledAccess.Receive) != 0;

    private byte Answer(ReadOnlySpan<byte> topic)
    {
        CompiledAccess rules = Rules; // first: it empties the cache when rules have changed
        if (_cache.TryFind(topic, out byte answer)) return answer;
        answer = rules.Answer(topic);
        _cache.Add(topic, answer);
        return answer;
    }
}
