using BenchmarkDotNet.Attributes;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Benchmarks;

/// <summary>The in-flight tables: one message begun and finished while others are under way.</summary>
[MemoryDiagnoser]
public class FlowBenchmarks
{
    private readonly OutboundFlow<object?> _flow = new();
    private readonly InboundFlow _inbound = new();
    private readonly Queue<ushort> _underWay = new();
    private ushort _id;

    /// <summary>Messages under way all the time.</summary>
    [Params(1, 20, 1000)]
    public int Window { get; set; }

    /// <summary>Fills the windows.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Window; i++)
        {
            _underWay.Enqueue(_flow.Begin(QoS.AtLeastOnce, null));
            _inbound.OnPublish(QoS.ExactlyOnce, ++_id);
        }
    }

    /// <summary>QoS 1, sending: PUBLISH out, PUBACK in.</summary>
    [Benchmark]
    public AckOutcome SendQoS1()
    {
        _underWay.Enqueue(_flow.Begin(QoS.AtLeastOnce, null));
        return _flow.OnPuback(_underWay.Dequeue(), out _);
    }

    /// <summary>QoS 2, sending: PUBLISH out, PUBREC and PUBCOMP in.</summary>
    [Benchmark]
    public AckOutcome SendQoS2()
    {
        ushort id = _flow.Begin(QoS.ExactlyOnce, null);
        _flow.OnPubrec(id, ReasonCode.Success, out _);
        return _flow.OnPubcomp(id, out _);
    }

    /// <summary>QoS 2, receiving: PUBLISH and the oldest PUBREL in.</summary>
    [Benchmark]
    public PubrelVerdict ReceiveQoS2()
    {
        _inbound.OnPublish(QoS.ExactlyOnce, ++_id);
        _inbound.OnPubrecSent(_id, ReasonCode.Success);
        ushort oldest = (ushort)(_id - Window);
        return _inbound.OnPubrel(oldest);
    }
}
