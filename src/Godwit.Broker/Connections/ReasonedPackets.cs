// Packets that may carry a reason string. It is left out where the client does not want it, or where it would not fit.
using System.Text;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

internal static class ReasonedPackets
{
    private const int LongestReason = 512;

    /// <summary>DISCONNECT to an MQTT 5 client. <c>[MQTT-3.14.2-1]</c> <c>[MQTT-3.14.2-3]</c></summary>
    public static void SendDisconnect(ClientConnection connection, ReasonCode code, string? reason)
    {
        if (!code.IsAllowedIn(PacketType.Disconnect)) code = ReasonCode.UnspecifiedError;
        Span<byte> buffer = stackalloc byte[LongestReason + 8];
        var disconnect = new DisconnectPacket { ReasonCode = code, Properties = Reason(reason, buffer) };
        if (!connection.Limits.Fits(disconnect.Length(ProtocolVersion.V5))) disconnect = new DisconnectPacket { ReasonCode = code };
        if (!connection.Limits.Fits(disconnect.Length(ProtocolVersion.V5))) return;
        int length = disconnect.Length(ProtocolVersion.V5);
        connection.Transport.Advance(disconnect.Write(connection.Output(length), ProtocolVersion.V5));
        if (connection.Shard.Log.Packets) connection.Shard.Log.DisconnectSent(connection.Name, code);
    }

    /// <summary>A refusing PUBACK or PUBREC with its reason. <c>[MQTT-3.1.2-29]</c> <c>[MQTT-3.4.2-2]</c> <c>[MQTT-3.5.2-2]</c></summary>
    public static void SendAck(ClientConnection connection, PacketType type, ushort packetId, ReasonCode code, string reason)
    {
        Span<byte> buffer = stackalloc byte[LongestReason + 8];
        bool wanted = connection.Version == ProtocolVersion.V5 && connection.Limits.RequestProblemInformation;
        var ack = new PublishAckPacket { Type = type, PacketId = packetId, ReasonCode = code, Properties = Reason(wanted ? reason : null, buffer) };
        int length = ack.Length(connection.Version);
        if (!connection.Limits.Fits(length))
        {
            connection.SendAck(type, packetId, code);
            return;
        }
        connection.Transport.Advance(ack.Write(connection.Output(length), connection.Version));
        if (connection.Shard.Log.Packets) connection.Shard.Log.AckSent(connection.Name, type, packetId, code);
    }

    private static MqttProperties Reason(string? reason, Span<byte> buffer)
    {
        if (string.IsNullOrEmpty(reason)) return default;
        Span<byte> text = stackalloc byte[LongestReason];
        Encoding.UTF8.TryGetBytes(reason, text, out int length);
        if (length == 0) return default; // longer than anybody reads
        var writer = new PropertyWriter(buffer);
        writer.Add(PropertyId.ReasonString, text[..length]);
        return new MqttProperties(buffer[..writer.Length]);
    }
}
