namespace Godwit.Protocol.Fields;

/// <summary>Reads any packet with the same readers as the broker, telling a sink of every field: the annotating mode.</summary>
public static class PacketFields
{
    /// <summary>Reports all fields of one complete packet, up to and including the one with the first violation.</summary>
    /// <param name="frame">The packet's fixed header.</param>
    /// <param name="packet">Its bytes from the first on.</param>
    /// <param name="version">The connection's protocol version; for CONNECT the packet itself tells it.</param>
    /// <param name="sink">Told of every field.</param>
    /// <returns>What is wrong with the packet, or null.</returns>
    public static Violation? Report<TSink>(in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink)
        where TSink : struct, IFieldSink
    {
        frame.Annotate(sink);
        Violation? violation;
        switch (frame.Type)
        {
            case PacketType.Connect: ConnectPacket.TryRead(frame, packet, sink, out _, out violation); break;
            case PacketType.Connack: ConnackPacket.TryRead(frame, packet, version, sink, out _, out violation); break;
            case PacketType.Publish: PublishPacket.TryRead(frame, packet, version, sink, out _, out violation); break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                PublishAckPacket.TryRead(frame, packet, version, sink, out _, out violation);
                break;
            case PacketType.Subscribe: SubscribePacket.TryRead(frame, packet, version, sink, out _, out violation); break;
            case PacketType.Suback or PacketType.Unsuback: SubackPacket.TryRead(frame, packet, version, sink, out _, out violation); break;
            case PacketType.Unsubscribe: UnsubscribePacket.TryRead(frame, packet, version, sink, out _, out violation); break;
            case PacketType.Pingreq or PacketType.Pingresp: PingPacket.TryRead(frame, out violation); break;
            case PacketType.Disconnect: DisconnectPacket.TryRead(frame, packet, version, sink, out _, out violation); break;
            case PacketType.Auth: AuthPacket.TryRead(frame, packet, sink, out _, out violation); break;
            default: violation = Violations.ReservedPacketType; break;
        }
        return violation;
    }
}
