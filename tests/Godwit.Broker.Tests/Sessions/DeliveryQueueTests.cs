using Godwit.Broker.Sessions;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;

namespace Godwit.Broker.Tests.Sessions;

public sealed class DeliveryQueueTests
{
    [Fact]
    public void Queue_FilledAndDrainedOverItsEdges_KeepsOrderAndAccounts()
    {
        var counters = new Counters();
        var queue = new DeliveryQueue(counters);
        int put = 0, taken = 0;
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < round % 17; i++) queue.Enqueue(Delivery(put++));
            for (int i = 0; i < round % 13 && queue.Count > 0; i++) Assert.Equal($"{taken++}", Text(queue.Dequeue()));
            Assert.Equal(put - taken, queue.Count);
            Assert.Equal(queue.Count, counters.QueuedMessages);
            Assert.Equal(queue.Bytes, counters.QueuedBytes);
        }
        queue.Clear();
        Assert.Equal(0, counters.QueuedMessages);
        Assert.Equal(0, counters.QueuedBytes);
    }

    [Fact]
    public void SubscriptionSet_ManySubscriptions_FindsEachAndForgetsRemoved()
    {
        var shards = new TestShards();
        ClientSession session = shards.Session("s");
        for (int i = 0; i < 50; i++) TestShards.Subscribe(session, $"t/{i}");
        Assert.Equal(50, session.Subscriptions.Count);
        for (int i = 0; i < 50; i += 2) TestShards.Unsubscribe(session.Subscriptions.Find(TestShards.Utf8($"t/{i}"))!);
        Assert.Equal(25, session.Subscriptions.Count);
        Assert.Equal(25, session.Subscriptions.Select(s => s.FilterText).Distinct().Count());
        Assert.Null(session.Subscriptions.Find("t/2"u8));
        Assert.Equal("t/3", session.Subscriptions.Find("t/3"u8)!.FilterText);
    }

    private static Delivery Delivery(int number) =>
        new(TestShards.Message("a/b", $"{number}").Keep(), QoS.AtLeastOnce, false, null, null);

    private static string Text(in Delivery delivery) => System.Text.Encoding.UTF8.GetString(delivery.Publication!.Payload.Span);
}
