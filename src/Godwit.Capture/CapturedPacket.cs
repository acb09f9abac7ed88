using System.Diagnostics.CodeAnalysis;
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Filters;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Views;
using Godwit.Protocol;

namespace Godwit.Capture;

/// <summary>A packet of a capture, with everything that belongs to it; may be kept.</summary>
public sealed record CapturedPacket
{
    /// <summary>Its number among all packets, from 1 on.</summary>
    public required long Number { get; init; }

    /// <summary>Where its first byte was seen.</summary>
    public required Arrival First { get; init; }

    /// <summary>Where its last byte was seen.</summary>
    public required Arrival Last { get; init; }

    /// <summary>Its connection.</summary>
    public required ObservedConnection Connection { get; init; }

    /// <summary>Whether the MQTT client has sent it.</summary>
    public required bool IsFromClient { get; init; }

    /// <summary>The end that has sent it.</summary>
    public required Side Side { get; init; }

    /// <summary>The client identifier; null if it is not known.</summary>
    public required string? ClientId { get; init; }

    /// <summary>The fixed header.</summary>
    public required PacketFrame Frame { get; init; }

    /// <summary>The packet type.</summary>
    public PacketType Type => Frame.Type;

    /// <summary>The version by which it was read.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>The bytes; of a very large packet only the first.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>PUBLISH: the topic, also where an alias stands for it; otherwise null.</summary>
    public required string? Topic { get; init; }

    /// <summary>PUBLISH: the payload; otherwise empty.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>How long the request that this answers has waited for it; null if it answers none.</summary>
    public required TimeSpan? ResponseTime { get; init; }

    /// <summary>What is wrong with its bytes; null if nothing is.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>What was found in it.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Its fields as a tree, with name, place, value and meaning of each.</summary>
    /// <param name="showPasswords">Whether passwords are shown; default false.</param>
    public PacketExplanation Explain(bool showPasswords = false) => Explainer.ExplainPacket(Bytes, Version, showPasswords);
}

/// <summary>Copies packets for those who want to keep them.</summary>
internal sealed class PacketCopies(CaptureFilter? filter) : IPacketView
{
    private readonly Queue<CapturedPacket> _packets = new();

    public bool TryTake([NotNullWhen(true)] out CapturedPacket? packet) => _packets.TryDequeue(out packet);

    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        if (filter is not null && !filter.Matches(packet, context)) return;
        byte[] bytes = packet.Bytes.ToArray();
        int payload = packet.Publish.Payload.Length;
        Exchange? answered = context.Answered;
        _packets.Enqueue(new CapturedPacket
        {
            Number = packet.Number,
            First = packet.First,
            Last = packet.Last,
            Connection = packet.Connection,
            IsFromClient = packet.IsFromClient,
            Side = packet.Side,
            ClientId = context.ClientId,
            Frame = packet.Frame,
            Version = packet.Version,
            Bytes = bytes,
            Topic = packet.Type == PacketType.Publish ? System.Text.Encoding.UTF8.GetString(packet.Topic) : null,
            Payload = bytes.AsMemory(bytes.Length - payload),
            ResponseTime = answered?.Time,
            Violation = packet.Violation,
            Findings = [.. context.Findings],
        });
    }
}
