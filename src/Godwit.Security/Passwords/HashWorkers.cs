// Threads that compute password hashes. There are few of them, so that a storm of logins leaves processors to the event loops, and the line
// before them is short: who would wait too long is told so at once.
using System.Collections.Concurrent;

namespace Godwit.Security.Passwords;

internal sealed class HashWorkers : IDisposable
{
    /// <summary>Logins that may wait.</summary>
    public const int DefaultCapacity = 1024;

    /// <summary>A client gives up after about ten seconds, and the broker too: what waits longer is not worth a hash any more.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(8);

    private readonly BlockingCollection<Job> _jobs;
    private readonly TimeProvider _time;
    private int _missing;

    /// <param name="time">The clock.</param>
    /// <param name="workers">Threads; null for half of the processors.</param>
    /// <param name="capacity">Logins that may wait.</param>
    public HashWorkers(TimeProvider time, int? workers = null, int capacity = DefaultCapacity)
    {
        _time = time;
        _jobs = new BlockingCollection<Job>(capacity);
        _missing = workers ?? Math.Max(1, Environment.ProcessorCount / 2);
    }

    private sealed record Job(Func<bool> Work, long Since, TaskCompletionSource<bool?> Done);

    /// <summary>Does something on one of the threads.</summary>
    /// <returns>Its result; null if there is too much to do.</returns>
    public Task<bool?> RunAsync(Func<bool> work)
    {
        var job = new Job(work, _time.GetTimestamp(), new TaskCompletionSource<bool?>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_jobs.IsAddingCompleted || !_jobs.TryAdd(job)) return Task.FromResult<bool?>(null);
        if (Volatile.Read(ref _missing) > 0 && Interlocked.Decrement(ref _missing) >= 0) // with the first logins: many brokers see none
            new Thread(Work) { IsBackground = true, Name = "password hashes" }.Start();
        return job.Done.Task;
    }

    /// <summary>Does what waits now, for tests without threads.</summary>
    internal void RunWaiting()
    {
        while (_jobs.TryTake(out Job? job)) Run(job);
    }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        while (_jobs.TryTake(out Job? job)) job.Done.TrySetResult(null);
    }

    private void Work()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable()) Run(job);
    }

    private void Run(Job job)
    {
        if (_time.GetElapsedTime(job.Since) > LongestWait)
        {
            job.Done.TrySetResult(null);
            return;
        }
        try
        {
            job.Done.TrySetResult(job.Work());
        }
        catch (Exception failed)
        {
            job.Done.TrySetException(failed); // the client is refused; the thread goes on
        }
    }
}
