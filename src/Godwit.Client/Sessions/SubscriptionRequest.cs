// One SUBSCRIBE or UNSUBSCRIBE that waits for its acknowledgement: encoded on the caller's thread, sent on the loop, sent anew (with
// another identifier) when the connection was lost before the answer came.
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Transport;

namespace Godwit.Client.Sessions;

internal abstract class SubscriptionRequest(Subscriptions owner, PacketType type, byte[] properties, byte[] filters, int count) : ILoopWork
{
    public PacketType Type => type;

    public ReadOnlySpan<byte> Properties => properties;

    /// <summary>The packet's payload.</summary>
    public ReadOnlySpan<byte> Filters => filters;

    /// <summary>How many filters there are.</summary>
    public int Count => count;

    /// <summary>Its identifier on this connection; 0 while it is not sent.</summary>
    public ushort PacketId { get; set; }

    void ILoopWork.Run(EventLoop loop) => owner.Submit(this);

    /// <summary>The acknowledgement, with as many codes as there are filters.</summary>
    public abstract void Complete(ReasonCode[] codes, in SubackPacket ack);

    public abstract void Fail(Exception exception);

    /// <summary>Checks a filter and gives its bytes.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    protected static byte[] Encode(string filter, ProtocolVersion version)
    {
        byte[] bytes = Text.Encode(filter, nameof(filter));
        return TopicFilter.Check(bytes, version) is { } violation ? throw new ArgumentException($"'{filter}': {violation.Describe(version)}", nameof(filter)) : bytes;
    }
}

internal sealed class SubscribeRequest : SubscriptionRequest
{
    private readonly TaskCompletionSource<SubscribeResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SubscribeRequest(Subscriptions owner, IReadOnlyList<MqttSubscription> subscriptions, uint? identifier, byte[] properties, byte[] filters)
        : base(owner, PacketType.Subscribe, properties, filters, subscriptions.Count)
    {
        Subscriptions = subscriptions;
        Identifier = identifier;
    }

    public IReadOnlyList<MqttSubscription> Subscriptions { get; }

    public uint? Identifier { get; }

    public Task<SubscribeResult> Task => _done.Task;

    public static SubscribeRequest Create(
        Subscriptions owner, ProtocolVersion version, IReadOnlyList<MqttSubscription> subscriptions, uint? identifier, IReadOnlyList<UserProperty>? userProperties = null)
    {
        if (subscriptions.Count == 0) throw new ArgumentException("There is nothing to subscribe to. [MQTT-3.8.3-2]", nameof(subscriptions)); // [MQTT-3.8.3-3], 5.0: [MQTT-3.8.3-2]
        if (identifier is 0 or > 268_435_455) throw new ArgumentOutOfRangeException(nameof(identifier), identifier, "A subscription identifier is 1 to 268,435,455.");
        var filters = new List<byte>();
        foreach (MqttSubscription subscription in subscriptions)
        {
            if (subscription.MaximumQoS > QoS.ExactlyOnce) throw new ArgumentException("The QoS is 0, 1 or 2.", nameof(subscriptions));
            byte[] filter = Encode(subscription.Filter, version); // [MQTT-3.8.3-1]
            if (version == ProtocolVersion.V5 && subscription.NoLocal && TopicFilter.IsShared(filter))
                throw new ArgumentException($"'{subscription.Filter}': {Violations.NoLocalOnShared}", nameof(subscriptions)); // 5.0: [MQTT-3.8.3-4]
            var encoded = new byte[filter.Length + 3];
            SubscriptionList.Write(encoded, filter, subscription.OptionsFor(version));
            filters.AddRange(encoded);
        }
        byte[] properties = [];
        if (version == ProtocolVersion.V5)
        {
            var buffer = new PropertyBuffer();
            buffer.Add(PropertyId.SubscriptionIdentifier, identifier);
            buffer.Add(userProperties ?? []);
            properties = buffer.ToArray();
        }
        return new SubscribeRequest(owner, subscriptions, identifier, properties, [.. filters]);
    }

    public override void Complete(ReasonCode[] codes, in SubackPacket ack) => _done.TrySetResult(new SubscribeResult
    {
        ReasonCodes = codes,
        ReasonString = Text.Find(ack.Properties, PropertyId.ReasonString),
        UserProperties = Text.UserProperties(ack.Properties),
        PacketId = ack.PacketId,
    });

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}

internal sealed class UnsubscribeRequest : SubscriptionRequest
{
    private readonly TaskCompletionSource<UnsubscribeResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private UnsubscribeRequest(Subscriptions owner, IReadOnlyList<string> names, byte[] properties, byte[] filters)
        : base(owner, PacketType.Unsubscribe, properties, filters, names.Count) => Names = names;

    public IReadOnlyList<string> Names { get; }

    public Task<UnsubscribeResult> Task => _done.Task;

    public static UnsubscribeRequest Create(Subscriptions owner, ProtocolVersion version, IReadOnlyList<string> names, IReadOnlyList<UserProperty>? userProperties)
    {
        if (names.Count == 0) throw new ArgumentException("There is nothing to unsubscribe from. [MQTT-3.10.3-2]", nameof(names)); // [MQTT-3.10.3-2]
        var filters = new List<byte>();
        foreach (string name in names)
        {
            byte[] filter = Encode(name, version); // [MQTT-3.10.3-1]
            var encoded = new byte[filter.Length + 2];
            FilterList.Write(encoded, filter);
            filters.AddRange(encoded);
        }
        byte[] properties = version == ProtocolVersion.V5 ? PropertyBuffer.Of(userProperties) : [];
        return new UnsubscribeRequest(owner, names, properties, [.. filters]);
    }

    public override void Complete(ReasonCode[] codes, in SubackPacket ack) => _done.TrySetResult(new UnsubscribeResult
    {
        ReasonCodes = codes,
        ReasonString = Text.Find(ack.Properties, PropertyId.ReasonString),
        UserProperties = Text.UserProperties(ack.Properties),
        PacketId = ack.PacketId,
    });

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}
