// What other threads want done on a loop. Two arrays change places at every turn, so that a batch is taken under the lock at once and
// run outside it; steady traffic allocates nothing.
namespace Godwit.Transport;

internal sealed class LoopInbox
{
    private const int Smallest = 64;
    private const int LargestKept = 16 * 1024;

    private readonly Lock _lock = new();
    private object[] _incoming = new object[Smallest]; // ILoopWork or Action
    private object[] _running = new object[Smallest];
    private volatile int _count;

    public bool IsEmpty => _count == 0;

    public void Add(object work)
    {
        lock (_lock)
        {
            int count = _count;
            if (count == _incoming.Length) Array.Resize(ref _incoming, count * 2);
            _incoming[count] = work;
            _count = count + 1;
        }
    }

    /// <summary>Runs what is there now; what is added meanwhile waits for the next turn.</summary>
    public bool Run(EventLoop loop)
    {
        if (_count == 0) return false;
        int count;
        lock (_lock)
        {
            count = _count;
            (_incoming, _running) = (_running, _incoming);
            _count = 0;
        }
        object[] batch = _running;
        int done = 0;
        try
        {
            while (done < count)
            {
                object work = batch[done++];
                try
                {
                    if (work is ILoopWork loopWork) loopWork.Run(loop);
                    else ((Action)work)();
                }
                catch (Exception exception)
                {
                    loop.OnUnexpected(exception);
                }
            }
        }
        finally
        {
            // OnUnexpected throws on manual loops: what had not run yet stays for the next turn.
            for (int i = done; i < count; i++) Add(batch[i]);
            Array.Clear(batch, 0, count);
            if (batch.Length > LargestKept) _running = new object[Smallest];
        }
        return true;
    }
}
