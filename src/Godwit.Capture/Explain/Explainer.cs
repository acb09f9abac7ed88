// From bytes to explanations: packets one after the other, the version from CONNECT, from the caller or from the bytes themselves.
using Godwit.Capture.Mqtt;
using Godwit.Protocol;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Explain;

/// <summary>How to explain.</summary>
public sealed record ExplainOptions
{
    /// <summary>The version of packets that no CONNECT stands in front of; default <see cref="ProtocolVersion.Unknown"/>: find out.</summary>
    public ProtocolVersion Version { get; init; }

    /// <summary>Whether passwords and authentication data are shown; default false.</summary>
    public bool ShowPasswords { get; init; }

    /// <summary>Whether payloads and user names are hidden as well; default false.</summary>
    public bool HideContent { get; init; }
}

/// <summary>Explains packets byte by byte.</summary>
public static class Explainer
{
    // Bytes that a length may be wrong by; where more are missing, the packet was just not copied as a whole.
    private const int MostMissing = 4;

    /// <summary>Explains the packets in the bytes, in their order. What is incomplete or broken is explained as far as it goes; nothing throws.</summary>
    /// <param name="bytes">Packets one after the other, of one direction of a connection.</param>
    /// <param name="options">How.</param>
    public static IReadOnlyList<PacketExplanation> Explain(ReadOnlyMemory<byte> bytes, ExplainOptions? options = null)
    {
        options ??= new ExplainOptions();
        var explanations = new List<PacketExplanation>();
        ProtocolVersion version = options.Version;
        VersionSource source = VersionSource.Given;
        if (version == ProtocolVersion.Unknown)
        {
            VersionGuess guess = Guess(bytes.Span);
            version = guess.Best;
            source = guess.IsCertain ? VersionSource.Bytes : VersionSource.Guess;
        }
        for (int start = 0; start < bytes.Length;)
        {
            PacketExplanation explanation = ExplainOne(bytes[start..], start, version, source, options);
            if (explanation.Type == PacketType.Connect)
            {
                if (explanation.Version != ProtocolVersion.Unknown) version = explanation.Version;
                source = VersionSource.Connect;
            }
            explanations.Add(explanation);
            start += explanation.Bytes.Length;
        }
        return explanations;
    }

    /// <summary>Explains one packet of a known connection.</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="version">The connection's version.</param>
    /// <param name="showPasswords">Whether passwords are shown.</param>
    public static PacketExplanation ExplainPacket(ReadOnlyMemory<byte> packet, ProtocolVersion version, bool showPasswords = false) =>
        ExplainPacket(packet, new ExplainOptions { Version = version, ShowPasswords = showPasswords });

    /// <summary>Explains one packet of a known connection.</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="options">The connection's version, and what to hide.</param>
    public static PacketExplanation ExplainPacket(ReadOnlyMemory<byte> packet, ExplainOptions options) =>
        ExplainOne(packet, 0, options.Version, VersionSource.Given, options);

    private static PacketExplanation ExplainOne(ReadOnlyMemory<byte> bytes, int start, ProtocolVersion version, VersionSource source, ExplainOptions options)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        bool isConnect = span[0] >> 4 == (int)PacketType.Connect;
        ProtocolVersion asked = isConnect ? AskedVersion(span) : version;
        FrameStatus status = FrameFinder.Find(span, asked, out PacketFrame frame, out Violation? violation);
        if (frame.HeaderLength == 0) return WithoutFrame(bytes, start, version, source, status == FrameStatus.Malformed ? violation : null);
        ReadOnlyMemory<byte> packet = bytes[..Math.Min(bytes.Length, frame.Length)];
        var reading = new PacketReading(frame, packet.Span, version, violation);
        var tree = new FieldTree(reading, packet, options);
        return new PacketExplanation
        {
            Start = start,
            Bytes = packet,
            Type = frame.Type,
            Version = reading.Version,
            VersionSource = isConnect ? VersionSource.Connect : source,
            FixedHeaderLength = tree.FixedHeaderLength,
            VariableHeaderLength = tree.VariableHeaderLength,
            Missing = frame.Length - packet.Length,
            Summary = PacketSummary.Of(reading, packet.Span, options.HideContent),
            Fields = tree.Groups,
            Violations = reading.Violations,
            Nearest = isConnect && !options.HideContent && (reading.Violations.Count > 0 || frame.Length - packet.Length is > 0 and <= MostMissing) ? NearestConnect.Find(bytes.Length < frame.Length + 2 ? bytes : packet, options.ShowPasswords) : null,
        };
    }

    // The fixed header has no end, or there can be no packet.
    private static PacketExplanation WithoutFrame(ReadOnlyMemory<byte> bytes, int start, ProtocolVersion version, VersionSource source, Violation? violation)
    {
        var type = (PacketType)(bytes.Span[0] >> 4);
        var children = new List<ExplainedField>
        {
            new("Packet type", 0, 1)
            {
                Mask = 0xF0, Value = $"{(int)type}", Meaning = type == PacketType.None ? "no packet has this type" : type.Name(),
                Section = FieldTitles.Section(Protocol.Fields.FieldName.PacketType, type, version),
                Violation = violation == Violations.ReservedPacketType ? violation : null,
            },
            new("Flags", 0, 1) { Mask = 0x0F, Value = $"{bytes.Span[0] & 15}" },
        };
        int length = Math.Min(4, bytes.Length - 1);
        if (length > 0 && type != PacketType.None)
            children.Add(new ExplainedField("Remaining Length", 1, length)
            {
                Meaning = $"{FieldWords.Arithmetic(bytes.Span.Slice(1, length))}, and the last byte says that another follows",
                Section = FieldTitles.Section(Protocol.Fields.FieldName.RemainingLength, type, version),
                Violation = violation == Violations.LengthTooLong ? violation : null,
            });
        int end = children[^1].Offset + children[^1].Length;
        if (end < bytes.Length) children.Add(new ExplainedField("Not read", end, bytes.Length - end) { Value = Readable.Payload(bytes.Span[end..]) });
        return new PacketExplanation
        {
            Start = start,
            Bytes = bytes,
            Type = type,
            Version = version,
            VersionSource = source,
            FixedHeaderLength = bytes.Length,
            Missing = violation is null ? null : 0,
            Summary = violation is null ? $"the beginning of a {type.Name()}" : "no MQTT packet",
            Fields = [new ExplainedField("Fixed header", 0, bytes.Length) { Children = children }],
            Violations = violation is null ? [] : [new PlacedViolation(violation, type == PacketType.None ? 0 : 1, type == PacketType.None ? 1 : length)],
        };
    }

    private static ProtocolVersion AskedVersion(ReadOnlySpan<byte> packet)
    {
        if (FrameFinder.Find(packet, ProtocolVersion.Unknown, out PacketFrame frame, out _) != FrameStatus.Complete) return ProtocolVersion.Unknown;
        ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out _);
        return connect.Version;
    }

    // By everything in front of the first CONNECT.
    private static VersionGuess Guess(ReadOnlySpan<byte> bytes)
    {
        var guess = new VersionGuess();
        while (!bytes.IsEmpty && FrameFinder.Find(bytes, ProtocolVersion.Unknown, out PacketFrame frame, out _) == FrameStatus.Complete)
        {
            if (frame.Type == PacketType.Connect) break;
            guess.OnPacket(frame, bytes[..frame.Length]);
            bytes = bytes[frame.Length..];
        }
        return guess;
    }
}
