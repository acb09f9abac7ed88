using BenchmarkDotNet.Attributes;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;

namespace Godwit.Benchmarks;

/// <summary>The queue of a session: one message in, one out, while others wait.</summary>
[MemoryDiagnoser]
public class DeliveryQueueBenchmarks
{
    private readonly DeliveryQueue _queue = new(new Counters());
    private Delivery _delivery;

    /// <summary>Messages that wait all the time.</summary>
    [Params(0, 20, 10_000)]
    public int Waiting { get; set; }

    /// <summary>Fills the queue.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var publication = new Publication(new PublicationView { Topic = "plant/line7"u8, Payload = new byte[64], QoS = QoS.AtLeastOnce }, null);
        _delivery = new Delivery(publication, QoS.AtLeastOnce, false, null, null);
        for (int i = 0; i < Waiting; i++) _queue.Enqueue(_delivery);
    }

    /// <summary>In at one end, out at the other.</summary>
    [Benchmark]
    public QoS EnqueueAndDequeue()
    {
        _queue.Enqueue(_delivery);
        return _queue.Dequeue().QoS;
    }
}
