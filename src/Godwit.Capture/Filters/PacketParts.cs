// The parts of a packet that filters, views and statistics ask for, by the codec. A packet that is broken or not whole gives what was read.
using Godwit.Capture.Mqtt;
using Godwit.Protocol;

namespace Godwit.Capture.Filters;

/// <summary>Finds the parts of packets without allocating.</summary>
public static class PacketParts
{
    /// <summary>A CONNECT, as far as it could be read.</summary>
    public static ConnectPacket Connect(in ObservedPacket packet)
    {
        ConnectPacket connect = default;
        if (packet.Type == PacketType.Connect && packet.IsWhole) ConnectPacket.TryRead(packet.Frame, packet.Bytes, out connect, out _);
        return connect;
    }

    /// <summary>The packet identifier; 0 where there is none.</summary>
    public static ushort PacketId(in ObservedPacket packet)
    {
        if (!packet.IsWhole) return 0;
        switch (packet.Type)
        {
            case PacketType.Publish:
                return packet.Publish.PacketId;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                PublishAckPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishAckPacket ack, out _);
                return ack.PacketId;
            case PacketType.Subscribe:
                SubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubscribePacket subscribe, out _);
                return subscribe.PacketId;
            case PacketType.Unsubscribe:
                UnsubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out UnsubscribePacket unsubscribe, out _);
                return unsubscribe.PacketId;
            case PacketType.Suback or PacketType.Unsuback:
                SubackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubackPacket suback, out _);
                return suback.PacketId;
            default:
                return 0;
        }
    }

    /// <summary>The return or reason code of a packet that has one; the first of SUBACK and UNSUBACK. Null if it has none.</summary>
    public static byte? Code(in ObservedPacket packet)
    {
        if (!packet.IsWhole) return null;
        switch (packet.Type)
        {
            case PacketType.Connack:
                ConnackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out ConnackPacket connack, out _);
                return connack.Code;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp when packet.Version == ProtocolVersion.V5:
                PublishAckPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishAckPacket ack, out _);
                return (byte)ack.ReasonCode;
            case PacketType.Suback or PacketType.Unsuback:
                SubackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubackPacket suback, out _);
                return suback.Codes.IsEmpty ? null : suback.Codes[0];
            case PacketType.Disconnect when packet.Version == ProtocolVersion.V5:
                DisconnectPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out DisconnectPacket disconnect, out _);
                return (byte)disconnect.ReasonCode;
            case PacketType.Auth:
                AuthPacket.TryRead(packet.Frame, packet.Bytes, out AuthPacket auth, out _);
                return (byte)auth.ReasonCode;
            default:
                return null;
        }
    }

    /// <summary>The topic filter with this index of a SUBSCRIBE or UNSUBSCRIBE; false if there is none.</summary>
    public static bool TryFilter(in ObservedPacket packet, int index, out ReadOnlySpan<byte> filter, out SubscriptionOptions options)
    {
        filter = default;
        options = default;
        if (!packet.IsWhole) return false;
        if (packet.Type == PacketType.Subscribe)
        {
            SubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubscribePacket subscribe, out _);
            foreach (RequestedSubscription requested in subscribe.Subscriptions)
            {
                if (index-- > 0) continue;
                filter = requested.Filter;
                options = requested.Options;
                return true;
            }
        }
        else if (packet.Type == PacketType.Unsubscribe)
        {
            UnsubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out UnsubscribePacket unsubscribe, out _);
            foreach (ReadOnlySpan<byte> requested in unsubscribe.Filters)
            {
                if (index-- > 0) continue;
                filter = requested;
                return true;
            }
        }
        return false;
    }
}
