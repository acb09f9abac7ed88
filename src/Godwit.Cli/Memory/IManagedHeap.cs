// What CalmTrimmer has to do with the garbage collector, so that a test can say what it finds.
namespace Godwit.Cli.Memory;

internal interface IManagedHeap
{
    /// <summary>Bytes allocated since the program began.</summary>
    long Allocated { get; }

    /// <summary>Bytes in use, or not collected yet.</summary>
    long InUse { get; }

    /// <summary>How long collections have stopped the program since it began.</summary>
    TimeSpan Paused { get; }

    /// <summary>Processor time that the program has used, its collections included.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Collects everything, and returns the memory to the system.</summary>
    void Collect();
}

/// <summary>The program's own.</summary>
internal sealed class ManagedHeap : IManagedHeap
{
    public long Allocated => GC.GetTotalAllocatedBytes();

    public long InUse => GC.GetTotalMemory(forceFullCollection: false);

    public TimeSpan Paused => GC.GetTotalPauseDuration();

    public TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    public void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
