// The way back of an answer: to the client that has asked, and to nobody else, whatever it or others have subscribed.
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Godwit.Broker.Connections;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Control;

internal sealed class ControlReply
{
    // Fixed header, lengths, and what follows the entries of a page.
    private const int Overhead = 128;

    private readonly ClientConnection _connection;
    private readonly byte[] _topic, _properties, _correlation;
    private byte[]? _more; // the topic of what goes on behind the answer

    /// <summary>Called when the request comes; the connection takes nothing more until it is answered.</summary>
    public ControlReply(ClientConnection connection, ReadOnlySpan<byte> requestTopic, MqttProperties properties)
    {
        _connection = connection;
        Administrator = connection.Name;
        _topic = properties.TryFind(PropertyId.ResponseTopic, out MqttProperty given) ? given.Value.ToArray() : [.. requestTopic, .. "/response"u8];
        ReadOnlySpan<byte> correlation = properties.Bytes(PropertyId.CorrelationData);
        var writer = new PropertyWriter(new byte[correlation.Length + 8]);
        if (properties.TryFind(PropertyId.CorrelationData, out _)) writer.Add(PropertyId.CorrelationData, correlation);
        _correlation = writer.Written.Encoded.ToArray();
        writer.Add(PropertyId.PayloadFormatIndicator, 1);
        _properties = writer.Written.Encoded.ToArray();
        connection.Hold();
    }

    /// <summary>Bytes of JSON that the client can take.</summary>
    public int Room => Math.Max(0, _connection.Limits.MaximumPacketSize - _topic.Length - _properties.Length - Overhead);

    /// <summary>Who has asked.</summary>
    public string Administrator { get; }

    /// <summary>The connection that has asked.</summary>
    public ClientConnection Connection => _connection;

    /// <summary>Sends the answer if the client can take it. From any loop, once.</summary>
    public void Send<T>(T answer, JsonTypeInfo<T> type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(answer, type);
        if (json.Length <= Room) Send(json);
        else Fail($"The answer has {json.Length} bytes and does not fit into your Maximum Packet Size.");
    }

    /// <summary>Sends an answer that has been made to fit. From any loop, once.</summary>
    public void Send(ReadOnlyMemory<byte> json) => _connection.Shard.Loop.PostOrRun(() =>
    {
        _connection.Release();
        if (_connection.Session is not { } session) return;
        var view = new PublicationView
        {
            Topic = _topic,
            Properties = _properties,
            Payload = json.Span,
            OwnedPayload = json,
            ExpiresAt = PublicationView.Never,
        };
        session.Offer(ref view, QoS.AtMostOnce, retain: false, identifiers: null, member: null);
    });

    /// <summary>Sends what goes on behind an answer, below its topic. On the loop of a connection that has room.</summary>
    public void SendMore(ReadOnlyMemory<byte> payload)
    {
        var view = new PublicationView
        {
            Topic = _more ??= [.. _topic, .. "/stream"u8],
            Properties = _correlation,
            Payload = payload.Span,
            OwnedPayload = payload,
            ExpiresAt = PublicationView.Never,
        };
        _connection.Publisher.Send(ref view, new Delivery(null, QoS.AtMostOnce, false, null, null), 0, dup: false);
    }

    /// <summary>Says why there is no answer.</summary>
    public void Fail(string error) => Send(JsonSerializer.SerializeToUtf8Bytes(new ControlError(error), ControlJson.Instance.ControlError));
}
