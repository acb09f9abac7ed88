// CONNACK and AUTH: what the server says while a connection is made (sections 3.2 and 3.15).
using System.Text;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

internal static class ConnackSender
{
    /// <summary>The user property that says what acknowledgements mean, where there is more than one possibility.</summary>
    private static readonly byte[] LevelName = "acknowledgement-level"u8.ToArray();

    /// <summary>Accepts the client. <c>[MQTT-3.1.4-4]</c>, 5.0: <c>[MQTT-3.1.4-5]</c></summary>
    /// <param name="connection">The client's connection.</param>
    /// <param name="isSessionPresent">Whether there was a session; MQTT 3.1 cannot be told.</param>
    /// <param name="properties">What <see cref="PropertiesFor"/> returned.</param>
    public static void Accept(ClientConnection connection, bool isSessionPresent, byte[] properties) =>
        Send(connection, new ConnackPacket // [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3]
        {
            SessionPresent = isSessionPresent && connection.Version != ProtocolVersion.V31,
            Properties = new MqttProperties(properties),
        });

    /// <summary>What an accepted MQTT 5 client is told of this server's limits; nothing before MQTT 5.</summary>
    /// <returns>Null if the client takes no packet of that size: then it cannot be accepted. 5.0: <c>[MQTT-3.1.2-24]</c></returns>
    public static byte[]? PropertiesFor(ClientConnection connection, ConnectRequest request, uint expiry, ushort keepAlive, ClientLimits limits)
    {
        if (request.Version != ProtocolVersion.V5) return [];
        BrokerOptions options = connection.Shard.Options;
        int characters = request.ClientId.Length + (request.AuthenticationMethod?.Length ?? 0); // of at most three bytes each
        var writer = new PropertyWriter(connection.Shard.Scratch(256 + 3 * characters + request.AuthenticationData.Length));
        if (expiry != request.SessionExpiryInterval) writer.Add(PropertyId.SessionExpiryInterval, expiry);
        if (options.ReceiveMaximum != ushort.MaxValue) writer.Add(PropertyId.ReceiveMaximum, options.ReceiveMaximum);
        if (options.MaximumQoS != QoS.ExactlyOnce) writer.Add(PropertyId.MaximumQoS, (uint)options.MaximumQoS); // [MQTT-3.2.2-9]
        if (!options.RetainAvailable) writer.Add(PropertyId.RetainAvailable, 0);
        writer.Add(PropertyId.MaximumPacketSize, (uint)limits.PacketSize);
        if (request.IsAssignedId) writer.Add(PropertyId.AssignedClientIdentifier, Encoding.UTF8.GetBytes(request.ClientId)); // 5.0: [MQTT-3.1.3-7] [MQTT-3.2.2-16]
        if (options.TopicAliasMaximum > 0) writer.Add(PropertyId.TopicAliasMaximum, options.TopicAliasMaximum);
        if (keepAlive != request.KeepAlive) writer.Add(PropertyId.ServerKeepAlive, keepAlive);
        if (request.AuthenticationMethod is { } method) // [MQTT-4.12.0-5] [MQTT-4.12.0-6]
        {
            writer.Add(PropertyId.AuthenticationMethod, Encoding.UTF8.GetBytes(method));
            if (!request.AuthenticationData.IsEmpty) writer.Add(PropertyId.AuthenticationData, request.AuthenticationData.Span);
        }
        byte[] needed = writer.Written.Encoded.ToArray();
        if (!Fits(connection, needed)) return null;
        if (options.Store is not null)
        {
            writer.AddUserProperty(LevelName, Encoding.UTF8.GetBytes(connection.Level.Name()));
            byte[] withLevel = writer.Written.Encoded.ToArray();
            if (Fits(connection, withLevel)) needed = withLevel;
        }
        if (!request.Limits.RequestResponseInformation || options.ResponseInformation is not { } template) return needed; // [MQTT-3.1.2-28]
        byte[] information = Encoding.UTF8.GetBytes(template.Replace("%c", request.ClientId, StringComparison.Ordinal));
        if (information.Length > ushort.MaxValue) return needed;
        byte[] all = [.. needed, (byte)PropertyId.ResponseInformation, (byte)(information.Length >> 8), (byte)information.Length, .. information];
        return Fits(connection, all) ? all : needed;
    }

    /// <summary>Refuses the client; the caller closes. <c>[MQTT-3.2.2-5]</c>, 5.0: <c>[MQTT-3.2.2-7]</c></summary>
    public static void Refuse(ClientConnection connection, ReasonCode code, string? reason)
    {
        // Session present stays 0. [MQTT-3.2.2-4], 5.0: [MQTT-3.2.2-6]
        if (connection.Version != ProtocolVersion.V5)
        {
            // A client of an unknown version is answered in the form that all before MQTT 5 share. [MQTT-3.1.2-2]
            if (code.ToConnectReturnCode() is { } returnCode) Send(connection, new ConnackPacket { Code = (byte)returnCode });
            return; // no fitting return code: close without CONNACK 3.1.1: [MQTT-3.2.2-6]
        }
        if (!code.IsAllowedIn(PacketType.Connack)) code = ReasonCode.UnspecifiedError; // [MQTT-3.2.2-8]
        var writer = new PropertyWriter(connection.Shard.Scratch(1024));
        AddReason(ref writer, reason);
        var connack = new ConnackPacket { Code = (byte)code, Properties = writer.Written };
        if (!connection.Limits.Fits(connack.Length(ProtocolVersion.V5))) connack = new ConnackPacket { Code = (byte)code }; // [MQTT-3.2.2-19]
        if (connection.Limits.Fits(connack.Length(ProtocolVersion.V5))) Send(connection, connack); // 5.0: [MQTT-3.1.2-24]
    }

    /// <summary>One step of an enhanced authentication. <c>[MQTT-4.12.0-2]</c> <c>[MQTT-4.12.0-5]</c></summary>
    /// <returns>False if the client takes no packet of that size; nothing is sent then. 5.0: <c>[MQTT-3.1.2-24]</c></returns>
    public static bool SendAuth(ClientConnection connection, ReasonCode code, ReadOnlyMemory<byte> data, string? reason)
    {
        byte[] method = Encoding.UTF8.GetBytes(connection.Request!.AuthenticationMethod!);
        var writer = new PropertyWriter(connection.Shard.Scratch(1024 + method.Length + data.Length));
        writer.Add(PropertyId.AuthenticationMethod, method);
        if (!data.IsEmpty) writer.Add(PropertyId.AuthenticationData, data.Span);
        MqttProperties needed = writer.Written;
        if (connection.Limits.RequestProblemInformation) AddReason(ref writer, reason); // [MQTT-3.1.2-29]
        var auth = new AuthPacket { ReasonCode = code, Properties = writer.Written };
        if (!connection.Limits.Fits(auth.Length)) auth = new AuthPacket { ReasonCode = code, Properties = needed }; // [MQTT-3.15.2-2]
        if (!connection.Limits.Fits(auth.Length)) return false;
        connection.Transport.Advance(auth.Write(connection.Output(auth.Length)));
        return true;
    }

    private static void AddReason(ref PropertyWriter writer, string? reason)
    {
        if (reason is { Length: > 0 and < 300 }) writer.Add(PropertyId.ReasonString, Encoding.UTF8.GetBytes(reason));
    }

    private static bool Fits(ClientConnection connection, byte[] properties) =>
        connection.Limits.Fits(new ConnackPacket { Properties = new MqttProperties(properties) }.Length(ProtocolVersion.V5));

    private static void Send(ClientConnection connection, ConnackPacket connack)
    {
        int length = connack.Length(connection.Version);
        connection.Transport.Advance(connack.Write(connection.Output(length), connection.Version));
        if (connection.Shard.Log.Packets) connection.Shard.Log.ConnackSent(connection.Name, connack.SessionPresent, connack.Code);
    }
}
