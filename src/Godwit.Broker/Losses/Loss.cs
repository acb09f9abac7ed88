using System.Text.Json.Serialization;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Losses;

/// <summary>What one client has lost below one topic prefix for one reason.</summary>
public sealed record Loss
{
    /// <summary>
    /// The client that did not get it, or, of a refused publish, whose it was; a shared subscription (<c>$share/NAME/FILTER</c>) while no member
    /// had been chosen; <see cref="Others"/> for entries that had to make room, in one for each event loop and reason. At most 256 characters.
    /// </summary>
    public required string Client { get; init; }

    /// <summary>The topic's first levels; empty where the broker does not know the topic any more. At most 64 bytes.</summary>
    public required string TopicPrefix { get; init; }

    /// <summary>Why.</summary>
    public required DropReason Reason { get; init; }

    /// <summary>How many messages.</summary>
    public required long Count { get; init; }

    /// <summary>Bytes of their payloads, as far as the broker still had them.</summary>
    public required long Bytes { get; init; }

    /// <summary>When the first one was lost.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>When the last one was lost.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>The last few, the newest first.</summary>
    public required IReadOnlyList<LossSample> Samples { get; init; }

    /// <summary>The <see cref="Client"/> of what was counted for many others.</summary>
    public const string Others = "(others)";

    /// <summary>The <see cref="Client"/> of the broker's own messages.</summary>
    public const string Broker = "(broker)";
}

/// <summary>One of the messages that were lost.</summary>
/// <param name="Topic">Its topic; the first 96 bytes of it.</param>
/// <param name="Size">Bytes of its payload.</param>
/// <param name="QoS">The QoS of the delivery, or of the refused publish.</param>
/// <param name="Publisher">The client identifier of who published it; null for the broker's own, and where it is not known.</param>
/// <param name="At">When it was lost.</param>
public sealed record LossSample(string Topic, int Size, [property: JsonPropertyName("qos")] QoS QoS, string? Publisher, DateTimeOffset At);
