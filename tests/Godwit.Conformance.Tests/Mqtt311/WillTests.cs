// The will: sections 3.1.2.5 to 3.1.2.7, and 3.14.4.
namespace Godwit.Conformance.Tests.Mqtt311;

public class WillTests
{
    [Theory]
    [InlineData(1, "")]
    [InlineData(3, "")]
    [InlineData(3, "E1 00")] // DISCONNECT with a reserved bit
    [InlineData(3, "36 04 00 01 'a' 'x'")] // QoS 3
    [InlineData(3, "10 0D 00 04 'MQTT' 04 02 00 00 00 01 'a'")] // a second CONNECT
    [Statement("MQTT-3.1.2-8", "3.1.1")]
    [Statement("MQTT-3.1.2-9", "3.1.1")]
    [Statement("MQTT-3.14.1-1", "3.1.1")]
    public void Will_ConnectionEndsWithoutDisconnect_IsPublished(int loops, string last)
    {
        using var broker = new TestBroker(loops);
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 0));
        watcher.Subscribe("w/#", QoS.ExactlyOnce);
        TestClient client = broker.Connect(broker.ClientId("client", 1), will: new TestWill("w/1", "gone", QoS.AtLeastOnce));

        client.Send(last);
        if (last.Length == 0) client.Close();

        watcher.ExpectPackets("PUBLISH w/1=gone q1 m1");
        Assert.True(client.IsClosed);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-8", "3.1.1")]
    public void Will_NetworkFails_IsPublished(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 0));
        watcher.Subscribe("w");
        TestClient client = broker.Connect(broker.ClientId("client", 1), cleanSession: false, will: new TestWill("w", ""));

        client.Reset();

        watcher.ExpectPackets("PUBLISH w= q0"); // a will message may be empty
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    [Statement("MQTT-3.1.2-8", "3.1.1")]
    public void Will_ClientIsTakenOver_IsPublished(int loops, bool cleanSession)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 0));
        watcher.Subscribe("w");
        broker.Connect(id, cleanSession, will: new TestWill("w", "first"));

        TestClient second = broker.Connect(id, cleanSession, will: new TestWill("w", "second"), sessionPresent: !cleanSession);

        watcher.ExpectPackets("PUBLISH w=first q0");
        second.Close();
        watcher.ExpectPackets("PUBLISH w=second q0");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-8", "3.1.1")]
    [Statement("MQTT-3.1.2-10", "3.1.1")]
    [Statement("MQTT-3.14.4-3", "3.1.1")]
    public void DISCONNECT_DiscardsTheWill(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 0));
        watcher.Subscribe("w");
        TestClient client = broker.Connect(broker.ClientId("client", 1), cleanSession: false, will: new TestWill("w", "gone", Retain: true));

        client.Disconnect();

        watcher.ExpectNothing();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-10", "3.1.1")]
    [Statement("MQTT-3.1.2-12", "3.1.1")]
    public void Will_OncePublished_IsRemoved(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 0));
        watcher.Subscribe("w");
        broker.Connect(id, cleanSession: false, will: new TestWill("w", "gone")).Close();
        watcher.ExpectPackets("PUBLISH w=gone q0");

        broker.Connect(id, cleanSession: false, sessionPresent: true).Close(); // the same session, without the will flag

        watcher.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.1.2-10", "3.1.1")]
    [Statement("MQTT-3.1.2-12", "3.1.1")]
    public void Will_OfAnEarlierConnection_IsNotPublishedAfterDisconnect()
    {
        using var broker = new TestBroker();
        TestClient watcher = broker.Connect("watcher");
        watcher.Subscribe("w");
        broker.Connect("client", cleanSession: false, will: new TestWill("w", "gone")).Disconnect();

        broker.Connect("client", cleanSession: false, sessionPresent: true).Reset();

        watcher.ExpectNothing();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [Statement("MQTT-3.1.2-16", "3.1.1")]
    [Statement("MQTT-3.1.2-17", "3.1.1")]
    public void Will_RetainFlag_DecidesWhetherItIsRetained(int loops, bool retain)
    {
        using var broker = new TestBroker(loops);
        TestClient present = broker.Connect(broker.ClientId("present", 0));
        present.Subscribe("w");
        broker.Connect(broker.ClientId("client", 1), will: new TestWill("w", "gone", Retain: retain)).Close();
        present.ExpectPackets("PUBLISH w=gone q0");

        TestClient late = broker.Connect(broker.ClientId("late", 2));
        late.Subscribe("w");

        if (retain) late.ExpectPackets("PUBLISH w=gone q0 retain");
        else late.ExpectOpen();
    }

    [Fact]
    [Statement("MQTT-3.1.2-12", "3.1.1")]
    public void Connection_WithoutWill_EndsSilently()
    {
        using var broker = new TestBroker();
        TestClient watcher = broker.Connect("watcher"), client = broker.Connect("client");
        watcher.Subscribe("#");

        client.Reset();

        watcher.ExpectOpen();
    }

    [Theory]
    [InlineData("00 01 '#'")]
    [InlineData("00 01 '+'")]
    [InlineData("00 00")]
    [Statement("MQTT-4.7.1-1", "3.1.1")]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    public void CONNECT_WillTopicIsNoTopicName_ClosesWithoutConnack(string topic)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();
        byte[] body = Hex.Bytes($"00 04 'MQTT' 04 06 00 00 00 01 'a' {topic} 00 01 'x'");

        client.Send(Packets.Frame(0x10, body));

        client.ExpectClosed();
    }

    [Fact]
    public void Will_BrokerStops_IsPublishedBeforeTheSessionsEnd()
    {
        var broker = new TestBroker();
        TestClient client = broker.Connect("client", will: new TestWill("w", "gone", Retain: true));

        broker.Dispose();

        Assert.True(client.IsClosed);
        Assert.Equal(1, broker.Statistics.RetainedMessages);
    }
}
