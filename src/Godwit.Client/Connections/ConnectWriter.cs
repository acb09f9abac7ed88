// CONNECT (section 3.1) from the options.
using Godwit.Client.Sessions;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Client.Connections;

/// <summary>Everything that CONNECT says, encoded once; only what changes from one connection to the next is an argument.</summary>
internal sealed class ConnectWriter
{
    private readonly MqttClientOptions _options;
    private readonly byte[]? _userName;
    private readonly byte[] _properties = [], _willTopic = [], _willProperties = [];

    /// <exception cref="ArgumentException">A string is not valid.</exception>
    public ConnectWriter(MqttClientOptions options)
    {
        _options = options;
        _userName = options.UserName is { } userName ? Text.Encode(userName, nameof(options.UserName)) : null; // [MQTT-3.1.3-11], 5.0: [MQTT-3.1.3-12]
        if (options.Will is { } will)
        {
            _willTopic = Text.Encode(will.Message.Topic, nameof(options.Will)); // [MQTT-3.1.3-10], 5.0: [MQTT-3.1.3-11]
            if (IsV5) _willProperties = MessageProperties.Encode(will.Message, will.DelayInterval);
        }
        if (IsV5) _properties = Properties(options);
        _ = Write(options.ClientId ?? "", true, _properties); // so that what is not valid is found here and not on the loop
    }

    private bool IsV5 => _options.Version == ProtocolVersion.V5;

    /// <summary>The packet of one attempt.</summary>
    public byte[] Write(string clientId, bool cleanStart) => Write(clientId, cleanStart, [.. _properties, .. Authentication()]);

    private byte[] Write(string clientId, bool cleanStart, byte[] properties)
    {
        MqttMessage? will = _options.Will?.Message;
        var connect = new ConnectPacket
        {
            Version = _options.Version,
            CleanStart = cleanStart,
            KeepAlive = (ushort)_options.KeepAlive.TotalSeconds,
            Properties = new MqttProperties(properties),
            ClientId = Text.Encode(clientId, nameof(clientId)), // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
            HasWill = will is not null, // [MQTT-3.1.2-9]
            WillTopic = _willTopic,
            WillPayload = will is null ? default : will.Payload.Span,
            WillQoS = will?.QoS ?? QoS.AtMostOnce, // [MQTT-3.1.2-13], 5.0: [MQTT-3.1.2-11]
            WillRetain = will?.Retain ?? false, // [MQTT-3.1.2-15], 5.0: [MQTT-3.1.2-13]
            WillProperties = new MqttProperties(_willProperties),
            HasUserName = _userName is not null,
            UserName = _userName,
            HasPassword = _options.Password is not null,
            Password = _options.Password.GetValueOrDefault().Span,
        };
        var packet = new byte[connect.Length];
        connect.Write(packet);
        return packet;
    }

    private static byte[] Properties(MqttClientOptions options)
    {
        var buffer = new PropertyBuffer();
        buffer.Add(PropertyId.SessionExpiryInterval, options.SessionExpiryInterval == 0 ? null : options.SessionExpiryInterval);
        buffer.Add(PropertyId.ReceiveMaximum, options.ReceiveMaximum == ushort.MaxValue ? null : (uint)options.ReceiveMaximum);
        buffer.Add(PropertyId.MaximumPacketSize, options.MaximumPacketSize == ConnectionLimits.LargestPacket ? null : (uint)options.MaximumPacketSize);
        buffer.Add(PropertyId.TopicAliasMaximum, options.TopicAliasMaximum == 0 ? null : (uint)options.TopicAliasMaximum);
        buffer.Add(PropertyId.RequestResponseInformation, options.RequestResponseInformation ? 1u : null);
        buffer.Add(options.UserProperties);
        return buffer.ToArray();
    }

    // A new exchange with each CONNECT.
    private byte[] Authentication()
    {
        if (!IsV5 || (_options.Authentication?.Method ?? _options.AuthenticationMethod) is not { } method) return [];
        ReadOnlyMemory<byte>? data = _options.Authentication is { } authentication ? authentication.Begin() : _options.AuthenticationData;
        var buffer = new PropertyBuffer();
        buffer.Add(PropertyId.AuthenticationMethod, method);
        buffer.Add(PropertyId.AuthenticationData, data is { IsEmpty: false } ? data : null);
        return buffer.ToArray();
    }
}
