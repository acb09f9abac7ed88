// TLS handshakes compute for milliseconds (private key operations), which would hold a loop up. So their steps run on the thread pool, a few
// at a time: a storm of connects takes its share of the processors and not more. What is bounded is the computing, not the handshakes; a
// client that is slow to answer holds nobody up.
using System.Collections.Concurrent;

namespace Godwit.Transport.Tls;

internal sealed class HandshakeQueue(int mostWorkers) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Action> _steps = new();
    private int _workers;

    /// <summary>The one of this process. Half of the processors stay with the loops.</summary>
    public static HandshakeQueue Shared { get; } = new(Math.Max(1, Environment.ProcessorCount / 2));

    public void Post(Action step)
    {
        _steps.Enqueue(step);
        StartWorker();
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (_steps.TryDequeue(out Action? step)) step();
        Interlocked.Decrement(ref _workers);
        if (!_steps.IsEmpty) StartWorker();
    }

    private void StartWorker()
    {
        int workers = Volatile.Read(ref _workers);
        while (workers < mostWorkers)
        {
            int seen = Interlocked.CompareExchange(ref _workers, workers + 1, workers);
            if (seen == workers)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
            workers = seen;
        }
    }
}
