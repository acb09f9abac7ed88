// Gives memory back when it has become quiet. The path of a message allocates nothing, so after a burst (thousands of clients connect,
// queues drain) no collection may come for hours, and the burst's garbage would stay resident: as much as the connections themselves.
// Large buffers that nobody has needed for an interval become garbage here too.
//
// Only an aggressive collection returns memory to the system at once; it stops the program while it moves what is alive. So it is
// done while little is alive, and once after each burst. Beside a large heap the garbage of one burst does not count.
using Godwit.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Memory;

internal sealed class CalmTrimmer : IDisposable
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Less garbage than this is not worth a collection.</summary>
    public const long WorthIt = 4 * 1024 * 1024;

    /// <summary>While more than this is allocated in an interval, it is not quiet yet.</summary>
    public const long Quiet = 256 * 1024;

    /// <summary>Nor while the program works for more of an interval than this: traffic that allocates nothing would notice the pause.</summary>
    public static readonly TimeSpan Work = Interval / 4;

    /// <summary>The heap that is collected in some ten milliseconds.</summary>
    public const long LargestHeap = 128 * 1024 * 1024;

    private readonly ILogger _logger;
    private readonly IManagedHeap _heap;
    private readonly Func<long> _dropUnusedBuffers;
    private readonly ITimer _timer;
    private long _allocatedAtTrim;
    private long _allocatedBefore;
    private TimeSpan _workedBefore;
    private long _dropped;

    /// <param name="logger">Where it says what it did.</param>
    /// <param name="heap">The heap.</param>
    /// <param name="dropUnusedBuffers">Makes garbage of what was spare since the last call, and says how many bytes that were.</param>
    /// <param name="time">The clock.</param>
    public CalmTrimmer(ILogger logger, IManagedHeap heap, Func<long> dropUnusedBuffers, TimeProvider time)
    {
        _logger = logger;
        _heap = heap;
        _dropUnusedBuffers = dropUnusedBuffers;
        _timer = time.CreateTimer(static self => ((CalmTrimmer)self!).Look(), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        _dropped += _dropUnusedBuffers();
        long allocated = _heap.Allocated;
        TimeSpan worked = _heap.ProcessorTime;
        bool isQuiet = allocated - _allocatedBefore < Quiet && worked - _workedBefore <= Work;
        (_allocatedBefore, _workedBefore) = (allocated, worked);
        if (!isQuiet || allocated - _allocatedAtTrim + _dropped < WorthIt || _heap.InUse > LargestHeap) return;
        TimeSpan paused = _heap.Paused;
        _heap.Collect();
        BrokerVerbLog.MemoryGivenBack(_logger, _heap.InUse / 1024, (_heap.Paused - paused).TotalMilliseconds);
        _allocatedAtTrim = _allocatedBefore = _heap.Allocated;
        _dropped = 0;
    }
}
