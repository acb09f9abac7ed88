// Every byte of a capture is in one row, whatever layers there are and whatever became of the frames.
using System.Security.Authentication;
using System.Text;
using Godwit.Capture.Files;
using Godwit.Capture.Proxy;
using Godwit.Capture.Statistics;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Conversations;
using Godwit.Capture.Tests.Tls;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Statistics;

public class ByteBudgetTests
{
    private static readonly string[] Session = ["connect", "connack", "publish1", "puback", PacketCapture.Publish("a/b", "hello")];

    [Fact]
    public void Budget_PlainMqtt_HasItsLayers()
    {
        ByteBudget budget = Read(PacketCapture.Of(Session));

        Assert.Equal(7, budget.Frames);
        Assert.Equal((5, 6, 0), (budget.Payloads, budget.Topics, budget.NotRead));
        Assert.Equal(
            ["link headers and padding", "IP headers", "TCP headers", "sent again (TCP)", "MQTT fixed headers", "MQTT variable headers, and packets without messages", "topics", "properties", "payloads"],
            budget.Rows.Select(row => row.Name));
        Assert.Equal((7 * 20, 7 * 20, 0, 5 * 2), (Row(budget, "IP headers"), Row(budget, "TCP headers"), Row(budget, "sent again (TCP)"), Row(budget, "MQTT fixed headers")));
        Assert.Equal(0, budget.Others);
    }

    [Fact]
    public void Budget_OfSomethingElse_IsEverythingElse()
    {
        ByteBudget budget = Read(PacketCapture.Of("C 'GET / HTTP/1.1' 0D 0A 'Host: a' 0D 0A 0D 0A"));

        Assert.Equal(0, budget.Wire);
        Assert.Equal(60 + 60 + 14 + 40 + 27, budget.Others);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Budget_Tls_HandshakeAndRecordsAreTold(SslProtocols version)
    {
        Sent[] says = [.. Session.SelectMany(Steps)];
        TlsSession session = await TlsSession.MakeAsync(version, says: says);
        byte[] capture = Record(session.Wire);

        ByteBudget budget = Read(capture, new CaptureReaderOptions { Secrets = TlsSession.Secrets() });

        Assert.Equal(says.Sum(say => say.Bytes.Length), budget.Mqtt);
        Assert.Equal(session.Wire.Sum(sent => sent.Bytes.Length), budget.Mqtt + Row(budget, "TLS handshakes and alerts") + Row(budget, "TLS records"));
        Assert.True(Row(budget, "TLS records") >= says.Length * (5 + 16));
        Assert.Equal(0, budget.NotRead);
        Assert.Equal(0, Read(capture).Wire); // Without secrets nobody knows that it is MQTT.
    }

    [Fact]
    public void Budget_WebSocket_UpgradeAndFramesAreTold()
    {
        const string request = "GET /mqtt HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
        const string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
        Sent[] says = [.. Session.SelectMany(Steps)];
        byte[] proxy = "PROXY TCP4 203.0.113.7 10.0.0.1 1000 80\r\n"u8.ToArray();
        Sent[] wire =
        [
            new(Side.Initiator, [.. proxy, .. Encoding.ASCII.GetBytes(request)]), new(Side.Responder, Encoding.ASCII.GetBytes(answer)),
            .. says.Select(say => say with { Bytes = [0x82, (byte)(say.Bytes.Length | (say.From == Side.Initiator ? 0x80 : 0)), .. say.From == Side.Initiator ? new byte[4] : [], .. say.Bytes] }),
            new(Side.Initiator, [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8]),
        ];

        ByteBudget budget = Read(Record(wire));

        Assert.Equal(says.Sum(say => say.Bytes.Length), budget.Mqtt);
        Assert.Equal((proxy.Length, request.Length + answer.Length), (Row(budget, "PROXY headers"), Row(budget, "HTTP requests for WebSocket")));
        Assert.Equal(3 * 6 + 2 * 2 + 8, Row(budget, "WebSocket frames"));
        Assert.Equal(0, budget.NotRead);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Budget_DamagedCaptures_EveryByteIsInOneRow(int seed)
    {
        // Frames that are missing, come twice, late or cut off; packets over several of them.
        string big = PacketCapture.Publish("big", new string('x', 300));
        string[] steps = [.. Session, .. Enumerable.Repeat<string[]>(["publish1", "puback", big, "ping"], 20).SelectMany(step => step), "C FF FF FF FF FF", .. Session];
        for (int round = 0; round < 50; round++) Assert.True(Read(Damage(PacketCapture.Of(steps), new Random(seed * 1000 + round))).Frames > 0);
    }

    private static long Row(ByteBudget budget, string name) => budget.Rows.Single(row => row.Name == name).Bytes;

    private static ByteBudget Read(byte[] capture, CaptureReaderOptions? options = null)
    {
        using CaptureReader reader = CaptureReader.Open(new MemoryStream(capture), options);
        reader.Run();
        ByteBudget budget = reader.Statistics!.Budget;
        Assert.Equal(budget.Wire, budget.Rows.Sum(row => row.Bytes));
        Assert.Equal(reader.Counters.Bytes, budget.Wire + budget.Others);
        Assert.All(budget.Rows, row => Assert.True(row.Bytes >= 0, $"{row}"));
        Assert.True(budget.Others >= 0);
        return budget;
    }

    private static IEnumerable<Sent> Steps(string step) => Scene.Names.GetValueOrDefault(step, step).Split(';', StringSplitOptions.TrimEntries)
        .Select(part => new Sent(part[0] == 'C' ? Side.Initiator : Side.Responder, Hex.Bytes(part[2..])));

    private static byte[] Record(IEnumerable<Sent> wire)
    {
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true))
        {
            IStreamConsumer recording = new StreamRecorder(writer).Open(TlsSession.Connection());
            TlsSession.Play(wire, recording);
            recording.OnEnd(Side.Initiator, StreamEnd.Closed, new Arrival(0, 1_000_000));
            recording.OnEnd(Side.Responder, StreamEnd.Closed, new Arrival(0, 1_000_001));
        }
        return stream.ToArray();
    }

    private static byte[] Damage(byte[] capture, Random random)
    {
        using FrameSource source = CaptureFile.Open(new MemoryStream(capture));
        var frames = new List<(long Time, byte[] Bytes)>();
        while (source.TryRead(out Frame frame)) frames.Add((frame.Time, frame.Bytes.ToArray()));
        for (int i = 0; i < 8; i++)
        {
            int at = random.Next(2, frames.Count), other = Math.Min(frames.Count - 1, at + random.Next(1, 4));
            switch (random.Next(3))
            {
                case 0: frames.RemoveAt(at); break;
                case 1: frames.Insert(other, frames[at]); break;
                default: (frames[at], frames[other]) = (frames[other], frames[at]); break;
            }
        }
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true))
        {
            writer.AddInterface(LinkType.Ethernet);
            foreach ((long time, byte[] bytes) in frames)
                writer.WriteFrame(0, time, bytes.AsSpan(0, random.Next(20) == 0 ? random.Next(54, bytes.Length + 1) : bytes.Length), bytes.Length);
        }
        return stream.ToArray();
    }
}
