using Godwit.Cli.Memory;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Tests;

/// <summary>When memory is given back, and what the log says of it.</summary>
public sealed class CalmTrimmerTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly Heap _heap = new();
    private readonly RecordingLogger _log = new();
    private readonly CalmTrimmer _trimmer;
    private long _unused;

    public CalmTrimmerTests() => _trimmer = new CalmTrimmer(_log, _heap, DropUnused, _time);

    public void Dispose() => _trimmer.Dispose();

    [Fact]
    public void Collect_AfterABurst_ComesOnceWithTheFirstQuietInterval()
    {
        Pass(allocated: CalmTrimmer.WorthIt);
        Assert.Equal(0, _heap.Collections);
        Pass(allocated: CalmTrimmer.Quiet - 1);
        Assert.Equal(1, _heap.Collections);
        for (int i = 0; i < 10; i++) Pass(allocated: 1000);
        Assert.Equal(1, _heap.Collections);
        Pass(allocated: CalmTrimmer.WorthIt);
        Pass(allocated: 0);
        Assert.Equal(2, _heap.Collections);
    }

    [Fact]
    public void Collect_Recorded_SaysItsOwnPauseAndWhatIsInUseThen()
    {
        _heap.Paused = TimeSpan.FromMilliseconds(700); // earlier collections
        Pass(allocated: CalmTrimmer.WorthIt);
        Pass(allocated: 0);
        Assert.Equal(["It is quiet: unused memory is given back, 1000 KiB are in use (12.5 ms)."], _log.Lines);
    }

    [Fact]
    public void Collect_TrafficThatAllocatesNothing_IsNotStopped()
    {
        Pass(allocated: CalmTrimmer.WorthIt);
        for (int i = 0; i < 10; i++) Pass(allocated: 0, worked: CalmTrimmer.Work + TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _heap.Collections);
        Pass(allocated: 0, worked: CalmTrimmer.Work);
        Assert.Equal(1, _heap.Collections);
    }

    [Fact]
    public void Collect_LittleGarbage_IsNotWorthIt()
    {
        Pass(allocated: CalmTrimmer.WorthIt - 1);
        Pass(allocated: 0);
        Assert.Equal(0, _heap.Collections);
    }

    [Fact]
    public void Collect_LargeHeap_IsLeftAlone()
    {
        _heap.InUse = CalmTrimmer.LargestHeap + 1;
        Pass(allocated: CalmTrimmer.WorthIt);
        Pass(allocated: 0);
        Assert.Equal(0, _heap.Collections);
    }

    [Fact]
    public void Collect_BuffersHaveBecomeUnused_CountAsGarbage()
    {
        Pass(allocated: CalmTrimmer.WorthIt);
        Pass(allocated: 0);
        _unused = CalmTrimmer.WorthIt;
        Pass(allocated: 0);
        Assert.Equal(2, _heap.Collections);
        Pass(allocated: 0);
        Assert.Equal(2, _heap.Collections);
    }

    [Fact]
    public void Dispose_Timer_LooksNoMore()
    {
        Pass(allocated: CalmTrimmer.WorthIt);
        _trimmer.Dispose();
        Pass(allocated: 0);
        Assert.Equal(0, _heap.Collections);
    }

    private void Pass(long allocated, TimeSpan worked = default)
    {
        _heap.Allocated += allocated;
        _heap.ProcessorTime += worked;
        _time.Advance(CalmTrimmer.Interval);
    }

    private long DropUnused()
    {
        long dropped = _unused;
        _unused = 0;
        return dropped;
    }

    /// <summary>A heap on which a collection takes 12.5 ms and leaves 1000 KiB.</summary>
    private sealed class Heap : IManagedHeap
    {
        public long Allocated { get; set; }

        public long InUse { get; set; } = 10 * 1024 * 1024;

        public TimeSpan Paused { get; set; }

        public TimeSpan ProcessorTime { get; set; }

        public int Collections { get; private set; }

        public void Collect()
        {
            Collections++;
            InUse = 1000 * 1024;
            Paused += TimeSpan.FromMilliseconds(12.5);
        }
    }

    private sealed class RecordingLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
