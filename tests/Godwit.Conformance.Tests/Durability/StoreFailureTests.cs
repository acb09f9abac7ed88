// The disk is full, or fails: what cannot be kept is refused, what needs no store goes on, and all is well again when the store is.
using Godwit.Broker;
using Godwit.Broker.Storage;

namespace Godwit.Conformance.Tests.Durability;

public sealed class StoreFailureTests : IDisposable
{
    private readonly MemoryStore _store = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Statement("MQTT-4.3.2-4", "5.0")]
    public void Failure_PublishToKeep_IsRefusedInMqtt5AndNotAcknowledgedBefore(bool failsAtCommit)
    {
        using TestBroker broker = Start(failsAtCommit);
        broker.Connect("s", cleanSession: false).Subscribe("a", QoS.AtLeastOnce);
        TestClient publisher = broker.Connect("p"), publisher5 = broker.Connect("p5", version: ProtocolVersion.V5);
        Fail(broker);

        publisher.Publish("a", "old", QoS.AtLeastOnce, 1);
        publisher5.Publish("a", "new", QoS.AtLeastOnce, 1);
        publisher5.Publish("a", "new", QoS.ExactlyOnce, 2);
        publisher5.Publish("r", "new", QoS.AtLeastOnce, 3, retain: true);
        publisher.ExpectNothing();
        Assert.Equal(["PUBACK m1 97", "PUBREC m2 97", "PUBACK m3 97"], publisher5.Take().Select(packet => packet[..12]));

        Recover(broker);
        publisher.ExpectPackets("PUBACK m1");
        publisher5.Publish("a", "again", QoS.AtLeastOnce, 4);
        publisher5.ExpectPackets("PUBACK m4");
        Assert.Equal(2, _store.Deliveries);
    }

    [Fact]
    public void Failure_WhatNeedsNoStore_GoesOn()
    {
        using TestBroker broker = Start();
        broker.Connect("kept", cleanSession: false).Subscribe("kept", QoS.AtLeastOnce);
        TestClient publisher = broker.Connect("p", version: ProtocolVersion.V5);
        Fail(broker);

        TestClient subscriber = broker.Connect("s");
        subscriber.Subscribe("#", QoS.AtLeastOnce);
        publisher.Publish("kept", "0");
        publisher.Publish("other", "1", QoS.AtLeastOnce, 1);

        publisher.ExpectPackets("PUBACK m1");
        subscriber.ExpectPackets("PUBLISH kept=0 q0", "PUBLISH other=1 q1 m1");
    }

    [Fact]
    public void Damage_FoundWhileAQueueIsRead_IsSaidOnceAndNobodyElseIsHeldUp()
    {
        using TestBroker broker = Start();
        TestClient publisher = broker.Connect("p"), subscriber = broker.Connect("s", cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.Disconnect();
        for (ushort i = 1; i <= 2000; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        publisher.Take();
        broker.Log.ErrorsAreExpected = true;

        _store.IsUnreadable = true;
        subscriber = broker.Connect("s", cleanSession: false, sessionPresent: true, afterConnack: [.. Enumerable.Range(1, 512).Select(i => $"PUBLISH a={i} q1 m{i}")]);
        for (ushort i = 1; i <= 512; i++) subscriber.Puback(i);
        for (int i = 0; i < 10; i++) broker.Advance(TimeSpan.FromMilliseconds(100));
        TestClient other = broker.Connect("o", cleanSession: false);
        other.Subscribe("b", QoS.AtLeastOnce);
        publisher.Publish("b", "1", QoS.AtLeastOnce, 1);
        publisher.ExpectPackets("PUBACK m1");
        other.ExpectPackets("PUBLISH b=1 q1 m1");
        Assert.Single(broker.Log.Lines, line => line.Contains("start it again", StringComparison.Ordinal));

        _store.IsUnreadable = false;
        broker.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("PUBLISH a=513 q1 m513", subscriber.Take()[0]);
    }

    [Fact]
    [Statement("MQTT-3.2.2-5", "3.1.1")]
    public void Failure_PersistentSession_IsRefused()
    {
        using TestBroker broker = Start();
        broker.Connect("c", cleanSession: false);
        Fail(broker);

        TestClient old = broker.Open(), new5 = broker.Open(ProtocolVersion.V5);
        old.Send(Packets.Connect(ProtocolVersion.V311, "o", cleanSession: false));
        new5.Send(Packets.Connect(ProtocolVersion.V5, "n", properties: "11 00 00 00 0A"));
        Assert.Equal(["CONNACK 00 03"], old.Take());
        Assert.StartsWith("CONNACK 00 88", Assert.Single(new5.Take()));

        Recover(broker);
        broker.Connect("o", cleanSession: false);
    }

    [Fact]
    public void Failure_Subscribe_IsRefused()
    {
        using TestBroker broker = Start();
        TestClient old = broker.Connect("o", cleanSession: false);
        TestClient new5 = broker.Connect("n", version: ProtocolVersion.V5, properties: "11 00 00 00 0A");
        Fail(broker);
        broker.IsWriterStalled = true;
        old.Send(Packets.Subscribe(ProtocolVersion.V311, 1, [("a", 1)]));
        new5.Send(Packets.Subscribe(ProtocolVersion.V5, 1, [("a", 1)]));
        Recover(broker);
        old.ExpectPackets("SUBACK m1 80");
        new5.ExpectPackets("SUBACK m1 00 97");
        Assert.Equal(0, _store.Subscriptions);
    }

    [Fact]
    public void Failure_FloodThatIsNotAcknowledged_IsNotReadFromOnAndOn()
    {
        using TestBroker broker = Start();
        broker.Connect("s", cleanSession: false).Subscribe("a", QoS.AtLeastOnce);
        TestClient publisher = broker.Connect("p");
        Fail(broker);
        string payload = new('x', 1024 * 1024);

        for (ushort i = 1; i <= 200; i++) publisher.Publish("a", payload, QoS.AtLeastOnce, i);

        Assert.InRange(broker.Statistics.PublishReceived, 60, 80);
        Recover(broker);
        Assert.Equal(200, publisher.Take().Count);
    }

    public void Dispose() => _store.Dispose();

    private TestBroker Start(bool failsAtCommit = false)
    {
        _store.FailsAtCommit = failsAtCommit;
        return new TestBroker(1, store: _store);
    }

    // The broker notices with its next write.
    private void Fail(TestBroker broker)
    {
        _store.Failure = StoreFailure.Full;
        broker.Log.ErrorsAreExpected = true;
        TestClient client = broker.Connect("noticed");
        client.Publish("$noticed", "x", QoS.AtLeastOnce, 1, retain: true);
        client.ExpectNothing();
        client.Reset();
        Assert.NotNull(broker.Broker.State.Writer!.Failure);
    }

    private void Recover(TestBroker broker)
    {
        _store.Failure = null;
        broker.IsWriterStalled = false;
        broker.Run();
    }
}
