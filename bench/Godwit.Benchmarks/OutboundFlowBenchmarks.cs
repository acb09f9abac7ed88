using BenchmarkDotNet.Attributes;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Benchmarks;

/// <summary>The in-flight table: one message begun and acknowledged while others are under way.</summary>
[MemoryDiagnoser]
public class OutboundFlowBenchmarks
{
    private readonly OutboundFlow<object?> _flow = new();
    private readonly Queue<ushort> _underWay = new();

    /// <summary>Messages under way all the time.</summary>
    [Params(1, 20, 1000)]
    public int Window { get; set; }

    /// <summary>Fills the window.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Window; i++) _underWay.Enqueue(_flow.Begin(QoS.AtLeastOnce, null));
    }

    /// <summary>QoS 1: PUBLISH out, PUBACK in.</summary>
    [Benchmark]
    public AckOutcome BeginAndPuback()
    {
        _underWay.Enqueue(_flow.Begin(QoS.AtLeastOnce, null));
        return _flow.OnPuback(_underWay.Dequeue(), out _);
    }
}
