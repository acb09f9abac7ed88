// $CONTROL/godwit/v1/trace: what goes through connections, shown to administrators, and nobody else notices.
using System.Text;
using Godwit.Broker.Tracing;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Control;

public class TraceTests
{
    [Theory]
    [Loops]
    public void Trace_OfAClientThatConnects_ShowsItFromConnectToItsEnd(int loops)
    {
        using var broker = new TestBroker(loops);
        TraceReader reader = TraceReader.Start(broker, """{"clientId":"seen"}""");

        TestClient seen = broker.Connect("seen"), other = broker.Connect("unseen");
        seen.Subscribe("a/#", QoS.AtLeastOnce);
        other.Publish("a/b", "hello", QoS.AtLeastOnce, 5);
        seen.Take();
        seen.Disconnect();

        Assert.Equal(
            [
                "#1 opened from its beginning", "#1 > CONNECT", "#1 < CONNACK", "#1 > SUBSCRIBE", "#1 < SUBACK", "#1 < PUBLISH", "#1 > DISCONNECT",
                "#1 closed by Client: client-disconnected",
            ],
            reader.Take());
    }

    [Theory]
    [Loops]
    public void Trace_OfAClientThatIsThere_ShowsItFromNowOn(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient seen = broker.Connect(broker.ClientId("seen", 1), version: ProtocolVersion.V5);

        TraceReader reader = TraceReader.Start(broker, $$"""{"clientId":"{{broker.ClientId("seen", 1)}}"}""");
        seen.Send("C0 00");
        seen.ExpectPackets("PINGRESP");

        Assert.Equal(["#1 opened", "#1 > PINGREQ", "#1 < PINGRESP"], reader.Take());
        Assert.Equal((ProtocolVersion.V5, broker.ClientId("seen", 1)), (reader.Opened[0].Version, reader.Opened[0].ClientId));
    }

    [Fact]
    public void Trace_OfAnAddress_ShowsItsConnectionsOnly()
    {
        using var broker = new TestBroker();
        Godwit.Transport.ListenerGate door = broker.Listen();
        TraceReader reader = TraceReader.Start(broker, """{"address":"10.1.0.0/16"}""");

        TestClient near = broker.OpenFrom(door, "10.1.2.3")!, far = broker.OpenFrom(door, "10.2.2.3")!;
        near.Send("47 45 54 20 2F 20 48 54"); // GET / HT
        far.Send("47 45 54 20 2F 20 48 54");

        Assert.Equal(["#1 opened from its beginning", "#1 > bytes GET / HT", "#1 closed by Broker: connect-refused"], reader.Take());
        Assert.Equal("10.1.2.3", reader.Opened[0].Client!.Address.ToString());
    }

    [Fact]
    public void Trace_OfAUser_IsDecidedByConnect()
    {
        using var broker = new TestBroker();
        TraceReader reader = TraceReader.Start(broker, """{"userName":"ann"}""");

        foreach (string user in new[] { "ann", "bob" })
            broker.Open5().Send(V5.Connect($"of-{user}", userName: user), Hex.Bytes("C0 00"));

        Assert.Equal(["#1 opened from its beginning", "#1 > CONNECT", "#1 > PINGREQ", "#1 < CONNACK", "#1 < PINGRESP"], reader.Take());
    }

    [Fact]
    public void Trace_OfTopics_ShowsTheirMessagesAndWhatAcknowledgesThem()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("publisher"), subscriber = broker.Connect5("subscriber");
        subscriber.Subscribe("#", QoS.ExactlyOnce);
        publisher.Publish("site/alarm", "before", properties: "23 00 07"); // topic alias 7
        subscriber.Take();
        TraceReader reader = TraceReader.Start(broker, """{"topic":"+/alarm"}""");

        publisher.Publish("site/other", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("site/alarm", "2", QoS.ExactlyOnce, 2);
        publisher.Publish("", "3", properties: "23 00 07");
        publisher.Pubrel(2);
        publisher.Send("C0 00");
        subscriber.Puback(1);
        subscriber.Pubrec(2);
        subscriber.Pubcomp(2);

        Assert.Equal(
            [
                "#1 opened", "#1 > PUBLISH", "#2 opened", "#2 < PUBLISH", "#1 < PUBREC", "#1 > PUBLISH", "#2 < PUBLISH", "#1 > PUBREL", "#1 < PUBCOMP", "#2 > PUBREC",
                "#2 < PUBREL", "#2 > PUBCOMP",
            ],
            reader.Take());
    }

    [Fact]
    public void Trace_Passwords_AreWrittenOverBeforeTheyLeaveTheConnection()
    {
        using var broker = new TestBroker();
        TraceReader reader = TraceReader.Start(broker, "{}");
        byte[] whole = V5.Connect("a", userName: "ann", password: "secret"u8.ToArray());
        byte[] broken = [.. whole];
        broken[0] |= 1; // a reserved flag: no packet

        broker.Open5().Send(whole);
        broker.Open5().Send(broken);

        reader.Take();
        Assert.Equal(2, reader.FromClients.Count);
        Assert.Equal("******", Encoding.Latin1.GetString(reader.FromClients[0])[^6..]);
        Assert.Contains("ann", Encoding.Latin1.GetString(reader.FromClients[0]), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(reader.FromClients[1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Trace_PasswordsAskedFor_AreShownIfTheBrokerAllowsIt()
    {
        using var broker = new TestBroker(configure: o => o with { TracePasswords = true });
        TraceReader reader = TraceReader.Start(broker, """{"passwords":true}""");
        byte[] connect = V5.Connect("a", userName: "ann", password: "secret"u8.ToArray());

        broker.Open5().Send(connect);

        reader.Take();
        Assert.Equal(connect, Assert.Single(reader.FromClients));
    }

    [Fact]
    public void Trace_ReaderThatIsTooSlow_MissesPacketsAndIsToldWhere()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), subscriber = broker.Connect("subscriber");
        subscriber.Subscribe("#");
        TraceReader reader = TraceReader.Start(broker, """{"clientId":"publisher"}""");
        reader.Client.PauseReading();

        const int Messages = 2000;
        string payload = new('x', 5000);
        for (int i = 0; i < Messages; i++) publisher.Publish("t", payload);
        reader.Client.ResumeReading();
        publisher.Publish("t", "last");

        Assert.Equal(Messages + 1, subscriber.Take().Count);
        List<string> shown = reader.Take();
        int packets = shown.Count(line => line == "#1 > PUBLISH");
        Assert.InRange(packets, 1, Messages - 1);
        Assert.Equal($"#1 > dropped {Messages + 1 - packets}", shown[^2]);
        Assert.Equal("#1 > PUBLISH", shown[^1]);
        Assert.Equal((Messages + 1 - packets, (long)(Messages + 1 - packets) * (payload.Length + 6)), reader.Dropped);
        Assert.Equal(0, broker.Statistics.Dropped);
    }

    [Fact]
    public void Trace_LargePacket_IsShownByItsBeginning()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), subscriber = broker.Connect("subscriber");
        subscriber.Subscribe("#");
        TraceReader reader = TraceReader.Start(broker, "{}");

        publisher.Publish("t", new string('x', 200_000));

        Assert.Equal(["#1 opened", "#1 > PUBLISH 65536 of 200007", "#2 opened", "#2 < PUBLISH 65536 of 200007"], reader.Take());
    }

    [Theory]
    [Loops]
    public void Trace_ThatEnds_LeavesNothingBehind(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient seen = broker.Connect(broker.ClientId("seen", 1));
        TraceReader reader = TraceReader.Start(broker, """{"seconds":10}""");
        Assert.Contains(broker.Broker.State.Shards, shard => shard.Connections.Any(c => c.Transport is ConnectionTap));

        broker.Advance(TimeSpan.FromSeconds(10));
        seen.Send("C0 00");

        seen.ExpectPackets("PINGRESP");
        Assert.Equal(["end: time-over"], reader.Take());
        Assert.Empty(broker.Broker.State.Traces.Active);
        Assert.All(broker.Broker.State.Shards, shard => Assert.All(shard.Connections, c => Assert.IsNotType<ConnectionTap>(c.Transport)));
    }

    [Fact]
    public void Trace_ReaderThatGoes_EndsItsTrace()
    {
        using var broker = new TestBroker();
        TraceReader reader = TraceReader.Start(broker, "{}");

        reader.Client.Close();

        Assert.Empty(broker.Broker.State.Traces.Active);
    }

    [Fact]
    public void Trace_OfEverything_DoesNotShowThoseWhoRead()
    {
        using var broker = new TestBroker();
        TraceReader first = TraceReader.Start(broker, "{}", "first"), second = TraceReader.Start(broker, "{}", "second");
        first.Take();

        broker.Connect("somebody");

        Assert.Equal(3, first.Take().Count);
        Assert.Equal(3, second.Take().Count);
        first.Client.ExpectNothing();
    }

    [Fact]
    public void Trace_OneMoreThanThereMayBe_IsRefused()
    {
        using var broker = new TestBroker();
        for (int i = 0; i < TraceTable.Most; i++) TraceReader.Start(broker, "{}", $"reader{i}");

        Assert.StartsWith("There are 8 traces already", broker.Connect5("more").Ask("trace", "{}").Error());
    }

    [Theory]
    [InlineData("""{"address":"here"}""", "'here' is neither an address nor a network")]
    [InlineData("""{"topic":"a/#/b"}""", "'a/#/b' is not a topic filter.")]
    [InlineData("""{"seconds":0}""", "seconds may be 1 to")]
    [InlineData("""{"passwords":true}""", "This broker shows no passwords")]
    public void Trace_Wrong_IsAnsweredByAnError(string request, string expected)
    {
        using var broker = new TestBroker();

        Assert.StartsWith(expected, broker.Connect5("admin").Ask("trace", request).Error());
    }

    [Fact]
    public void Trace_ClientThatTakesSmallPacketsOnly_IsAnsweredByAnError()
    {
        using var broker = new TestBroker();

        Assert.StartsWith("Your Maximum Packet Size is too small", broker.Connect5("admin", properties: "27 00 00 40 00").Ask("trace", "{}").Error());
    }

    [Fact]
    public void Trace_WhoIsNoAdministrator_IsRefused()
    {
        using var broker = new TestBroker(configure: o => o with { IsAdministrator = client => client.ClientId == "admin" });
        TestClient client = broker.Connect5("somebody");

        client.Publish("$CONTROL/godwit/v1/trace", "{}", QoS.AtLeastOnce, 1);

        client.ExpectPacket($"PUBACK m1 {(byte)ReasonCode.NotAuthorized:X2}");
        Assert.Empty(broker.Broker.State.Traces.Active);
    }

    // An administrator and what he has been shown, a line each.
    private sealed class TraceReader(TestClient client)
    {
        public TestClient Client => client;

        public List<TracedConnection> Opened { get; } = [];

        public List<byte[]> FromClients { get; } = [];

        public (long Packets, long Bytes) Dropped { get; private set; }

        public static TraceReader Start(TestBroker broker, string request, string clientId = "admin")
        {
            TestClient client = broker.Connect5(broker.ClientId(clientId, 0));
            Assert.NotNull(client.Ask("trace", request)["trace"]);
            return new TraceReader(client);
        }

        public List<string> Take()
        {
            List<string> lines = [];
            foreach (byte[] payload in client.TakePayloads("$CONTROL/godwit/v1/trace/response/stream"))
            {
                var message = new TraceMessage(payload);
                Dropped = (message.DroppedPackets, message.DroppedBytes);
                while (message.TryRead(out TraceRecord record)) lines.Add(Describe(record));
            }
            return lines;
        }

        private string Describe(in TraceRecord record)
        {
            string arrow = record.Direction == TraceDirection.FromClient ? ">" : "<";
            switch (record.Kind)
            {
                case TraceRecordKind.Opened:
                    Opened.Add(record.Opened!);
                    return $"#{record.Connection} opened{(record.Opened!.IsFromBeginning ? " from its beginning" : "")}";
                case TraceRecordKind.Packet or TraceRecordKind.Bytes:
                    if (record.Direction == TraceDirection.FromClient) FromClients.Add(record.Bytes.ToArray());
                    string name = record.Kind == TraceRecordKind.Bytes ? $"bytes {Encoding.Latin1.GetString(record.Bytes)}" : ((PacketType)(record.Bytes[0] >> 4)).Name();
                    return $"#{record.Connection} {arrow} {name}{(record.Length > record.Bytes.Length ? $" {record.Bytes.Length} of {record.Length}" : "")}";
                case TraceRecordKind.Dropped:
                    return $"#{record.Connection} {arrow} dropped {record.Packets}";
                case TraceRecordKind.Closed:
                    return $"#{record.Connection} closed by {record.EndedBy}: {record.Reason}";
                default:
                    return $"end: {record.Reason}";
            }
        }
    }
}
