// Writes one connection's packets into its output, shows them to the observer, and tells keep alive.
using Godwit.Client.Sessions;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;

namespace Godwit.Client.Connections;

internal sealed class PacketSender(TransportConnection transport, MqttClientOptions options)
{
    // Bytes of the Topic Alias property.
    private const int AliasSize = 3;

    private readonly ProtocolVersion _version = options.Version;
    private ConnectionLimits _limits = ConnectionLimits.Default;
    private OutboundTopicAliases? _aliases;
    private byte[] _scratch = [];

    /// <summary>When the last packet was sent, in milliseconds of the loop.</summary>
    public long LastSent { get; private set; }

    /// <summary>CONNACK has told what the server can take.</summary>
    public void SetLimits(ConnectionLimits limits)
    {
        _limits = limits;
        if (limits.TopicAliasMaximum > 0) _aliases = new OutboundTopicAliases(limits.TopicAliasMaximum); // [MQTT-3.2.2-17] [MQTT-3.2.2-18]
    }

    /// <summary>Bytes of the message's packet, without an alias.</summary>
    public int LengthOf(PublishOperation operation) => PacketOf(operation).Length(_version);

    /// <summary>Bytes of the request's packet; SUBSCRIBE and UNSUBSCRIBE have the same form.</summary>
    public int LengthOf(SubscriptionRequest request) => new UnsubscribePacket
    {
        Properties = new MqttProperties(request.Properties),
        Filters = new FilterList(request.Filters),
    }.Length(_version);

    /// <summary>A packet that is encoded already.</summary>
    public void Send(ReadOnlySpan<byte> packet)
    {
        Note(packet);
        transport.Write(packet);
    }

    public void SendAck(PacketType type, ushort packetId, ReasonCode code)
    {
        var ack = new PublishAckPacket { Type = type, PacketId = packetId, ReasonCode = code }; // [MQTT-2.3.1-6] [MQTT-2.2.1-5]
        int length = ack.Length(_version);
        Span<byte> packet = transport.GetOutput(length)[..length];
        ack.Write(packet, _version);
        Finish(packet);
    }

    public void SendRequest(SubscriptionRequest request)
    {
        int length = LengthOf(request);
        Span<byte> packet = transport.GetOutput(length)[..length];
        var properties = new MqttProperties(request.Properties);
        if (request.Type == PacketType.Subscribe)
            new SubscribePacket { PacketId = request.PacketId, Properties = properties, Subscriptions = new SubscriptionList(request.Filters) }.Write(packet, _version);
        else
            new UnsubscribePacket { PacketId = request.PacketId, Properties = properties, Filters = new FilterList(request.Filters) }.Write(packet, _version);
        Finish(packet);
    }

    public void SendPublish(PublishOperation operation, ushort packetId, bool dup)
    {
        PublishPacket publish = PacketOf(operation) with { PacketId = packetId, Dup = dup };
        if (_aliases is not null) publish = WithAlias(publish, operation.Properties);
        if (options.PacketObserver is not null)
        {
            var packet = new byte[publish.Length(_version)];
            publish.Write(packet, _version);
            Send(packet);
            return;
        }
        Span<byte> header = transport.GetOutput(publish.HeaderLength(_version));
        transport.Advance(publish.WriteHeader(header, _version, publish.Payload.Length));
        transport.Write(publish.Payload);
        LastSent = transport.Loop.Now;
    }

    /// <summary>DISCONNECT, without its properties if they make it too large. <c>[MQTT-3.14.2-3]</c> <c>[MQTT-3.14.2-4]</c></summary>
    public void SendDisconnect(ReasonCode code, ReadOnlySpan<byte> properties)
    {
        var disconnect = new DisconnectPacket { ReasonCode = code, Properties = new MqttProperties(properties) };
        if (!_limits.Fits(disconnect.Length(_version))) disconnect = new DisconnectPacket { ReasonCode = code };
        int length = disconnect.Length(_version);
        Span<byte> packet = transport.GetOutput(length)[..length];
        disconnect.Write(packet, _version);
        Finish(packet);
    }

    private static PublishPacket PacketOf(PublishOperation operation) => new()
    {
        QoS = operation.QoS,
        Retain = operation.Retain,
        Topic = operation.Topic,
        Properties = new MqttProperties(operation.Properties),
        Payload = operation.Payload,
    };

    // An alias is only given when the packet that introduces it is sure to be sent.
    private PublishPacket WithAlias(PublishPacket publish, ReadOnlySpan<byte> properties)
    {
        if (!_limits.Fits(publish.Length(_version) + AliasSize + 3)) return publish; // 3: its lengths may need more bytes
        ushort alias = _aliases!.Assign(publish.Topic, out bool isNew);
        if (alias == 0) return publish;
        if (_scratch.Length < properties.Length + AliasSize) _scratch = new byte[properties.Length + AliasSize];
        var writer = new PropertyWriter(_scratch);
        writer.Add(PropertyId.TopicAlias, alias);
        writer.AddEncoded(properties);
        return publish with { Topic = isNew ? publish.Topic : default, Properties = writer.Written };
    }

    private void Finish(ReadOnlySpan<byte> packet)
    {
        Note(packet);
        transport.Advance(packet.Length);
    }

    private void Note(ReadOnlySpan<byte> packet)
    {
        LastSent = transport.Loop.Now;
        if (options.PacketObserver is not { } observer) return;
        PacketFrame.Read(packet, _version, ConnectionLimits.LargestPacket, out PacketFrame frame, out _);
        observer.OnSent(frame, packet);
    }
}
