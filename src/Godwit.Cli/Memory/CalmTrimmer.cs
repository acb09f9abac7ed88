// Gives memory back when it has become quiet. The path of a message allocates nothing, so after a burst (thousands of clients connect,
// queues drain) no collection may come for hours, and the burst's garbage would stay resident: as much as the connections themselves.
//
// Only an aggressive collection returns memory to the system at once; it stops the program while it moves what is alive. So it is
// done while little is alive, and once after each burst. Beside a large heap the garbage of one burst does not count.
using Godwit.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Memory;

internal sealed class CalmTrimmer : IDisposable
{
    private const int IntervalMilliseconds = 2000;

    // Less than this is not worth a collection; and while more than that is allocated in an interval, it is not quiet yet.
    private const long WorthIt = 4 * 1024 * 1024, Quiet = 256 * 1024;

    /// <summary>The heap that is collected in some ten milliseconds.</summary>
    private const long LargestHeap = 128 * 1024 * 1024;

    private readonly ILogger _logger;
    private readonly Timer _timer;
    private long _allocatedAtTrim;
    private long _allocatedBefore;

    public CalmTrimmer(ILogger logger)
    {
        _logger = logger;
        _timer = new Timer(static self => ((CalmTrimmer)self!).Look(), this, IntervalMilliseconds, IntervalMilliseconds);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        bool isQuiet = allocated - _allocatedBefore < Quiet;
        _allocatedBefore = allocated;
        if (!isQuiet || allocated - _allocatedAtTrim < WorthIt || GC.GetTotalMemory(forceFullCollection: false) > LargestHeap) return;
        TimeSpan paused = GC.GetTotalPauseDuration();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        BrokerVerbLog.MemoryGivenBack(_logger, GC.GetTotalMemory(forceFullCollection: false) / 1024, (GC.GetTotalPauseDuration() - paused).TotalMilliseconds);
        _allocatedAtTrim = _allocatedBefore = GC.GetTotalAllocatedBytes();
    }
}
