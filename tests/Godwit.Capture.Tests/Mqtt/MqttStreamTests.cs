using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Tests.Mqtt;

public class MqttStreamTests
{
    private readonly PacketRecorder _seen = new();

    private static byte[] Connect => ConnectVectors.PythonTest.Bytes;

    [Fact]
    public void Stream_FromConnectOn_GivesPacketsWithTheirNumbers()
    {
        TestStream stream = Open().Client(Connect).Server("20 02 00 00").Client("30 05 00 03 'a/b' E0 00").End(Side.Initiator);

        Assert.Equal(["opened 1", "end Initiator Closed"], _seen.Events);
        Assert.Equal([PacketType.Connect, PacketType.Connack, PacketType.Publish, PacketType.Disconnect], _seen.Packets.Select(packet => packet.Type));
        Assert.Equal([1, 2, 3, 4], _seen.Packets.Select(packet => packet.Number));
        Assert.Equal([true, false, true, true], _seen.Packets.Select(packet => packet.IsFromClient));
        Assert.Equal("a/b", _seen.Packets[2].Topic);
        Assert.Equal(3, _seen.Packets[2].Last.Frame);
        Assert.Equal(1, stream.Stream.Number);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    public void Stream_SplitAnywhere_GivesTheSamePackets(int size)
    {
        byte[][] packets = [Connect, [0x30, 0xC8, 0x01, 0, 1, (byte)'t', .. new byte[197]], [0xC0, 0], [0x82, 6, 0, 1, 0, 1, (byte)'a', 0], [0xE0, 0]];
        byte[] all = [.. packets.SelectMany(packet => packet)];
        TestStream stream = Open();
        for (int i = 0; i < all.Length; i += size) stream.Client(all.AsSpan(i, Math.Min(size, all.Length - i)));

        Assert.Equal(packets, _seen.Packets.Select(packet => packet.Bytes));
        Assert.All(_seen.Packets, packet => Assert.Null(packet.Violation));
        Assert.Equal(1 + (Connect.Length - 1) / size, _seen.Packets[0].Last.Frame);
        Assert.Equal(1 + Connect.Length / size, _seen.Packets[1].First.Frame);
    }

    [Fact]
    public void Stream_Mqtt5_ResolvesTopicAliasesByDirection()
    {
        Open().Client(ConnectVectors.Minimal5.Bytes)
            .Client("30 09 00 03 'a/b' 03 23 00 01  30 06 00 00 03 23 00 01")
            .Server("20 03 00 00 00  30 09 00 03 'c/d' 03 23 00 01  30 06 00 00 03 23 00 01  30 06 00 00 03 23 00 02");

        Assert.Equal(["a/b", "a/b", "c/d", "c/d", ""], _seen.Packets.Where(packet => packet.Type == PacketType.Publish).Select(packet => packet.Topic));
    }

    [Fact]
    public void Stream_MalformedPacket_IsReportedAndFollowedOn()
    {
        Open().Client(Connect).Client("30 05 00 03 'a/#'  32 05 00 01 't' 00 00  36 03 00 01 't'  C0 00");

        Assert.Equal([null, Violations.WildcardInTopicName, Violations.ZeroPacketId, Violations.PublishQoS, null], _seen.Packets.Select(packet => packet.Violation));
    }

    [Fact]
    public void Stream_UnreadableBytes_AreSkippedToTheNextPackets()
    {
        Open().Client(Connect).Client("00 01 02 03").Client("30 07 00 05 'topic' 30 07 00 05 'topic' C0 00");

        Assert.Equal([PacketType.Connect, PacketType.Publish, PacketType.Publish, PacketType.Pingreq], _seen.Packets.Select(packet => packet.Type));
        Assert.Equal(4, _seen.Skipped);
    }

    [Fact]
    public void Stream_LargePacket_IsGivenByItsHead()
    {
        var options = new MqttStreamsOptions { LargestPacketHeld = 100_000 };
        byte[] packet = [0x30, 0xC3, 0x9A, 0x0C, 0, 1, (byte)'t', .. new byte[200_000]];
        TestStream stream = Open(options).Client(Connect);
        for (int i = 0; i < packet.Length; i += 1000) stream.Client(packet.AsSpan(i, Math.Min(1000, packet.Length - i)));
        stream.Client("C0 00");

        Assert.Equal([PacketType.Connect, PacketType.Publish, PacketType.Pingreq], _seen.Packets.Select(p => p.Type));
        Assert.False(_seen.Packets[1].IsWhole);
        Assert.Equal(66_000, _seen.Packets[1].Bytes.Length);
        Assert.DoesNotContain(_seen.Events, line => line.StartsWith("skipped", StringComparison.Ordinal));
    }

    [Fact]
    public void Stream_ManyBeginningsOfHugePackets_AreNotHeldForEver()
    {
        var streams = new MqttStreams([_seen], new MqttStreamsOptions { MostHeld = 1 << 20 });
        for (int i = 1; i <= 100; i++)
        {
            TestStream stream = new TestStream(streams, number: i).Client(Connect).Client(0x30, 0xFF, 0xFF, 0x3F, 0, 1, (byte)'t');
            for (int k = 0; k < 10; k++) stream.Client(new byte[65_536]);
        }
        Assert.InRange(streams.Held, 0, 32 << 20);
    }

    [Fact]
    public void Gap_WithinAPacket_LosesNothingElse()
    {
        Open().Client(Connect).Client("30 0B 00 03 'a/b' '12'").Gap(Side.Initiator, 3).Client("'6' C0 00");

        Assert.Equal([PacketType.Connect, PacketType.Publish, PacketType.Pingreq], _seen.Packets.Select(packet => packet.Type));
        Assert.False(_seen.Packets[1].IsWhole);
        Assert.Equal(["opened 1", "skipped Initiator 3 Missing"], _seen.Events);
    }

    [Fact]
    public void Gap_AtAPacketsEnd_GoesOnWithTheNext()
    {
        Open().Client(Connect).Gap(Side.Initiator, 100).Client("30 05 00 03 'a/b'").Client("C0 00");

        Assert.Equal([PacketType.Connect, PacketType.Publish, PacketType.Pingreq], _seen.Packets.Select(packet => packet.Type));
    }

    [Fact]
    public void Gap_IntoThePayloadOfAnother_FindsTheNextPackets()
    {
        Open().Client(Connect).Gap(Side.Initiator, 100).Client("'rest of some payload 0123456789' 30 05 00 03 'a/b' 30 05 00 03 'a/b'").Client("C0 00");

        Assert.Equal([PacketType.Connect, PacketType.Publish, PacketType.Publish, PacketType.Pingreq], _seen.Packets.Select(packet => packet.Type));
        Assert.Equal(["opened 1", "skipped Initiator 100 Missing", "skipped Initiator 31 Unsynchronised"], _seen.Events);
    }

    [Fact]
    public void Stream_ThatEndsWithinAPacket_SaysSo()
    {
        Open().Client(Connect).Client("30 05 00 03").End(Side.Initiator, StreamEnd.Reset);
        Assert.Equal(["opened 1", "skipped Initiator 4 Incomplete", "end Initiator Reset"], _seen.Events);
    }

    [Fact]
    public void MidStream_PingExchange_IsMqtt()
    {
        Open(isFromBeginning: false).Client("C0 00").Server("D0 00");
        Assert.Equal([PacketType.Pingreq, PacketType.Pingresp], _seen.Packets.Select(packet => packet.Type));
        Assert.True(_seen.Packets[0].IsFromClient);
    }

    [Fact]
    public void MidStream_OpenedByTheServerSide_ClientIsFoundByItsPackets()
    {
        Open(isFromBeginning: false).Server("32 07 00 03 'a/b' 00 01").Client("40 02 00 01").Server("C0 00").Client("D0 00");
        Assert.Equal(4, _seen.Packets.Count);
        Assert.False(_seen.Packets[^1].IsFromClient);
        Assert.Equal(Side.Responder, _seen.Connection!.ClientSide);
    }

    [Theory]
    [InlineData("30 09 00 03 'a/b' '21.5'  30 09 00 03 'a/b' '21.6'", ProtocolVersion.V311)]
    [InlineData("30 0A 00 03 'a/b' 00 '21.5'  30 0A 00 03 'a/b' 00 '21.6'", ProtocolVersion.V5)]
    public void MidStream_Version_IsGuessedByThePackets(string hex, ProtocolVersion version)
    {
        Open(isFromBeginning: false).Client(hex).End(Side.Initiator, StreamEnd.Lost);
        Assert.Equal(2, _seen.Packets.Count);
        Assert.Equal(version, _seen.Packets[^1].Version);
        Assert.Null(_seen.Packets[^1].Violation);
    }

    [Fact]
    public void MidStream_GivenVersion_IsTaken()
    {
        Open(new MqttStreamsOptions { Version = ProtocolVersion.V5 }, isFromBeginning: false).Client("C0 00").Server("D0 00");
        Assert.All(_seen.Packets, packet => Assert.Equal(ProtocolVersion.V5, packet.Version));
    }

    [Theory]
    [InlineData("'GET / HTTP/1.1' 0D 0A 'Host: a' 0D 0A 0D 0A", ContentKind.Http)]
    [InlineData("'GET /mqtt HTTP/1.1' 0D 0A 'Upgrade: websocket' 0D 0A 0D 0A", ContentKind.WebSocketUpgrade)]
    [InlineData("'POST /x HTTP/1.1' 0D 0A", ContentKind.Http)]
    [InlineData("16 03 01 02 00 01 00 01 FC 03 03", ContentKind.Tls)]
    [InlineData("'*1' 0D 0A '$4' 0D 0A 'PING' 0D 0A", ContentKind.Redis)]
    [InlineData("'SSH-2.0-OpenSSH' 0D 0A", ContentKind.Ssh)]
    [InlineData("'PROXY TCP4 1.2.3.4 5.6.7.8 1 2' 0D 0A", ContentKind.ProxyProtocol)]
    [InlineData("'HELO mail' 0D 0A", ContentKind.Other)]
    [InlineData("10 20 'no mqtt at all, but long enough'", ContentKind.Mqtt)]
    [InlineData("10 20 'nothing of that kind, but long enough'", ContentKind.Other)]
    public void Stream_OfAnotherKind_IsNamed(string hex, ContentKind kind)
    {
        Open().Client(hex);
        if (kind == ContentKind.Mqtt) Assert.Equal(["opened 1"], _seen.Events);
        else Assert.Equal([$"foreign {kind}"], _seen.Events);
    }

    [Fact]
    public void MidStream_OtherProtocols_AreNotTakenForMqtt()
    {
        var random = new Random(3);
        byte[] noise = new byte[200_000];
        random.NextBytes(noise);
        byte[] text = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("$ 30 0123456789 {\"topic\":\"a/b\", \"value\": 0.25}\r\n", 2000)));
        byte[] tls = [.. Enumerable.Range(0, 200).SelectMany(i => (byte[])[0x17, 3, 3, 0, 100, .. noise.AsSpan(i * 100, 100)])];
        int number = 0;
        foreach (byte[] content in new[] { noise, text, tls })
        {
            TestStream stream = new(new MqttStreams([_seen]), isFromBeginning: false, number: ++number);
            for (int i = 0; i + 1000 <= content.Length; i += 1000) stream.Client(content.AsSpan(i, 1000)).Server(content.AsSpan(i, 500));
            stream.End(Side.Initiator, StreamEnd.Lost);
        }
        Assert.DoesNotContain(_seen.Events, line => line.StartsWith("opened", StringComparison.Ordinal));
    }

    [Fact]
    public void Stream_InSteadyState_AllocatesNothing()
    {
        var counter = new Counter();
        var stream = new TestStream(new MqttStreams([counter]));
        stream.Client(ConnectVectors.Minimal5.Bytes).Server("20 03 00 00 00");
        byte[] packets = Testing.Hex.Bytes("32 0F 00 03 'a/b' 00 01 03 23 00 01 '1234' 30 06 00 00 03 23 00 01 C0 00 32 0F 00 03 'a/b' 00 02 03 23 00 01 '1234'");
        for (int i = 0; i < 2000; i++) Send(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++) Send(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4000 * 4 + 4002, counter.Count);

        // Whole, and split in a packet.
        void Send(int i)
        {
            int at = i % packets.Length;
            stream.Client(packets.AsSpan(0, at));
            stream.Client(packets.AsSpan(at));
            stream.Server(0x40, 0x02, 0x00, 0x01);
        }
    }

    [Fact]
    public void Stream_RandomDamage_NeverThrowsAndCountsEveryByte()
    {
        var random = new Random(5);
        byte[] valid = [.. GoldenVectors.Valid.Where(v => v.Version == ProtocolVersion.V5 && v.Type != PacketType.Connect).SelectMany(v => v.Bytes)];
        for (int run = 0; run < 300; run++)
        {
            var seen = new PacketRecorder();
            var stream = new TestStream(new MqttStreams([seen]));
            stream.Client(ConnectVectors.Minimal5.Bytes);
            byte[] bytes = [.. valid];
            for (int k = random.Next(5); k > 0; k--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            long sent = ConnectVectors.Minimal5.Bytes.Length + bytes.Length;
            for (int i = 0; i < bytes.Length;)
            {
                int count = Math.Min(random.Next(1, 60), bytes.Length - i);
                if (random.Next(10) == 0) stream.Gap(Side.Initiator, count);
                else stream.Client(bytes.AsSpan(i, count));
                i += count;
            }
            stream.End(Side.Initiator, StreamEnd.Lost);
            // Of a packet with a gap the bytes behind the gap are not kept.
            long counted = seen.Packets.Sum(packet => packet.Bytes.Length) + seen.Skipped;
            Assert.InRange(counted, 1, sent);
            if (seen.Packets.All(packet => packet.IsWhole) && !seen.Events.Exists(line => line.EndsWith("Incomplete", StringComparison.Ordinal))) Assert.Equal(sent, counted);
        }
    }

    [Fact]
    public void Stream_OfASourceThatKnowsIt_IsReadFromItsFirstPacketOnAndThroughGaps()
    {
        var stream = new TestStream(new MqttStreams([_seen]), isFromBeginning: false, known: new KnownMqtt(ProtocolVersion.V5, "press-7"));

        stream.Client("C0 00").Gap(Side.Initiator, 20).Client("E0 00").Server("30 20 00 03 'a/b' 00 'begins'").Gap(Side.Responder, 20).Server("D0 00");

        Assert.Equal([PacketType.Pingreq, PacketType.Disconnect, PacketType.Publish, PacketType.Pingresp], _seen.Packets.Select(packet => packet.Type));
        Assert.All(_seen.Packets, packet => Assert.Equal(ProtocolVersion.V5, packet.Version));
        Assert.False(_seen.Packets[2].IsWhole);
    }

    private TestStream Open(MqttStreamsOptions? options = null, bool isFromBeginning = true) => new(new MqttStreams([_seen], options), isFromBeginning);

    private sealed class Counter : IPacketObserver
    {
        public long Count { get; private set; }

        public void OnPacket(in ObservedPacket packet) => Count++;
    }
}
