// What real programs say, read by tshark and by us: each field must be the same.
using Godwit.Broker;
using Godwit.Capture;
using Godwit.Capture.Exports;
using Godwit.Capture.Views;
using Godwit.Client;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Xunit.Abstractions;

namespace Godwit.Interop.Tests.Captures;

public sealed class PeerAgreementTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-agreement-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Peers_AllFieldsOfAllPackets_AgreeWithTshark()
    {
        var agreement = new Agreement();
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
        var godwit = new GodwitReading(file);
        Assert.Empty(godwit.Contradictions);
        agreement.Add("peers", await TsharkReading.ReadAsync(file, (broker.Port, "mqtt")), godwit.Packets);

        Assert.Empty(agreement.Unknown);
        Assert.True(agreement.Packets > 200, $"{agreement.Packets} packets only");
        output.WriteLine(agreement.Report("what four peers and our own client say, in three versions"));
    }

    // tshark 4.0 does not look for MQTT in WebSocket: it gets the packets out of there by our export.
    [Fact]
    public async Task WebSocketPeers_AllFieldsOfExportedPackets_AgreeWithTshark()
    {
        var agreement = new Agreement();
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

        // There a packet is a frame.
        var godwit = new GodwitReading(file);
        Assert.Empty(godwit.Contradictions);
        agreement.Add("websocket", await TsharkReading.ReadAsync(exported), [.. godwit.Packets.Select((packet, i) => packet with { Frame = i + 1 })]);

        Assert.Empty(agreement.Unknown);
        Assert.True(agreement.Packets > 50, $"{agreement.Packets} packets only");
        output.WriteLine(agreement.Report("packets by WebSocket"));
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
}
