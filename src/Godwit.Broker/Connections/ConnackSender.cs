// CONNACK and AUTH: what the server says while a connection is made (sections 3.2 and 3.15).
using System.Text;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

internal static class ConnackSender
{
    /// <summary>Accepts the client and tells an MQTT 5 client this server's limits. <c>[MQTT-3.1.4-4]</c>, 5.0: <c>[MQTT-3.1.4-5]</c></summary>
    public static void Accept(ClientConnection connection, ConnectRequest request, bool isSessionPresent, ushort keepAlive)
    {
        if (request.Version != ProtocolVersion.V5)
        {
            // [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3]; MQTT 3.1 has no session present flag
            Send(connection, new ConnackPacket { SessionPresent = isSessionPresent && request.Version == ProtocolVersion.V311 });
            return;
        }
        BrokerOptions options = connection.Shard.Options;
        var writer = new PropertyWriter(connection.Shard.Scratch(4096));
        uint expiry = connection.Session!.ExpiryInterval;
        if (expiry != request.SessionExpiryInterval) writer.Add(PropertyId.SessionExpiryInterval, expiry);
        if (options.ReceiveMaximum != ushort.MaxValue) writer.Add(PropertyId.ReceiveMaximum, options.ReceiveMaximum);
        if (options.MaximumQoS != QoS.ExactlyOnce) writer.Add(PropertyId.MaximumQoS, (uint)options.MaximumQoS); // [MQTT-3.2.2-9]
        if (!options.RetainAvailable) writer.Add(PropertyId.RetainAvailable, 0);
        writer.Add(PropertyId.MaximumPacketSize, (uint)options.MaximumPacketSize);
        if (request.IsAssignedId) writer.Add(PropertyId.AssignedClientIdentifier, Encoding.UTF8.GetBytes(request.ClientId)); // [MQTT-3.1.3-7] [MQTT-3.2.2-16]
        if (options.TopicAliasMaximum > 0) writer.Add(PropertyId.TopicAliasMaximum, options.TopicAliasMaximum);
        if (keepAlive != request.KeepAlive) writer.Add(PropertyId.ServerKeepAlive, keepAlive);
        if (request.Limits.RequestResponseInformation && options.ResponseInformation is { } information) // [MQTT-3.1.2-28]
            TryAdd(ref writer, PropertyId.ResponseInformation, information.Replace("%c", request.ClientId, StringComparison.Ordinal));
        if (request.AuthenticationMethod is { } method) // [MQTT-4.12.0-5] [MQTT-4.12.0-6]
        {
            TryAdd(ref writer, PropertyId.AuthenticationMethod, method);
            if (!request.AuthenticationData.IsEmpty) writer.Add(PropertyId.AuthenticationData, request.AuthenticationData.Span);
        }
        Send(connection, new ConnackPacket { SessionPresent = isSessionPresent, Properties = writer.Written }); // [MQTT-3.2.2-2] [MQTT-3.2.2-3]
    }

    /// <summary>Refuses the client; the caller closes. <c>[MQTT-3.2.2-5]</c>, 5.0: <c>[MQTT-3.2.2-7]</c></summary>
    public static void Refuse(ClientConnection connection, ReasonCode code, string? reason)
    {
        // Session present stays 0. [MQTT-3.2.2-4], 5.0: [MQTT-3.2.2-6]
        if (connection.Version != ProtocolVersion.V5)
        {
            // A client of an unknown version is answered in the form that all before MQTT 5 share. [MQTT-3.1.2-2]
            if (code.ToConnectReturnCode() is { } returnCode) Send(connection, new ConnackPacket { Code = (byte)returnCode });
            return; // no fitting return code: close without CONNACK [MQTT-3.2.2-6]
        }
        if (!code.IsAllowedIn(PacketType.Connack)) code = ReasonCode.UnspecifiedError; // [MQTT-3.2.2-8]
        var writer = new PropertyWriter(connection.Shard.Scratch(1024));
        if (reason is { Length: > 0 and < 300 }) TryAdd(ref writer, PropertyId.ReasonString, reason);
        var connack = new ConnackPacket { Code = (byte)code, Properties = writer.Written };
        bool fits = connection.Request?.Limits.Fits(connack.Length(ProtocolVersion.V5)) ?? true; // [MQTT-3.2.2-19]
        Send(connection, fits ? connack : new ConnackPacket { Code = (byte)code });
    }

    /// <summary>One step of an enhanced authentication. <c>[MQTT-4.12.0-2]</c> <c>[MQTT-4.12.0-5]</c></summary>
    public static void SendAuth(ClientConnection connection, ReasonCode code, ReadOnlyMemory<byte> data, string? reason)
    {
        byte[] method = Encoding.UTF8.GetBytes(connection.Request!.AuthenticationMethod!);
        var writer = new PropertyWriter(connection.Shard.Scratch(1024 + method.Length + data.Length));
        writer.Add(PropertyId.AuthenticationMethod, method);
        if (!data.IsEmpty) writer.Add(PropertyId.AuthenticationData, data.Span);
        MqttProperties needed = writer.Written;
        if (reason is { Length: > 0 and < 300 }) TryAdd(ref writer, PropertyId.ReasonString, reason);
        var auth = new AuthPacket { ReasonCode = code, Properties = writer.Written };
        if (!connection.Request.Limits.Fits(auth.Length)) auth = new AuthPacket { ReasonCode = code, Properties = needed }; // [MQTT-3.15.2-2]
        connection.Transport.Advance(auth.Write(connection.Output(auth.Length)));
    }

    private static void TryAdd(ref PropertyWriter writer, PropertyId id, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= 2048) writer.Add(id, bytes);
    }

    private static void Send(ClientConnection connection, ConnackPacket connack)
    {
        int length = connack.Length(connection.Version);
        connection.Transport.Advance(connack.Write(connection.Output(length), connection.Version));
        if (connection.Shard.Log.Packets) connection.Shard.Log.ConnackSent(connection.Name, connack.SessionPresent, connack.Code);
    }
}
