// A capture of 1,000 clients that publish 64 bytes at QoS 1 in turn: PUBLISH, PUBACK with the TCP acknowledgement, and the TCP acknowledgement of that.
using System.Buffers.Binary;
using Godwit.Capture.Files;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Bench;

internal static class MqttCapture
{
    private const int Clients = 1000, Headers = 14 + 20 + 20, Payload = 64, FramesPerMessage = 3;

    // PUBLISH, QoS 1, topic "sensors/kitchen", packet identifier, payload; and PUBACK.
    private static readonly byte[] Publish = [0x32, 2 + 15 + 2 + Payload, 0, 15, .. "sensors/kitchen"u8, 0, 1, .. new byte[Payload]];
    private static readonly byte[] Puback = [0x40, 2, 0, 1];

    /// <summary>How many bytes of data so many frames have.</summary>
    public static long DataBytes(long frames) => (frames + 2) / FramesPerMessage * Publish.Length + (frames + 1) / FramesPerMessage * Puback.Length;

    /// <summary>Writes so many frames.</summary>
    public static void Write(Stream stream, int frames)
    {
        using var writer = new PcapngWriter(stream);
        writer.AddInterface(LinkType.Ethernet);
        byte[] frame = new byte[Headers + Publish.Length];
        for (int i = 0; i < frames; i++)
        {
            int message = i / FramesPerMessage, client = message % Clients, round = message / Clients;
            uint sent = (uint)(1 + round * Publish.Length), answered = (uint)(1 + round * Puback.Length);
            int length = (i % FramesPerMessage) switch
            {
                0 => Make(frame, client, true, sent, answered, Publish),
                1 => Make(frame, client, false, answered, sent + (uint)Publish.Length, Puback),
                _ => Make(frame, client, true, sent + (uint)Publish.Length, answered + (uint)Puback.Length, default),
            };
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), (ushort)(i + 1));
            writer.WriteFrame(0, 1_700_000_000_000_000_000 + i * 10_000L, frame.AsSpan(0, length));
        }
    }

    private static int Make(Span<byte> frame, int client, bool isFromClient, uint sequence, uint acknowledgement, ReadOnlySpan<byte> data)
    {
        uint device = 0x0a000000u + (uint)client, broker = 0x0aff0001;
        frame[..Headers].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x0800);
        Span<byte> ip = frame[14..], tcp = frame[34..];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(40 + data.Length));
        ip[8] = 64;
        ip[9] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], isFromClient ? device : broker);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], isFromClient ? broker : device);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, isFromClient ? (ushort)40_000 : (ushort)1883);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], isFromClient ? (ushort)1883 : (ushort)40_000);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledgement);
        tcp[12] = 0x50;
        tcp[13] = (byte)(data.IsEmpty ? TcpFlags.Ack : TcpFlags.Ack | TcpFlags.Psh);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 500);
        data.CopyTo(tcp[20..]);
        return Headers + data.Length;
    }
}
