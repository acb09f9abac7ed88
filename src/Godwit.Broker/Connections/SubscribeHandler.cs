// SUBSCRIBE and UNSUBSCRIBE (sections 3.8 and 3.10).
using System.Runtime.InteropServices;
using System.Text;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Connections;

internal sealed class SubscribeHandler(Shard shard)
{
    // Bytes of a subscription, with its place in the line for retained messages.
    private const int SubscriptionCost = 500;

    private readonly List<byte> _codes = [];

    public void OnSubscribe(ClientConnection connection, in SubscribePacket subscribe)
    {
        if (shard.Log.Packets) shard.Log.SubscribeReceived(connection.Name);
        uint identifier = subscribe.Properties.Number(PropertyId.SubscriptionIdentifier) ?? 0;
        _codes.Clear();
        foreach (RequestedSubscription entry in subscribe.Subscriptions) // in their order [MQTT-3.8.4-4] [MQTT-3.9.3-1], 5.0: [MQTT-3.8.4-5] [MQTT-3.9.3-1]
        {
            ReasonCode code = Subscribe(connection, entry.Filter, entry.Options, identifier);
            if (shard.Log.Packets) shard.Log.Filter(entry.Filter, entry.Options.MaximumQoS, code);
            _codes.Add(code.IsError() ? Failure(connection.Version, code, entry.Options.MaximumQoS) : (byte)code);
        }
        shard.Memory.Charge(connection, SubscriptionCost * _codes.Count);
        AnswerWhenStored(connection, PacketType.Suback, subscribe.PacketId, Codes()); // [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5], 5.0: [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-6]
    }

    public void OnUnsubscribe(ClientConnection connection, in UnsubscribePacket unsubscribe)
    {
        if (shard.Log.Packets) shard.Log.UnsubscribeReceived(connection.Name);
        _codes.Clear();
        foreach (ReadOnlySpan<byte> filter in unsubscribe.Filters)
        {
            Subscription? subscription = connection.Session!.Subscriptions.Find(filter); // [MQTT-3.10.4-1]
            _codes.Add((byte)(subscription is null ? ReasonCode.NoSubscriptionExisted : ReasonCode.Success));
            if (subscription is null) continue;
            connection.Session.Unsubscribe(subscription); // [MQTT-3.10.4-2]
        }
        ReadOnlySpan<byte> codes = connection.Version == ProtocolVersion.V5 ? Codes() : default;
        AnswerWhenStored(connection, PacketType.Unsuback, unsubscribe.PacketId, codes); // [MQTT-3.10.4-4] [MQTT-3.10.4-5]
    }

    private ReasonCode Subscribe(ClientConnection connection, ReadOnlySpan<byte> filter, SubscriptionOptions options, uint identifier)
    {
        ClientSession session = connection.Session!;
        if (filter.Count((byte)'/') >= session.Limits.TopicLevels) return ReasonCode.TopicFilterInvalid;
        bool isShared = TopicFilter.TrySplitShared(filter, out _, out ReadOnlySpan<byte> inner);
        if (!shard.Hooks.MaySubscribe(session.Access, inner, options))
        {
            shard.Log.SubscribeDenied(connection.Name, Encoding.UTF8.GetString(filter));
            return ReasonCode.NotAuthorized;
        }

        if (session.Durable is not null && shard.Store!.Failure is not null) return ReasonCode.QuotaExceeded;
        Subscription? subscription = session.Subscriptions.Find(filter);
        bool isNew = subscription is null;
        if (subscription is not null)
        {
            subscription.Replace(options, identifier); // [MQTT-3.8.4-3]
        }
        else
        {
            if (session.Subscriptions.Count >= session.Limits.Subscriptions) return ReasonCode.QuotaExceeded;
            if (shard.Memory.IsShedding) return ReasonCode.QuotaExceeded;
            subscription = new Subscription(session, filter.ToArray(), options, identifier);
            shard.AddSubscription(subscription);
            session.Subscriptions.Add(subscription);
        }
        session.Save(subscription);
        bool wantsRetained = options.RetainHandling == RetainHandling.Send // 5.0: [MQTT-3.3.1-9]
            || (options.RetainHandling == RetainHandling.SendIfNew && isNew); // 5.0: [MQTT-3.3.1-10] [MQTT-3.3.1-11]
        if (wantsRetained && !isShared) (session.Backlog ??= new RetainedBacklog(session)).Add(subscription); // 3.1.1: [MQTT-3.3.1-6]
        shard.Hooks.Subscribed(session.Identity, Encoding.UTF8.GetString(filter), options);
        return (ReasonCode)options.MaximumQoS; // granted as asked [MQTT-3.2.2-10]
    }

    /// <summary>How a version says that there is no subscription.</summary>
    private static byte Failure(ProtocolVersion version, ReasonCode code, QoS asked) => version switch
    {
        ProtocolVersion.V5 => (byte)code,
        ProtocolVersion.V31 => (byte)asked, // has no way to say it: "must therefore make a positive acknowledgement" (MQTT 3.1, section 3.8)
        _ => 0x80, // [MQTT-3.9.3-2]
    };

    // A persistent session's subscriptions are promised with the answer.
    private void AnswerWhenStored(ClientConnection connection, PacketType type, ushort packetId, ReadOnlySpan<byte> codes)
    {
        if (connection.Level == AcknowledgementLevel.Memory || connection.Session!.Durable is null)
        {
            Answer(connection, type, packetId, codes);
            connection.Session?.Backlog?.Pump();
            return;
        }
        byte[] kept = codes.ToArray();
        shard.Store!.WhenStored(connection.Level, () =>
        {
            if (connection.Phase != ConnectionPhase.Connected) return;
            Answer(connection, type, packetId, kept);
            connection.Session?.Backlog?.Pump();
        });
    }

    private ReadOnlySpan<byte> Codes() => CollectionsMarshal.AsSpan(_codes);

    private void Answer(ClientConnection connection, PacketType type, ushort packetId, ReadOnlySpan<byte> codes)
    {
        var ack = new SubackPacket { Type = type, PacketId = packetId, Codes = codes };
        int length = ack.Length(connection.Version);
        if (!connection.Limits.Fits(length)) // [MQTT-3.1.2-24]
        {
            connection.End(EndReason.ProtocolViolation, ReasonCode.PacketTooLarge, "The answer does not fit into the client's Maximum Packet Size");
            return;
        }
        connection.Transport.Advance(ack.Write(connection.Output(length), connection.Version));
        if (shard.Log.Packets) shard.Log.SubackSent(connection.Name, type);
    }
}
