using Godwit.Capture.Conversations;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Tests.Mqtt;

namespace Godwit.Capture.Tests.Conversations;

public class ConversationTests
{
    [Fact]
    public void Exchanges_OfEveryKind_LinkRequestAndAnswer()
    {
        Scene scene = new Scene().Play("connect; +0.5; connack; subscribe; suback; publish1; +0.25; puback; publish2; S 50 02 00 08; C 62 02 00 08; S 70 02 00 08; ping;"
            + "C A2 07 00 09 00 03 'a/b'; S B0 02 00 09; disconnect; fin C; fin S");
        Assert.Equal(
        [
            "CONNECT - CONNACK 1 2", "SUBSCRIBE - SUBACK 3 4", "PUBLISH - PUBACK 5 6", "PUBLISH - PUBREC 7 8", "PUBREC - PUBREL 8 9", "PUBREL - PUBCOMP 9 10",
            "PUBLISH - PUBCOMP 7 10", "PINGREQ - PINGRESP 11 12", "UNSUBSCRIBE - UNSUBACK 13 14",
        ], scene.Exchanges.Select(exchange => $"{exchange.Name} {exchange.Request} {exchange.Answer}"));
        Assert.Equal([501, 251], new[] { 0, 2 }.Select(i => (int)scene.Exchanges[i].Time.TotalMilliseconds));
        Assert.Empty(scene.Events);
        Conversation over = scene.Over.Single();
        Assert.Equal((ClosingKind.Disconnect, "c", 15L), (over.Closing, over.ClientId, over.Disconnect));
        Assert.Equal((8, 7), over.Packets);
    }

    [Fact]
    public void Exchanges_WithoutAnswer_AreToldAtTheEnd()
    {
        Scene scene = new Scene().Play("start; subscribe; publish1; publish2; S 50 02 00 08; C C0 00; rst S");
        Assert.Equal(["Ping", "Subscribe", "Puback", "Pubrel"], scene.Exchanges.Where(e => !e.IsAnswered).Select(e => e.Kind.ToString()));
    }

    [Fact]
    public void Session_AcrossConnections_GoesOn()
    {
        Scene scene = new Scene().Play("connect-kept; connack; subscribe; suback; publish1; rst C; #2; connect-kept; connack-present; C 3A 07 00 03 'a/b' 00 07; puback; disconnect; fin C; fin S");
        Assert.Equal([ConversationEventKind.Repeated], scene.Events.Select(e => e.Kind));
        Exchange late = scene.Exchanges.Last(e => e.Kind == ExchangeKind.Puback);
        Assert.Equal((5, 8, 9), ((int)scene.Events[0].Related, (int)scene.Events[0].Packet, (int)late.Answer));
        Assert.Equal(5, late.Request);
        ClientHistory client = scene.Tracker.Clients.Single();
        Assert.Equal((2, "a/b"), (client.Connections, client.Subscriptions.Keys.Single()));
    }

    [Fact]
    public void Session_ThatIsClean_IsForgotten()
    {
        Scene scene = new Scene().Play("start; subscribe; suback; publish1; rst C; #2; start; disconnect; fin C; fin S");
        Assert.Empty(scene.Tracker.Clients.Single().Subscriptions);
        Assert.Empty(scene.Events);
    }

    [Fact]
    public void TakeOver_WhileTheOldConnectionIsOpen_IsNoticed()
    {
        Scene scene = new Scene().Play("start; #2; start");
        ConversationEvent takeOver = scene.Events.Single();
        Assert.Equal((ConversationEventKind.TakeOver, 3L, 1L), (takeOver.Kind, takeOver.Packet, takeOver.Related));
        Assert.Equal(3, scene.Begun[0].TakenOverBy);
        Assert.Empty(new Scene().Play("start; disconnect; #2; start").Events);
    }

    [Fact]
    public void KeepAlive_OneAndAHalfTimes_IsTheLimit()
    {
        Assert.Empty(new Scene().Play("start; +89; ping").Events);
        ConversationEvent late = new Scene().Play("start; +91; ping").Events.Single();
        Assert.Equal(ConversationEventKind.KeepAliveExceeded, late.Kind);
        Assert.InRange(late.Value, 91_000, 91_100);
        Assert.Equal(ConversationEventKind.KeepAliveExceeded, new Scene().Play("start; +91; fin S").Events.Single().Kind);
        Assert.Empty(new Scene().Play("connect5; S 20 06 00 00 03 13 00 C8; +91; ping").Events); // Server Keep Alive 200
    }

    [Fact]
    public void ReceiveMaximum_IsCountedUntilAcknowledged()
    {
        const string start = "connect5; S 20 06 00 00 03 21 00 02;", message = "C 32 06 00 01 't' 00 {0:X2} 00;";
        string three = string.Concat(Enumerable.Range(1, 3).Select(i => message.Replace("{0:X2}", $"{i:X2}")));
        Assert.Equal([ConversationEventKind.ReceiveMaximumExceeded], new Scene().Play(start + three).Events.Select(e => e.Kind));
        string withAck = "C 32 06 00 01 't' 00 01 00; C 32 06 00 01 't' 00 02 00; S 40 02 00 01; C 32 06 00 01 't' 00 03 00";
        Assert.Empty(new Scene().Play(start + withAck).Events);
    }

    [Fact]
    public void Conversation_InSteadyState_AllocatesNothing()
    {
        var scene = new Findings.Silent();
        var tracker = new ConversationTracker([scene, new Capture.Findings.FindingsCollector()]);
        var stream = new TestStream(new MqttStreams([tracker]));
        stream.Client(Testing.Hex.Bytes("10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")).Server(0x20, 0x02, 0x00, 0x00);
        byte[] publish = Testing.Hex.Bytes("32 2F 00 03 'a/b' 00 07 'a payload of more than thirty-two bytes.'"), exactlyOnce = Testing.Hex.Bytes("34 2F 00 03 'a/b' 00 08 'a payload of more than thirty-two bytes.'");
        for (int i = 0; i < 2000; i++) Send();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++) Send();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Send()
        {
            stream.Client(publish).Server(0x40, 0x02, 0x00, 0x07).Client(exactlyOnce).Server(0x50, 0x02, 0x00, 0x08).Client(0x62, 0x02, 0x00, 0x08).Server(0x70, 0x02, 0x00, 0x08)
                .Client(0xC0, 0x00).Server(0xD0, 0x00);
        }
    }
}
