// What the synthetic captures show: every packet that there is, valid and broken, and everything that can happen to packets on their way.
using Godwit.Capture;
using Godwit.Capture.Tests.Network;
using Godwit.Protocol;
using Godwit.Testing;
using Godwit.Vectors;

namespace Godwit.Interop.Tests.Captures;

internal static class SyntheticScenes
{
    private static readonly byte[] Pingreq = [0xC0, 0], Pingresp = [0xD0, 0], Disconnect = [0xE0, 0];

    /// <summary>The captures by name.</summary>
    public static IReadOnlyDictionary<string, Action<SyntheticCapture>> All { get; } = new Dictionary<string, Action<SyntheticCapture>>
    {
        ["valid packets"] = capture => Vectors(capture, GoldenVectors.Valid),
        ["malformed packets"] = capture => Vectors(capture, GoldenVectors.Malformed),
        ["splits"] = Splits,
        ["split lengths"] = SplitLengths,
        ["retransmissions"] = Retransmissions,
        ["reordering"] = Reordering,
        ["loss"] = Loss,
        ["mid-stream"] = MidStream,
        ["mid-packet"] = MidPacket,
        ["links"] = Links,
        ["aliases"] = Aliases,
        ["sizes"] = Sizes,
    };

    private static byte[] Connect(ProtocolVersion version) => version switch
    {
        ProtocolVersion.V31 => Hex.Bytes("10 0F 00 06 'MQIsdp' 03 02 00 3C 00 01 'a'"),
        ProtocolVersion.V5 => Hex.Bytes("10 0E 00 04 'MQTT' 05 02 00 3C 00 00 01 'a'"),
        _ => Hex.Bytes("10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'a'"),
    };

    private static byte[] Connack(ProtocolVersion version) => version == ProtocolVersion.V5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0];

    private static byte[] Publish(string topic, int length, int qos = 0, ushort id = 0)
    {
        byte[] name = System.Text.Encoding.UTF8.GetBytes(topic), payload = new byte[length], packet = new byte[name.Length + length + 12];
        for (int i = 0; i < length; i++) payload[i] = (byte)('a' + i % 26);
        var publish = new PublishPacket { Topic = name, Payload = payload, QoS = (QoS)qos, PacketId = id };
        return packet[..publish.Write(packet, ProtocolVersion.V311)];
    }

    private static bool IsFromClient(PacketType type) =>
        type is PacketType.Connect or PacketType.Publish or PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.Pingreq or PacketType.Disconnect;

    // Each on a connection of its own, so that a broken one breaks nothing else.
    private static void Vectors(SyntheticCapture capture, IReadOnlyList<GoldenVector> vectors)
    {
        foreach (GoldenVector vector in vectors)
        {
            SyntheticConnection connection = capture.Connect();
            if (vector.Type != PacketType.Connect) connection.Client(Connect(vector.Version)).Server(Connack(vector.Version));
            connection.Send(connection.Next(IsFromClient(vector.Type), vector.Bytes));
            connection.Close();
        }
    }

    // All packets of a version one after the other: in segments of usual size, all in one, and in one byte each, but for the fixed headers.
    private static void Splits(SyntheticCapture capture)
    {
        foreach (ProtocolVersion version in new[] { ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5 })
        {
            byte[][] packets = [Connect(version), .. GoldenVectors.Canonical.Where(vector => vector.Version == version && IsFromClient(vector.Type) && vector.Type != PacketType.Connect)
                .OrderBy(vector => vector.Type == PacketType.Disconnect).Select(vector => vector.Bytes)];
            byte[] stream = [.. packets.SelectMany(packet => packet)];
            foreach (int size in new[] { 50, 1460, stream.Length })
            {
                SyntheticConnection connection = capture.Connect();
                foreach (byte[] piece in stream.Chunk(size)) connection.Client(piece);
                connection.Close();
            }
            SyntheticConnection slow = capture.Connect();
            foreach (byte[] packet in packets)
            {
                slow.Client(packet[..Math.Min(5, packet.Length)]);
                foreach (byte piece in packet.Skip(5)) slow.Client([piece]);
            }
            slow.Close();
        }
    }

    // Segments end between the bytes of a Remaining Length.
    private static void SplitLengths(SyntheticCapture capture)
    {
        SyntheticConnection connection = capture.Connect();
        connection.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        byte[] packet = Publish("a/b", 300);
        connection.Client(packet[..2]).Client(packet[2..]).Client(Pingreq).Close();
    }

    private static void Retransmissions(SyntheticCapture capture)
    {
        SyntheticConnection whole = capture.Connect();
        Segment connect = whole.Next(true, Connect(ProtocolVersion.V311));
        whole.Send(connect).Send(connect).Server(Connack(ProtocolVersion.V311));
        Segment publish = whole.Next(true, Publish("a/b", 20, 1, 7));
        whole.Send(publish).Send(publish).Server([0x40, 2, 0, 7]).Send(publish);
        whole.Close();

        // The second sending has more than the first: what follows came into the buffer meanwhile.
        SyntheticConnection growing = capture.Connect();
        growing.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        Segment first = growing.Next(true, Publish("a/b", 20)), second = growing.Next(true, Publish("a/c", 30));
        growing.Send(first).Send(first with { Data = [.. first.Data, .. second.Data] });
        growing.Client(Disconnect).Close();

        // A part of a packet again, together with its rest.
        SyntheticConnection overlapping = capture.Connect();
        overlapping.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        Segment all = overlapping.Next(true, Publish("a/b", 100));
        overlapping.Send(all with { Data = all.Data[..60] }).Send(new Segment(true, all.Sequence + 40, all.Data[40..]));
        overlapping.Client(Disconnect).Close();
    }

    private static void Reordering(SyntheticCapture capture)
    {
        SyntheticConnection swapped = capture.Connect();
        swapped.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        Segment first = swapped.Next(true, Publish("a/1", 20)), second = swapped.Next(true, Publish("a/2", 20)), third = swapped.Next(true, Publish("a/3", 20));
        swapped.Send(second).Send(first).Send(third);
        swapped.Client(Pingreq).Close();

        // A packet in three segments that come in the wrong order.
        SyntheticConnection parts = capture.Connect();
        parts.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        byte[] packet = Publish("a/b", 300);
        Segment[] segments = [.. packet.Chunk(110).Select(piece => parts.Next(true, piece))];
        parts.Send(segments[1]).Send(segments[2]).Send(segments[0]);
        parts.Client(Pingreq).Close();
    }

    private static void Loss(SyntheticCapture capture)
    {
        // A segment of whole packets is not in the capture: the receiver acknowledges it all the same.
        SyntheticConnection whole = capture.Connect();
        whole.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        whole.Client(Publish("a/1", 20));
        whole.Next(true, Publish("a/2", 20));
        whole.Ack(false).Client(Publish("a/3", 20)).Ack(false).Client(Publish("a/4", 20)).Client(Pingreq);
        whole.Close();

        // The end of a packet is missing, and the beginning of the next.
        SyntheticConnection middle = capture.Connect();
        middle.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        byte[] first = Publish("sensors/1", 100), second = Publish("sensors/2", 100);
        middle.Client(first[..60]);
        middle.Next(true, first[60..], second[..40]);
        middle.Ack(false).Client(second[40..], Publish("sensors/3", 100)).Ack(false);
        middle.Client(Publish("sensors/4", 30)).Client(Pingreq).Close();

        // The middle of a large packet is missing: where the next one begins can be told.
        SyntheticConnection large = capture.Connect();
        large.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        byte[][] pieces = [.. Publish("sensors/1", 4000).Chunk(1000)];
        large.Client(pieces[0]);
        large.Next(true, pieces[1]);
        large.Ack(false).Client(pieces[2]).Client(pieces[3]).Client(pieces[4]);
        large.Client(Publish("sensors/2", 30)).Client(Pingreq).Close();
    }

    // The capture begins when the connections exist already.
    private static void MidStream(SyntheticCapture capture)
    {
        SyntheticConnection old = capture.Connect(isFromBeginning: false);
        old.Client(Publish("sensors/1", 30, 1, 5)).Server([0x40, 2, 0, 5]).Client(Hex.Bytes("82 08 00 06 00 03 'a/b' 01")).Server(Hex.Bytes("90 03 00 06 01"));
        old.Client(Publish("sensors/2", 30)).Client(Pingreq).Server(Pingresp).Client(Disconnect).Close();

        SyntheticConnection five = capture.Connect(isFromBeginning: false);
        five.Client(Hex.Bytes("32 0F 00 03 'a/b' 00 05 05 02 00 00 00 3C 'on'")).Server(Hex.Bytes("40 03 00 05 10")).Client(Hex.Bytes("82 09 00 06 00 00 03 'a/b' 2D"));
        five.Server(Hex.Bytes("90 04 00 06 00 01")).Client(Pingreq).Server(Pingresp).Client(Hex.Bytes("E0 01 04")).Close();
    }

    // The first frame of the capture is in the middle of a packet.
    private static void MidPacket(SyntheticCapture capture)
    {
        SyntheticConnection within = capture.Connect(isFromBeginning: false);
        within.Client([.. Publish("sensors/1", 200)[80..], .. Publish("sensors/2", 30)]).Client(Publish("sensors/3", 30)).Client(Pingreq).Server(Pingresp).Close();
    }

    private static void Links(SyntheticCapture capture)
    {
        byte[] cooked = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], cooked2 = [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
        Session(capture.Connect());
        Session(capture.Connect(isIpV6: true));
        Session(capture.Connect(datagram => [Frames.Ethernet(0x8100, Frames.Tag(7, Frames.IPv4Type, datagram))]));
        Session(capture.Connect(datagram => [Frames.Ethernet(0x88a8, Frames.Tag(7, 0x8100, Frames.Tag(8, Frames.IPv6Type, datagram)))], isIpV6: true));
        Session(capture.Connect(datagram => [[.. cooked, .. datagram]], LinkType.LinuxCooked));
        Session(capture.Connect(datagram => [[.. cooked2, .. datagram]], LinkType.LinuxCooked2));
        Session(capture.Connect(datagram => [datagram], LinkType.Raw));
        Session(capture.Connect(datagram => [[2, 0, 0, 0, .. datagram]], LinkType.Null));
        Session(capture.Connect(Fragments));

        static byte[][] Fragments(byte[] datagram)
        {
            byte[] tcp = datagram[20..];
            if (tcp.Length <= 40) return [Frames.Ethernet(Frames.IPv4Type, datagram)];
            var identification = (ushort)(datagram[4] << 8 | datagram[5]);
            string from = string.Join('.', datagram[12..16]), to = string.Join('.', datagram[16..20]);
            return
            [
                Frames.Ethernet(Frames.IPv4Type, Frames.IPv4(from, to, tcp.AsSpan(0, 32), identification: identification, more: true)),
                Frames.Ethernet(Frames.IPv4Type, Frames.IPv4(from, to, tcp.AsSpan(32), identification: identification, fragmentOffset: 32)),
            ];
        }
    }

    private static void Session(SyntheticConnection connection)
    {
        connection.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311)).Client(Publish("a/b", 50, 1, 9)).Server([0x40, 2, 0, 9]);
        connection.Client(Pingreq).Server(Pingresp).Client(Disconnect).Close();
    }

    private static void Aliases(SyntheticCapture capture)
    {
        SyntheticConnection connection = capture.Connect();
        connection.Client(Connect(ProtocolVersion.V5)).Server(Hex.Bytes("20 06 00 00 03 22 00 0A"));
        connection.Client(Hex.Bytes("30 0A 00 03 'a/b' 03 23 00 01 'x'"), Hex.Bytes("30 07 00 00 03 23 00 01 'y'"), Hex.Bytes("30 0A 00 03 'a/c' 03 23 00 01 'x'"));
        connection.Client(Hex.Bytes("30 07 00 00 03 23 00 01 'z'")).Server(Hex.Bytes("30 0A 00 03 'd/e' 03 23 00 01 'x'"));
        // Each end has aliases of its own, and the second connection has none yet.
        connection.Server(Hex.Bytes("30 07 00 00 03 23 00 01 'y'")).Client(Hex.Bytes("30 07 00 00 03 23 00 01 'w'")).Close();
        SyntheticConnection unknown = capture.Connect();
        unknown.Client(Connect(ProtocolVersion.V5)).Server(Connack(ProtocolVersion.V5)).Client(Hex.Bytes("30 07 00 00 03 23 00 02 'v'")).Close();
    }

    // At the borders of the Remaining Length's bytes, and a message that TCP splits.
    private static void Sizes(SyntheticCapture capture)
    {
        SyntheticConnection connection = capture.Connect();
        connection.Client(Connect(ProtocolVersion.V311)).Server(Connack(ProtocolVersion.V311));
        foreach (int length in new[] { 0, 64 - 5, 127 - 5, 128 - 5, 321 - 5, 1434, 16_383 - 5, 16_384 - 5, 70_000, 1_100_000 })
            foreach (byte[] piece in Publish("a/b", length).Chunk(1460)) connection.Client(piece);
        connection.Client(Disconnect).Close();
    }
}
