// Packets are found in a byte stream however it is cut, and what is no MQTT is recognised (sections 4.2 and 7.1).
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Broker;

namespace Godwit.Conformance.Tests.Mqtt311;

public class StreamTests
{
    private const string Requests = """
        10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'a'
        82 06 00 01 00 01 't' 02
        30 04 00 01 't' '0'
        32 06 00 01 't' 00 02 '1'
        34 06 00 01 't' 00 03 '2'
        62 02 00 03
        C0 00
        A2 05 00 04 00 01 't'
        E0 00
        """;

    private const string Answers = """
        20 02 00 00
        90 03 00 01 02
        30 04 00 01 't' '0'
        32 06 00 01 't' 00 01 '1'  40 02 00 02
        34 06 00 01 't' 00 02 '2'  50 02 00 03
        70 02 00 03
        D0 00
        B0 02 00 04
        """;

    [Theory]
    [Loops]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void Packets_InOneSegment_AreAllServed(int loops)
    {
        using var broker = new TestBroker(loops);
        for (int i = 0; i < loops; i++)
        {
            TestClient client = broker.Open(); // on each loop in turn

            client.Send(Requests);

            client.ExpectClosed(Answers);
        }
    }

    [Theory]
    [Loops]
    public void Packets_ByteByByte_AreAllServed(int loops)
    {
        using var broker = new TestBroker(loops);
        for (int i = 0; i < loops; i++)
        {
            TestClient chunked = broker.Open(inputChunk: 1), separate = broker.Open();

            chunked.Send(Requests);
            chunked.ExpectClosed(Answers);
            foreach (byte b in Hex.Bytes(Requests)) separate.Send([b]);
            separate.ExpectClosed(Answers);
        }
    }

    [Fact]
    public void Packets_SplitAtEveryByte_AreAllServed()
    {
        byte[] requests = Hex.Bytes(Requests);
        using var broker = new TestBroker(3);
        for (int at = 1; at < requests.Length; at++)
        {
            TestClient client = broker.Open();

            client.Send(requests[..at]);
            client.Send(requests[at..]);

            client.ExpectClosed(Answers);
        }
    }

    [Theory]
    [Loops]
    public void Packets_ManyInOneSegment_AreAllServed(int loops)
    {
        const int count = 20_000;
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("#");

        publisher.Send([.. Enumerable.Range(0, count).Select(i => Packets.Publish(ProtocolVersion.V311, $"a/{i % 100}", Packets.Utf8($"{i}")))]);

        Assert.Equal([.. Enumerable.Range(0, count).Select(i => $"PUBLISH a/{i % 100}={i} q0")], subscriber.Take());
    }

    [Fact]
    public void Connection_ClosedWithinAPacket_LeavesNothing()
    {
        byte[] requests = Hex.Bytes(Requests);
        using var broker = new TestBroker(3);
        for (int at = 0; at < requests.Length; at++)
        {
            TestClient client = broker.Open();
            client.Send(requests[..at]);
            client.Reset();
        }
        Assert.Equal((0, 0, 0), (broker.Statistics.ClientsConnected, broker.Statistics.Sessions, broker.Statistics.Subscriptions));
        Assert.All(broker.Broker.State.Shards, shard => Assert.Empty(shard.Connections));
    }

    [Fact]
    public void TlsHello_OnThePlainPort_IsRecognised()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send("16 03 01 02 00 01 00 01 FC 03 03");

        client.ExpectClosed();
        Assert.Contains(broker.Log.Lines, line => line.Contains("TLS client on the plain MQTT port", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\n\r\n")]
    public void HttpRequest_OnThePlainPort_IsAnswered(string request)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send(Encoding.ASCII.GetBytes(request));

        Assert.True(client.IsClosed);
        string[] answer = Encoding.ASCII.GetString(client.Received).Split("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer[0]);
        Assert.Contains($"Content-Length: {answer[1].Length}", answer[0]);
        Assert.Contains(broker.Log.Lines, line => line.Contains("HTTP request", StringComparison.Ordinal));
    }

    [Fact]
    [Statement("MQTT-7.1.1-1", "3.1.1")]
    public async Task Tcp_CarriesTheSameConversation()
    {
        await using MqttBroker broker = await MqttBroker.StartAsync(new BrokerOptions { Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))], Loops = 2 });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        await socket.ConnectAsync(broker.EndPoints[0]);

        await socket.SendAsync(Hex.Bytes(Requests));

        var received = new List<byte>();
        byte[] buffer = new byte[1024];
        for (int count; (count = socket.Receive(buffer)) > 0;) received.AddRange(buffer.AsSpan(0, count));
        Assert.Equal(Hex.Text(Hex.Bytes(Answers)), Hex.Text(received.ToArray()));
    }
}
