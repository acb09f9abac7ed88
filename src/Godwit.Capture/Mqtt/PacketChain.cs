// Whether packets begin at some place in a stream: the packets that would follow each other from there are read, and each that is right makes
// it more likely. A single one is found in random bytes now and then, a row of them is not.
using System.Buffers.Binary;
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Mqtt;

/// <summary>How plausible a place in a stream is as the beginning of packets.</summary>
internal readonly ref struct PacketChain
{
    /// <summary>Enough for any place in the middle of bytes.</summary>
    public const int Convincing = 12;

    /// <summary>Enough where packets are likely to begin: behind a gap, at the beginning of a capture.</summary>
    public const int Likely = 6;

    private const int MostPackets = 8;

    // Client to server only, and server to client only; DISCONNECT and AUTH may go both ways.
    private const int ClientTypes = 1 << 1 | 1 << 8 | 1 << 10 | 1 << 12, ServerTypes = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 13;

    private PacketChain(int score, int types, bool isExact)
    {
        Score = score;
        IsExact = isExact;
        IsClient = (types & ClientTypes) != 0;
        IsServer = (types & ServerTypes) != 0;
    }

    /// <summary>-1 if no packet can begin there; 0 if nothing speaks for it.</summary>
    public int Score { get; }

    /// <summary>Whether the bytes end where a packet does.</summary>
    public bool IsExact { get; }

    /// <summary>Whether a packet is among them that only a client sends.</summary>
    public bool IsClient { get; }

    /// <summary>Whether a packet is among them that only a server sends.</summary>
    public bool IsServer { get; }

    /// <summary>Reads on from the beginning of the bytes.</summary>
    public static PacketChain Read(ReadOnlySpan<byte> bytes)
    {
        int score = 0, types = 0;
        for (int packets = 0; packets < MostPackets && !bytes.IsEmpty; packets++)
        {
            FrameStatus status = FrameFinder.Find(bytes, ProtocolVersion.Unknown, out PacketFrame frame, out Violation? violation);
            if (status == FrameStatus.Malformed || violation is not null) return new PacketChain(-1, 0, false);
            types |= 1 << (bytes[0] >> 4);
            if ((types & ClientTypes) != 0 && (types & ServerTypes) != 0) return new PacketChain(-1, 0, false);
            int points = frame.HeaderLength == 0 ? 0 : status == FrameStatus.Complete ? Whole(frame, bytes[..frame.Length]) : Beginning(frame, bytes);
            if (points < 0) return new PacketChain(-1, 0, false);
            score += points;
            if (status != FrameStatus.Complete) return new PacketChain(score, types, false);
            bytes = bytes[frame.Length..];
        }
        return new PacketChain(score, types, bytes.IsEmpty);
    }

    private static int Whole(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        bool fits = PacketFields.Report(frame, packet, ProtocolVersion.V311, default(NoFields)) is null
            || PacketFields.Report(frame, packet, ProtocolVersion.V5, default(NoFields)) is null;
        if (!fits) return -1;
        return frame.Type switch
        {
            PacketType.Connect or PacketType.Connack => 8,
            PacketType.Publish => HasPlausibleTopic(frame, packet),
            PacketType.Pingreq or PacketType.Pingresp => 3,
            PacketType.Disconnect or PacketType.Auth => 1,
            _ => 4,
        };
    }

    // A packet that goes on behind the bytes.
    private static int Beginning(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        const int longestAcknowledgement = 70_000; // one reason string
        return frame.Type switch
        {
            PacketType.Publish => HasPlausibleTopic(frame, packet) is var points and > 0 ? points / 2 : HasPlausibleTopic(frame, packet),
            PacketType.Connect or PacketType.Subscribe or PacketType.Unsubscribe => frame.RemainingLength < 1 << 20 ? 1 : -1,
            _ => frame.RemainingLength <= longestAcknowledgement ? 0 : -1,
        };
    }

    // -1 if what is there cannot be a topic that anybody uses; more points for what is printable as a whole.
    private static int HasPlausibleTopic(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> body = packet[frame.HeaderLength..];
        if (body.Length < 2) return 0;
        int length = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (length + 2 > frame.RemainingLength) return -1;
        ReadOnlySpan<byte> topic = body.Slice(2, Math.Min(length, body.Length - 2));
        if (topic.ContainsAnyInRange((byte)0, (byte)31) || topic.ContainsAny((byte)'+', (byte)'#')) return -1;
        if (length == 0) return 2; // by alias
        if (topic.Length < length) return 1;
        return Utf8Text.Check(topic) is null ? length >= 3 ? 8 : 6 : -1;
    }
}
