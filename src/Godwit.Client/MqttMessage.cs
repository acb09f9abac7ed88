using Godwit.Protocol;

namespace Godwit.Client;

/// <summary>A user property: a name, not necessarily unique, and a value.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
public readonly record struct UserProperty(string Name, string Value);

/// <summary>
/// An application message: to be published, or received. Of the MQTT 5 properties nothing is sent by earlier versions.
/// </summary>
public sealed record MqttMessage
{
    /// <summary>The topic name.</summary>
    public required string Topic { get; init; }

    /// <summary>The payload; default empty. When publishing it is not copied and must not change until the publish has ended.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The Quality of Service; default 0.</summary>
    public QoS QoS { get; init; }

    /// <summary>To be retained by the server; of a received message: it was retained. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>Received messages: the server says that it may have sent it before.</summary>
    public bool Dup { get; init; }

    /// <summary>Received messages of QoS 1 and 2: the packet identifier; otherwise 0.</summary>
    public ushort PacketId { get; init; }

    /// <summary>MQTT 5: 0 bytes, 1 UTF-8 text; default null, not said.</summary>
    public byte? PayloadFormatIndicator { get; init; }

    /// <summary>MQTT 5: seconds after which it is not delivered any more; default null, never.</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>MQTT 5: a MIME type or what the application agrees on; default null.</summary>
    public string? ContentType { get; init; }

    /// <summary>MQTT 5: where an answer is expected; default null.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>MQTT 5: what pairs an answer with its request; default null.</summary>
    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    /// <summary>MQTT 5: user properties, in order; default none.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>Received messages, MQTT 5: the identifiers of the subscriptions that it matched.</summary>
    public IReadOnlyList<uint> SubscriptionIdentifiers { get; init; } = [];

    /// <summary>Received messages, MQTT 5: the topic alias the server used; null for none. Aliases for publishing are the client's own business.</summary>
    public ushort? TopicAlias { get; init; }

    /// <summary>The payload as UTF-8 text; ill-formed bytes come out as U+FFFD.</summary>
    public string PayloadText => System.Text.Encoding.UTF8.GetString(Payload.Span);
}
