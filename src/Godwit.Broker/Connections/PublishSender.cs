// Writes PUBLISH packets to one connection. A message that came by the same protocol and needs nothing changed but flags and packet
// identifier is copied as it came; anything else is written field by field.
using System.Buffers.Binary;
using Godwit.Broker.Hooks;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Connections;

internal sealed class PublishSender(ClientConnection connection)
{
    /// <summary>A payload of this size that has a place of its own is sent by reference.</summary>
    private const int SmallestReference = 4 * 1024;

    private OutboundTopicAliases? _aliases;

    /// <summary>The client allows topic aliases: use them. <c>[MQTT-3.1.2-26]</c> <c>[MQTT-3.1.2-27]</c></summary>
    public void UseAliases(int maximum) => _aliases = maximum > 0 ? new OutboundTopicAliases(maximum) : null;

    /// <summary>The topic that an alias stands for; empty if it has not been given.</summary>
    public ReadOnlySpan<byte> TopicOf(ushort alias) => _aliases is null ? default : _aliases.TopicOf(alias);

    /// <summary>Appends a PUBLISH to the connection's output.</summary>
    /// <param name="view">The message.</param>
    /// <param name="delivery">QoS, RETAIN and subscription identifiers of this delivery.</param>
    /// <param name="packetId">0 at QoS 0.</param>
    /// <param name="dup">Whether this is a retransmission, and nothing else. <c>[MQTT-3.3.1-3]</c></param>
    /// <returns>False if the message is not sent: too large for the client, or dropped by a hook. The drop has been counted.</returns>
    public bool Send(ref PublicationView view, in Delivery delivery, ushort packetId, bool dup)
    {
        HookDispatcher hooks = connection.Shard.Hooks;
        if (hooks.SeesMessages && !hooks.MessageOut(connection.Session?.Identity, view, delivery.QoS, delivery.Retain))
            return Refuse(DropReason.HookRefused, view, delivery.QoS);
        bool isV5 = connection.Version == ProtocolVersion.V5;
        int length = !view.Raw.IsEmpty && view.RawIsV5 == isV5 && view.QoS == delivery.QoS && delivery.Identifiers is null && _aliases is null
            ? SendRaw(ref view, delivery, packetId, dup)
            : SendFields(ref view, delivery, packetId, dup);
        if (length == 0) return Refuse(DropReason.PacketTooLarge, view, delivery.QoS); // 5.0: [MQTT-3.1.2-24] [MQTT-3.1.2-25]
        Shard shard = connection.Shard;
        shard.Counters.PublishSent++;
        shard.Counters.PublishBytesSent += view.Payload.Length;
        if (shard.Log.Packets) shard.Log.PublishSent(connection.Name, dup, delivery.QoS, delivery.Retain, packetId, view.Topic, view.Payload.Length);
        return true;
    }

    private int SendRaw(ref PublicationView view, in Delivery delivery, ushort packetId, bool dup)
    {
        int length = view.Raw.Length;
        if (!connection.Limits.Fits(length)) return 0;
        Span<byte> packet = connection.Output(length);
        view.Raw.CopyTo(packet);
        packet[0] = (byte)(0x30 | (dup ? 8 : 0) | (int)delivery.QoS << 1 | (delivery.Retain ? 1 : 0));
        if (packetId != 0) BinaryPrimitives.WriteUInt16BigEndian(packet[view.RawPacketIdOffset..], packetId);
        connection.Transport.Advance(length);
        return length;
    }

    private int SendFields(ref PublicationView view, in Delivery delivery, ushort packetId, bool dup)
    {
        ProtocolVersion version = connection.Version;
        var publish = new PublishPacket
        {
            Dup = dup,
            QoS = delivery.QoS,
            Retain = delivery.Retain,
            Topic = view.Topic,
            PacketId = packetId,
            Payload = view.Payload,
        };
        if (version == ProtocolVersion.V5) publish = WithProperties(publish, view, delivery);
        int length = publish.Length(version);
        if (!connection.Limits.Fits(length)) return 0;

        bool isKept = view.Kept is not null || view.OwnedPayload is not null;
        if (!isKept || view.Payload.Length < SmallestReference)
        {
            connection.Transport.Advance(publish.Write(connection.Output(length), version));
            return length;
        }
        Span<byte> header = connection.Output(publish.HeaderLength(version));
        connection.Transport.Advance(publish.WriteHeader(header, version, view.Payload.Length));
        if (view.Buffer is { } buffer) connection.Transport.WriteReference(view.OwnedPayload!.Value, buffer);
        else connection.Transport.WriteReference(view.Keep().Payload);
        connection.Shard.Counters.BytesSent += view.Payload.Length;
        return length;
    }

    // Message expiry, subscription identifiers and topic alias of this delivery, then what is forwarded as it came.
    private PublishPacket WithProperties(PublishPacket publish, scoped in PublicationView view, scoped in Delivery delivery)
    {
        uint[] identifiers = delivery.Identifiers ?? [];
        if (view.ExpiresAt == PublicationView.Never && identifiers.Length == 0 && _aliases is null)
            return publish with { Properties = new MqttProperties(view.Properties) };
        var writer = new PropertyWriter(connection.Shard.Scratch(16 + 5 * identifiers.Length + view.Properties.Length));
        if (view.ExpiresAt != PublicationView.Never) // [MQTT-3.3.2-6]
            writer.Add(PropertyId.MessageExpiryInterval, (uint)Math.Clamp((view.ExpiresAt - connection.Shard.Loop.Now + 999) / 1000, 0, uint.MaxValue));
        foreach (uint identifier in identifiers) writer.Add(PropertyId.SubscriptionIdentifier, identifier); // [MQTT-3.3.4-3]
        writer.AddEncoded(view.Properties);
        publish = publish with { Properties = writer.Written };

        // An alias is only given when the packet that introduces it is sure to be sent. [MQTT-3.3.2-11]
        const int aliasSize = 3;
        if (_aliases is null || !connection.Limits.Fits(publish.Length(ProtocolVersion.V5) + aliasSize + 4)) return publish;
        ushort alias = _aliases.Assign(view.Topic, out bool isNew);
        if (alias == 0) return publish;
        writer.Add(PropertyId.TopicAlias, alias);
        return publish with { Properties = writer.Written, Topic = isNew ? view.Topic : default };
    }

    private bool Refuse(DropReason reason, in PublicationView view, QoS qos)
    {
        connection.Session?.Drop(reason, view, qos);
        return false;
    }
}
