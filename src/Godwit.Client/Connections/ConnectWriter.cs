// CONNECT (section 3.1) from the options.
using Godwit.Client.Sessions;
using Godwit.Protocol;

namespace Godwit.Client.Connections;

/// <summary>Everything that CONNECT says, encoded once; only what changes from one connection to the next is an argument.</summary>
internal sealed class ConnectWriter
{
    private readonly MqttClientOptions _options;
    private readonly byte[]? _userName;
    private readonly byte[] _willTopic = [], _willProperties = [];

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
        _ = Properties(); // so that what is not valid is found here and not on the loop
    }

    private bool IsV5 => _options.Version == ProtocolVersion.V5;

    /// <summary>The packet of one attempt.</summary>
    public byte[] Write(string clientId, bool cleanStart)
    {
        MqttMessage? will = _options.Will?.Message;
        var connect = new ConnectPacket
        {
            Version = _options.Version,
            CleanStart = cleanStart,
            KeepAlive = (ushort)_options.KeepAlive.TotalSeconds,
            Properties = new MqttProperties(IsV5 ? Properties() : []),
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

    private byte[] Properties()
    {
        if (!IsV5) return [];
        var buffer = new PropertyBuffer();
        buffer.Add(PropertyId.SessionExpiryInterval, _options.SessionExpiryInterval == 0 ? null : _options.SessionExpiryInterval);
        buffer.Add(PropertyId.ReceiveMaximum, _options.ReceiveMaximum == ushort.MaxValue ? null : (uint)_options.ReceiveMaximum);
        buffer.Add(PropertyId.MaximumPacketSize, _options.MaximumPacketSize == Godwit.Session.ConnectionLimits.LargestPacket ? null : (uint)_options.MaximumPacketSize);
        buffer.Add(PropertyId.TopicAliasMaximum, _options.TopicAliasMaximum == 0 ? null : (uint)_options.TopicAliasMaximum);
        buffer.Add(PropertyId.RequestResponseInformation, _options.RequestResponseInformation ? 1u : null);
        buffer.Add(_options.UserProperties);
        if (_options.Authentication is { } authentication)
        {
            buffer.Add(PropertyId.AuthenticationMethod, authentication.Method);
            ReadOnlyMemory<byte> data = authentication.Begin();
            buffer.Add(PropertyId.AuthenticationData, data.IsEmpty ? null : data);
        }
        else if (_options.AuthenticationMethod is { } method)
        {
            buffer.Add(PropertyId.AuthenticationMethod, method);
            buffer.Add(PropertyId.AuthenticationData, _options.AuthenticationData);
        }
        return buffer.ToArray();
    }
}
