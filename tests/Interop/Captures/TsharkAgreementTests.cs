// What Wireshark sees we must see, field by field, or know why not: tshark reads each capture, and so do we.
using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Broker;
using Godwit.Capture;
using Godwit.Capture.Exports;
using Godwit.Capture.Filters;
using Godwit.Capture.Views;
using Godwit.Client;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Godwit.Testing;
using Xunit.Abstractions;

namespace Godwit.Interop.Tests.Captures;

public sealed partial class TsharkAgreementTests(ITestOutputHelper output) : IDisposable
{
    private const string Page = "docs/tshark.md";

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-agreement-").FullName;
    private readonly Agreement _agreement = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Captures_AllFieldsOfAllPackets_AgreeWithTshark()
    {
        string[] files = [.. Repository.Files("tests/captures", "*.pcap")];
        Dictionary<string, string> captures = files.ToDictionary(file => file, Repository.PathOf);
        foreach ((string name, Action<SyntheticCapture> scene) in SyntheticScenes.All)
        {
            captures[name] = Path.Combine(_directory, $"{name}.pcapng");
            using var capture = new SyntheticCapture(captures[name]);
            scene(capture);
        }
        // tshark spends most of its time on its start.
        var theirs = new ConcurrentDictionary<string, IReadOnlyList<SeenPacket>>();
        await Parallel.ForEachAsync(captures, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (capture, _) => theirs[capture.Key] = await TsharkReading.ReadAsync(capture.Value));
        foreach ((string name, string file) in captures) Compare(name, theirs[name], new GodwitReading(file));

        AssertNothingElse();
        Assert.All(KnownDifferences.All, known => Assert.True(_agreement.Differences.Any(known.Covers.Invoke), $"This is not so any more: {known.What}"));
        Assert.Null(GoldenFile.Difference(Page, WithBlock(await File.ReadAllTextAsync(Repository.PathOf(Page)), files.Length)));
        Report("committed and synthetic captures");
    }

    [Fact]
    public async Task Peers_AllFieldsOfAllPackets_AgreeWithTshark()
    {
        string file = Path.Combine(_directory, "peers.pcapng");
        await using TestBroker broker = await TestBroker.StartAsync();
        await using (var recording = new RecordedTraffic(file, broker.Port))
        {
            foreach (PeerKind peer in Enum.GetValues<PeerKind>())
                foreach (ProtocolVersion version in new[] { ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5 })
                    await TalkAsync(broker, peer, version);
            await TalkOurselvesAsync(new MqttClientOptions { Host = "127.0.0.1", Port = broker.Port });
            await recording.CompleteAsync();
        }
        Compare("peers", await TsharkReading.ReadAsync(file, (broker.Port, "mqtt")), new GodwitReading(file));

        AssertNothingElse();
        Assert.True(_agreement.Packets > 200, $"{_agreement.Packets} packets only");
        Report("what four peers and our own client say, in three versions");
    }

    // tshark 4.0 does not look for MQTT in WebSocket: it gets the packets out of there by our export.
    [Fact]
    public async Task WebSocketPeers_AllFieldsOfExportedPackets_AgreeWithTshark()
    {
        string file = Path.Combine(_directory, "websocket.pcapng"), exported = Path.Combine(_directory, "exported.pcapng");
        await using TestBroker broker = await TestBroker.StartAsync(listener: ListenerUri.Parse("ws://127.0.0.1:0"));
        await using (var recording = new RecordedTraffic(file, broker.Port))
        {
            await TalkAsync(broker, PeerKind.PahoPython, ProtocolVersion.V311, "transport=ws");
            await TalkAsync(broker, PeerKind.MqttJs, ProtocolVersion.V5, "transport=ws");
            await TalkOurselvesAsync(MqttClientOptions.FromUri($"ws://127.0.0.1:{broker.Port}"));
            await recording.CompleteAsync();
        }
        using (var export = new PacketExport(File.Create(exported), new TextViewOptions()))
        using (CaptureReader capture = CaptureReader.Open(file, new CaptureReaderOptions { Views = [export] })) capture.Run();

        Compare("websocket", [.. (await TsharkReading.ReadAsync(exported)).Select(packet => packet with { Frame = 0 })], new GodwitReading(file), framesMatter: false);

        AssertNothingElse();
        Assert.True(_agreement.Packets > 50, $"{_agreement.Packets} packets only");
        Report("packets by WebSocket");
    }

    [Fact]
    public async Task Names_AllThatTsharkHas_AreFieldsHere()
    {
        IReadOnlyList<string> theirs = await TsharkReading.FieldNamesAsync();

        Assert.Empty(theirs.Where(name => CaptureFields.Find(name) is null).Except(KnownDifferences.NamesNotHere.Keys));
        Assert.Empty(WiresharkFields.Names.Concat(KnownDifferences.NamesNotHere.Keys).Except(theirs));
    }

    private static async Task TalkAsync(TestBroker broker, PeerKind peer, ProtocolVersion version, params string[] how)
    {
        string[] connect = ["user=anna", "password=secret", "will-topic=state/device", "will-payload=lost", "will-qos=1", "will-retain=1", "keepalive=30", .. how];
        bool isV5 = version == ProtocolVersion.V5;
        string[] properties = isV5 ? ["property=site:north", "content-type=text/plain", "response=answers/me", "correlation=c-42", "expiry=100", "alias=5"] : [];
        await using PeerProcess subscriber = await broker.SubscribeAsync(peer, version, [.. connect, "id=subscriber", "filter=a/#", "filter=/x/+", "qos=2", "until=6", .. isV5 ? new[] { "session-expiry=60" } : []]);
        for (int qos = 0; qos <= 2; qos++)
            await broker.PublishAsync(peer, version, [.. how, "id=publisher", "topic=a/b", "payload=message {i}", "count=2", $"qos={qos}", .. properties]);
        await subscriber.SuccessAsync();
    }

    // With every property that a client can send.
    private static async Task TalkOurselvesAsync(MqttClientOptions options)
    {
        var message = new MqttMessage
        {
            Topic = "home/kitchen", Payload = "21.5"u8.ToArray(), QoS = QoS.ExactlyOnce, PayloadFormatIndicator = 1, MessageExpiryInterval = 3600, ContentType = "text/plain",
            ResponseTopic = "answers", CorrelationData = new byte[] { 0, 1, 255 }, UserProperties = [new("unit", "°C"), new("unit", "")],
        };
        await using var client = new MqttClient(options with
        {
            ClientId = "ours", SessionExpiryInterval = 60, ReceiveMaximum = 10, MaximumPacketSize = 100_000, TopicAliasMaximum = 3, RequestResponseInformation = true,
            UserProperties = [new("app", "test")], UserName = "anna", Password = "secret"u8.ToArray(), Will = new MqttWill(message with { Topic = "gone" }) { DelayInterval = 5 },
        });
        await client.ConnectAsync();
        await client.SubscribeAsync([new MqttSubscription("home/#", QoS.ExactlyOnce) { NoLocal = true, RetainAsPublished = true }, new MqttSubscription("answers")], 321);
        await client.PublishAsync(message);
        await client.UnsubscribeAsync("answers");
        await client.DisconnectAsync();
    }

    private void Compare(string name, IReadOnlyList<SeenPacket> tshark, GodwitReading godwit, bool framesMatter = true)
    {
        Assert.Empty(godwit.Contradictions);
        _agreement.Add(name, tshark, framesMatter ? godwit.Packets : [.. godwit.Packets.Select(packet => packet with { Frame = 0 })]);
    }

    private void AssertNothingElse()
    {
        string[] unknown = [.. _agreement.Differences.Where(difference => !KnownDifferences.All.Any(known => known.Covers(difference))).Select(difference => $"{difference}")];
        Assert.True(unknown.Length == 0, $"{unknown.Length} differences are not known:\n{string.Join('\n', unknown.Take(40))}");
    }

    private void Report(string what) => output.WriteLine($"report: {what}: {_agreement.Packets:N0} packets with {_agreement.Fields:N0} fields agree with tshark; {_agreement.Differences.Count:N0} known differences");

    private string WithBlock(string page, int files)
    {
        var block = new StringBuilder("<!-- figures -->\n");
        block.Append($"In {files} committed captures and {SyntheticScenes.All.Count} synthetic ones {_agreement.Packets:N0} packets with {_agreement.Fields:N0} fields agree, each in frame, name, place, length and value.\n\n");
        block.Append("| what differs | why | times |\n|---|---|---|\n");
        foreach (KnownDifference known in KnownDifferences.All) block.Append($"| {known.What} | {known.Why} | {_agreement.Differences.Count(known.Covers.Invoke)} |\n");
        block.Append("\n| tshark's name that is not here | what it is |\n|---|---|\n");
        foreach ((string name, string what) in KnownDifferences.NamesNotHere) block.Append($"| `{name}` | {what} |\n");
        return Block().Replace(page, _ => block.Append("<!-- end -->").ToString());
    }

    [GeneratedRegex("<!-- figures -->.*<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Block();
}
