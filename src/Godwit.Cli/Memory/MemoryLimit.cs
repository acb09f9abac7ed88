// Keeps the process within `--memory`. The broker counts what lives; around it are the runtime itself and the garbage that collections have not
// come to. So the collector gets a hard limit, under which it works the harder the nearer it comes, and the broker a budget that leaves it
// room for that. What lives beyond what the broker counts is found after full collections, and told to the broker.
using Godwit.Broker;

namespace Godwit.Cli.Memory;

internal sealed class MemoryLimit : IDisposable
{
    /// <summary>The least that a broker can work with: half of it is the program itself.</summary>
    public const long Smallest = 96 * 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>What the program takes beside its heap once it has warmed up: code, runtime, stacks.</summary>
    private const long Program = 50 * 1024 * 1024;

    /// <summary>What a broker without clients has on its heap.</summary>
    private const long OwnHeap = 6 * 1024 * 1024;

    private readonly Func<MemoryUseOfProcess> _read;
    private readonly MqttBroker _broker;
    private readonly ITimer _timer;
    private long _lastCollection;

    private MemoryLimit(MqttBroker broker, Func<MemoryUseOfProcess> read, TimeProvider time)
    {
        _broker = broker;
        _read = read;
        _timer = time.CreateTimer(static self => ((MemoryLimit)self!).Look(), this, Interval, Interval);
    }

    /// <summary>Bytes that the managed heap may take.</summary>
    public static long HeapLimit(long memory) => memory + memory / 10 - Program;

    /// <summary>Bytes of the heap that may be alive: with less to spare the collector may fail to make room within a turn.</summary>
    public static long Budget(long memory) => (HeapLimit(memory) - OwnHeap) / 2;

    /// <summary>The largest packet that goes with a budget: some of them may be under way at a time.</summary>
    public static long LargestPacket(long memory) => Budget(memory) / 16;

    /// <summary>Limits the heap, before much of it is used.</summary>
    public static void Apply(long memory)
    {
        AppContext.SetData("GCHeapHardLimit", (ulong)HeapLimit(memory));
        GC.RefreshMemoryLimit();
    }

    /// <summary>Goes on looking what is in use.</summary>
    public static MemoryLimit Watch(MqttBroker broker, TimeProvider time) => new(broker, MemoryUseOfProcess.Read, time);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        MemoryUseOfProcess use = _read();
        if (use.Collection == _lastCollection) return;
        _lastCollection = use.Collection;
        Godwit.Broker.Memory.MemoryUse counted = _broker.Statistics.Memory;
        _broker.SetOtherMemory(Math.Max(0, use.Live - OwnHeap - (counted.Used - counted.Other)));
    }
}

/// <summary>What the last full collection has found.</summary>
/// <param name="Collection">Its number.</param>
/// <param name="Live">Bytes that were alive.</param>
internal readonly record struct MemoryUseOfProcess(long Collection, long Live)
{
    public static MemoryUseOfProcess Read()
    {
        GCMemoryInfo blocking = GC.GetGCMemoryInfo(GCKind.FullBlocking), background = GC.GetGCMemoryInfo(GCKind.Background);
        GCMemoryInfo last = blocking.Index > background.Index ? blocking : background;
        return new MemoryUseOfProcess(last.Index, last.HeapSizeBytes - last.FragmentedBytes);
    }
}
