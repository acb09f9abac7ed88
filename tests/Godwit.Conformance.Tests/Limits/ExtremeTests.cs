// Nothing and everything: fields of no bytes and of as many as fit, and one client that wants without end. Each is served, or refused with a
// reason, and none takes more than it is allowed.
using System.Text;
using Godwit.Broker;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Limits;

public class ExtremeTests
{
    private const int Longest = 65_535;

    private static readonly string Long = new('x', Longest);

    [Fact]
    public void CONNECT_EveryFieldOf65535Bytes_IsServed()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(Packets.Connect(ProtocolVersion.V311, Long, userName: Long, password: Packets.Utf8(Long), will: new TestWill(Long, Long)));

        client.Expect("20 02 00 00");
        Assert.Equal(Longest, broker.Session(Long)!.Identity.UserName!.Length);
    }

    [Fact]
    public void CONNECT_PropertiesOfMaximumSize_AreServed()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();

        client.Send(Connect5([.. UserProperties(7)])); // 917,500 bytes: what is larger is refused before it is read

        Assert.StartsWith("CONNACK 00 00", client.Take()[0]);
    }

    [Theory]
    [InlineData("10 80 80 C0 00")] // 1 MiB is the limit before CONNECT is accepted
    [InlineData("10 FF FF FF 7F")]
    public void CONNECT_LargerThanAnyMayBe_IsRefusedAtItsHeader(string header)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(header);

        Assert.True(client.IsClosed);
    }

    [Fact]
    public void PUBLISH_LargestPacketAnnouncedAndNeverSent_TakesNoMemoryAndEndsTheConnection()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumPacketSize = 268_435_460 });
        TestClient client = broker.Connect("c", keepAlive: 10);
        long before = broker.Broker.State.Shards.Sum(shard => shard.Loop.BufferBytes + shard.Loop.SharedBufferBytes.InUse);

        client.Send("30 FF FF FF 7F 00 01 61");

        Assert.InRange(broker.Broker.State.Shards.Sum(shard => shard.Loop.BufferBytes + shard.Loop.SharedBufferBytes.InUse) - before, 0, 128 * 1024);
        for (int i = 0; i < 16; i++)
        {
            client.Write([0x62]); // a byte a second is no packet
            broker.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void PUBLISH_LargestPacketAnnouncedBeyondTheLimit_IsRefusedAtItsHeader()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");

        client.Send("30 FF FF FF 7F");

        client.ExpectDisconnect(ReasonCode.PacketTooLarge);
    }

    [Fact]
    public void PUBLISH_TopicAndPayloadOfNoBytesAndOfMany_Pass()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("c");
        client.Subscribe("#");

        client.Publish(Long, Long);
        Assert.Equal([$"PUBLISH {Long}={Long} q0"], client.Take());
        client.Publish("/", "");
        client.ExpectPackets("PUBLISH /= q0");
        client.Send("30 02 00 00"); // a topic of no characters
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void PUBLISH_PropertiesOfMaximumSize_ArePassedOn()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a");
        byte[] properties = [.. UserProperties(20)]; // 2.6 MB

        client.Send(Packets.Frame(0x30, [0, 1, (byte)'a', .. VariableByte(properties.Length), .. properties]));

        string packet = Assert.Single(client.Take());
        Assert.InRange(packet.Length, 2 * properties.Length, 4 * properties.Length); // in hexadecimal
    }

    [Theory]
    [InlineData("82 05 00 01 00 00 00")] // a filter of no characters
    [InlineData("82 02 00 01")] // no filter
    [InlineData("A2 04 00 01 00 00")]
    [InlineData("A2 02 00 01")]
    [InlineData("82 00")]
    [InlineData("30 00")]
    [InlineData("40 00")]
    [InlineData("62 01 00")]
    [InlineData("C0 01 00")]
    public void Packet_WithNothingWhereSomethingMustBe_EndsTheConnection(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("c");

        client.Send(hex);

        Assert.True(client.IsClosed);
    }

    [Fact]
    public void SUBSCRIBE_FiltersOf65535Bytes_AreServedOrRefusedByTheirLevels()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("c");

        client.Subscribe(Long);
        client.Send(Packets.Subscribe(ProtocolVersion.V311, 2, [(new string('/', Longest), 0), (string.Concat(Enumerable.Repeat("+/", Longest / 2)), 0)]));

        client.ExpectPackets("SUBACK m2 80 80");
        client.Publish(new string('/', Longest), "x"); // too many levels, and nobody is harmed
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void SUBSCRIBE_WithoutEnd_StopsAtTheLimit()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumSubscriptions = 1000 });
        TestClient client = broker.Connect5("c"), other = broker.Connect5("other");

        for (int packet = 0; packet < 20; packet++)
        {
            client.Send(V5.Subscribe(1, [.. Enumerable.Range(0, 100).Select(i => ($"{packet}/{i}", (byte)0))]));
            string codes = Assert.Single(client.Take())["SUBACK m1 00".Length..];
            Assert.Equal(packet < 10 ? 0 : 100, codes.Split("97").Length - 1);
        }

        Assert.Equal(1000, broker.Statistics.Subscriptions);
        other.Subscribe("a");
        client.Unsubscribe("0/0");
        client.Subscribe("again");
    }

    [Fact]
    public void PUBLISH_AliasesWithoutEnd_StopAtTheMaximum()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");

        for (int round = 0; round < 100; round++)
        {
            for (int alias = 1; alias <= 64; alias++) client.Write(Packets.Publish(ProtocolVersion.V5, $"{round}/{alias}", [], properties: $"23 00 {alias:X2}"));
        }
        broker.Run();
        client.ExpectOpen(); // always the same 64 places
        client.Publish("one/more", "", properties: "23 00 41");

        client.ExpectDisconnect(ReasonCode.TopicAliasInvalid);
    }

    private static IEnumerable<byte> UserProperties(int count)
    {
        byte[] text = [0xFF, 0xFF, .. Encoding.UTF8.GetBytes(Long)];
        return Enumerable.Repeat((byte[])[0x26, .. text, .. text], count).SelectMany(bytes => bytes);
    }

    private static byte[] Connect5(byte[] properties) => Packets.Frame(0x10, [.. Hex.Bytes("00 04 'MQTT' 05 02 00 00"), .. VariableByte(properties.Length), .. properties, 0, 1, (byte)'c']);

    private static byte[] VariableByte(int value)
    {
        List<byte> bytes = [];
        do
        {
            bytes.Add((byte)(value & 0x7F | (value > 0x7F ? 0x80 : 0)));
            value >>= 7;
        }
        while (value > 0);
        return [.. bytes];
    }
}
