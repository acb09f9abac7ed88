// What somebody asks who looks at MQTT on the wire: what each packet is, where its parts begin, why there are so many frames, and why what was
// expected is not there. The analyser answers each of it.
using System.Text.Json;
using Godwit.Broker;
using Godwit.Capture;
using Godwit.Capture.Explain;
using Godwit.Capture.Filters;
using Godwit.Capture.Statistics;
using Godwit.Interop.Tests.Captures;
using Godwit.Interop.Tests.Cli;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Interop.Tests.Scenes;

public sealed class OnTheWireTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-wire-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // The port is none that anybody knows; the message comes by the first program of every tutorial.
    [Fact]
    public async Task FirstScript_Captured_ShowsEveryPacketAndItsParts()
    {
        string file = FileOf("first");
        await using TestBroker broker = await TestBroker.StartAsync();
        await using (var recording = new RecordedTraffic(file, broker.Port))
        {
            await using var script = new PeerProcess(
                Programs.Python, [Repository.PathOf("tests/Interop/py/first_message.py"), $"{broker.Port}"], null, OutputLine.Parse, () => broker.Log);
            await script.SuccessAsync();
            await broker.LoggedAsync("Received PUBLISH from python_test");
            await recording.CompleteAsync();
        }

        (IReadOnlyList<CapturedPacket> packets, CaptureReader capture) = Read(file);
        CapturedPacket connect = packets[0], publish = Assert.Single(packets, packet => packet.Type == PacketType.Publish);
        Assert.Equal(Hex.Bytes("10 17 00 04 'MQTT' 04 02 00 3C 00 0B 'python_test'"), connect.Bytes.ToArray());
        Assert.Equal(("/python/mqtt", "Hello from Python", "python_test"), (publish.Topic, System.Text.Encoding.UTF8.GetString(publish.Payload.Span), publish.ClientId));
        Assert.Contains(packets, packet => packet is { Type: PacketType.Connack, ResponseTime: not null });
        PacketExplanation parts = publish.Explain();
        Assert.Equal((2, 14, 17), (parts.FixedHeaderLength, parts.VariableHeaderLength, parts.PayloadLength));
        Assert.Contains(publish.Findings, finding => finding.Rule.Id == "topic-leading-slash");
        Assert.True(capture.Counters.Frames > packets.Count + 3, "the handshake and the acknowledgements between are there too");
        string ladder = (await GodwitAsync("ladder", file, "--tcp")).Output;
        Assert.Contains("SYN", ladder);
        Assert.Contains("PUBLISH", ladder);
    }

    [Fact]
    public async Task WebSocketClient_Captured_ShowsItsPackets()
    {
        string file = FileOf("ws");
        await using TestBroker broker = await TestBroker.StartAsync(listener: ListenerUri.Parse("ws://127.0.0.1:0"));
        await using (var recording = new RecordedTraffic(file, broker.Port))
        {
            await broker.PublishAsync(PeerKind.MqttJs, ProtocolVersion.V311, "transport=ws", "id=browser", "topic=a/b", "payload=hello", "qos=1");
            await recording.CompleteAsync();
        }

        (IReadOnlyList<CapturedPacket> packets, _) = Read(file);
        Assert.Equal(["CONNECT", "CONNACK", "PUBLISH", "PUBACK"], packets.Take(4).Select(packet => packet.Type.Name()));
        Assert.All(packets, packet => Assert.Equal("mqtt", packet.Connection.Stream.Layers?.WebSocket?.Protocol));
    }

    [Theory]
    [InlineData(0, "Accepted", false)]
    [InlineData(1, "the server does not speak this version of MQTT", true)]
    [InlineData(2, "the server does not accept this client identifier", true)]
    [InlineData(3, "the MQTT service is not available", true)]
    [InlineData(4, "user name or password is wrong or malformed", true)]
    [InlineData(5, "the client may not connect", true)]
    public void CONNACK_EachReturnCode_IsExplained(int code, string meaning, bool isFound)
    {
        (IReadOnlyList<CapturedPacket> packets, _) = Make(capture => capture.Connect().Client(Connect("a")).Server([0x20, 2, 0, (byte)code]).Close());

        ExplainedField field = Assert.Single(packets[1].Explain().Leaves, leaf => leaf.Name == "Connect Return Code");
        Assert.Contains(meaning, field.Meaning, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(isFound, packets[1].Findings.Any(finding => finding.Rule.Id == "connect-refused"));
    }

    // Behind a router all clients have one address.
    [Fact]
    public void Clients_FromOneAddress_AreToldApart()
    {
        (IReadOnlyList<CapturedPacket> packets, CaptureReader capture) = Make(capture =>
        {
            SyntheticConnection[] clients = [capture.Connect(), capture.Connect(), capture.Connect()];
            for (int i = 0; i < 3; i++) clients[i].Client(Connect($"sensor-{i}")).Server([0x20, 2, 0, 0]);
            foreach (SyntheticConnection client in clients) client.Client([0xC0, 0]).Server([0xD0, 0]);
        });

        Assert.Single(packets.Select(packet => packet.Connection.Stream.Initiator.Address).Distinct());
        Assert.Equal(["sensor-0", "sensor-1", "sensor-2"], packets.Where(packet => packet.Type == PacketType.Pingreq).Select(packet => packet.ClientId));
        Assert.Equal(3, capture.Conversations.Clients.Count);
    }

    [Fact]
    public async Task Frames_OnlyAcknowledgements_AreSaidToBeThat()
    {
        string file = FileOf("acks");
        using (var capture = new SyntheticCapture(file))
        {
            SyntheticConnection connection = capture.Connect();
            for (int i = 0; i < 3; i++)
            {
                connection.Next(true, [0xC0, 0]);
                connection.Ack(false);
            }
        }

        Assert.Contains("only acknowledgements were captured", (await GodwitAsync("capture", file)).Errors);
    }

    [Fact]
    public void Packets_Missed_AreSaidToBeMissing()
    {
        (IReadOnlyList<CapturedPacket> packets, CaptureReader capture) = Make(SyntheticScenes.All["loss"]);

        Assert.Contains(capture.Findings.Findings, finding => finding.Rule.Id == "capture-incomplete");
        Assert.True(capture.Counters is { Gaps: 3, MissingBytes: > 0 });
        Assert.Equal(3, packets.Count(packet => packet.Type == PacketType.Pingreq));
    }

    // 1,434 bytes of payload, which TCP sends in two segments.
    [Fact]
    public void PUBLISH_SplitByTcp_IsOnePacket()
    {
        (IReadOnlyList<CapturedPacket> packets, _) = Make(capture =>
        {
            byte[] packet = new byte[1500];
            var publish = new PublishPacket { Topic = "a/b"u8, Payload = new byte[1434] };
            packet = packet[..publish.Write(packet, ProtocolVersion.V311)];
            capture.Connect().Client(Connect("a")).Server([0x20, 2, 0, 0]).Client(packet[..1400]).Client(packet[1400..]).Close();
        });

        CapturedPacket split = packets[2];
        Assert.Equal(1434, split.Payload.Length);
        Assert.Equal(split.First.Frame + 1, split.Last.Frame);
    }

    // A client with nothing to say, and what it costs.
    [Fact]
    public void PINGREQ_EachOne_IsAnsweredInTime()
    {
        (IReadOnlyList<CapturedPacket> packets, CaptureReader capture) = Read(Repository.PathOf("tests/captures/learn/ping.pcap"));

        CapturedPacket[] answers = [.. packets.Where(packet => packet.Type == PacketType.Pingresp)];
        Assert.Equal(7, answers.Length);
        Assert.All(answers, answer => Assert.True(answer.ResponseTime < TimeSpan.FromSeconds(2)));
        Assert.DoesNotContain(capture.Findings.Findings, finding => finding.Rule.Id is "ping-unanswered" or "keep-alive-exceeded");
        ByteBudget budget = capture.Statistics!.Budget;
        Assert.Equal(53, budget.Mqtt);
        Assert.InRange((budget.Wire - budget.Mqtt) / budget.Frames, 54, 80);
    }

    [Fact]
    public void CONNECT_OfAnOldVersion_IsReadByItsRules()
    {
        (IReadOnlyList<CapturedPacket> packets, _) = Read(Repository.PathOf("tests/captures/mqtt31-pub-qos2.pcap"));

        Assert.All(packets, packet => Assert.Equal(ProtocolVersion.V31, packet.Version));
        Assert.Equal("3", Assert.Single(packets[0].Explain().Leaves, leaf => leaf.Name == "Protocol Version Number").Value);
    }

    [Fact]
    public void CONNECT_OfAVersionThatDoesNotExist_IsSaidToBeThat()
    {
        (IReadOnlyList<CapturedPacket> packets, _) = Read(Repository.PathOf("tests/captures/learn/refused.pcap"));

        Assert.Equal(Violations.ProtocolLevel, packets[0].Violation);
        Assert.Contains(packets[1].Findings, finding => finding.Rule.Id == "connect-refused");
    }

    // What is behind a number of two bytes.
    [Theory]
    [InlineData(64, "40")]
    [InlineData(321, "C102")]
    public void RemainingLength_OfCapturedPacket_IsWorkedOut(int length, string bytes)
    {
        (IReadOnlyList<CapturedPacket> packets, _) = Read(Repository.PathOf("tests/captures/learn/lengths.pcap"));

        CapturedPacket packet = Assert.Single(packets, packet => packet.Frame.RemainingLength == length);
        ExplainedField field = Assert.Single(packet.Explain().Leaves, leaf => leaf.Name == "Remaining Length");
        Assert.Equal((bytes, $"{length}"), (Convert.ToHexString(packet.Bytes.Span.Slice(field.Offset, field.Length)), field.Value));
        if (length == 321) Assert.Contains("65 + 2 ", field.Meaning);
    }

    [Fact]
    public async Task PUBLISH_WithRetain_ReachesWhoHasSubscribedBeforeWithoutIt()
    {
        string file = FileOf("retain");
        await using TestBroker broker = await TestBroker.StartAsync();
        await using (var recording = new RecordedTraffic(file, broker.Port))
        {
            await using PeerProcess before = await broker.SubscribeAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=before", "filter=state", "until=1");
            await broker.PublishAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=device", "topic=state", "payload=on", "retain=1", "qos=1");
            await before.SuccessAsync();
            await using PeerProcess after = await broker.SubscribeAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=after", "filter=state", "until=1");
            await after.SuccessAsync();
            await recording.CompleteAsync();
        }

        (IReadOnlyList<CapturedPacket> publishes, _) = Read(file, "type == publish");
        Assert.Equal([("device", true), ("before", false), ("after", true)], publishes.Select(packet => (packet.ClientId, (packet.Frame.Flags & 1) != 0)).Order(Comparer<(string? Client, bool)>.Create(
            (a, b) => Array.IndexOf(["device", "before", "after"], a.Client).CompareTo(Array.IndexOf(["device", "before", "after"], b.Client)))));
    }

    // The session is still there: what was kept comes before anything is subscribed to.
    [Fact]
    public void PUBLISH_BeforeSubscribing_ComesFromTheSessionThatIsPresent()
    {
        (IReadOnlyList<CapturedPacket> packets, _) = Read(Repository.PathOf("tests/captures/learn/session.pcap"));

        long last = packets[^1].Connection.Number;
        PacketType[] types = [.. packets.Where(packet => packet.Connection.Number == last).Select(packet => packet.Type)];
        Assert.Equal([PacketType.Connect, PacketType.Connack, PacketType.Publish], types.Take(3));
        Assert.DoesNotContain(PacketType.Subscribe, types);
        CapturedPacket connack = packets.Last(packet => packet.Type == PacketType.Connack);
        Assert.Equal("1", Assert.Single(connack.Explain().Leaves, leaf => leaf.Name == "Session Present").Value);
    }

    // A script that prints every field of every header.
    [Fact]
    public async Task Json_WithAllFields_HasEveryByteOnce()
    {
        string[] lines = (await GodwitAsync("capture", Repository.PathOf("tests/captures/learn/qos.pcap"), "--json", "-v")).Output.TrimEnd().Split('\n');

        Assert.Equal(22, lines.Length);
        foreach (string line in lines)
        {
            using JsonDocument packet = JsonDocument.Parse(line);
            int length = packet.RootElement.GetProperty("length").GetInt32();
            var counted = new byte[length];
            CountLeaves(packet.RootElement.GetProperty("packet").GetProperty("fields"), counted);
            Assert.All(counted, mask => Assert.Equal(0xFF, mask));
        }
    }

    private static void CountLeaves(JsonElement fields, byte[] counted)
    {
        foreach (JsonElement field in fields.EnumerateArray())
        {
            if (field.TryGetProperty("fields", out JsonElement children))
            {
                CountLeaves(children, counted);
                continue;
            }
            byte mask = field.TryGetProperty("mask", out JsonElement bits) ? Convert.ToByte(bits.GetString(), 16) : (byte)0xFF;
            int start = field.GetProperty("offset").GetInt32(), end = start + field.GetProperty("length").GetInt32();
            for (int i = start; i < end; i++)
            {
                Assert.Equal(0, counted[i] & mask);
                counted[i] |= mask;
            }
        }
    }

    private static byte[] Connect(string clientId)
    {
        byte[] packet = new byte[64];
        var connect = new ConnectPacket { Version = ProtocolVersion.V311, CleanStart = true, KeepAlive = 60, ClientId = System.Text.Encoding.UTF8.GetBytes(clientId) };
        return packet[..connect.Write(packet)];
    }

    private static (IReadOnlyList<CapturedPacket> Packets, CaptureReader Capture) Read(string file, string filter = "")
    {
        using CaptureReader capture = CaptureReader.Open(file);
        return ([.. capture.ReadPackets(CaptureFilter.Compile(filter))], capture);
    }

    private static async Task<ToolResult> GodwitAsync(params string[] arguments)
    {
        await using var run = new ToolRun(GodwitProgram.Path, arguments, null);
        return await run.ResultAsync();
    }

    private (IReadOnlyList<CapturedPacket> Packets, CaptureReader Capture) Make(Action<SyntheticCapture> scene)
    {
        string file = FileOf("made");
        using (var capture = new SyntheticCapture(file)) scene(capture);
        return Read(file);
    }

    private string FileOf(string name) => Path.Combine(_directory, $"{name}.pcapng");
}
