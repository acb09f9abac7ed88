namespace Godwit.Transport;

/// <summary>The loops of a group and the threads that may run them: one for each loop, of which only those exist that were needed.</summary>
internal sealed class LoopThreads
{
    private readonly bool _isElastic;

    public LoopThreads(EventLoop[] loops, TimeProvider time, bool isElastic)
    {
        _isElastic = isElastic && loops.Length > 1 && ThreadMeter.IsAvailable;
        Loops = loops;
        Threads = new LoopThread[loops.Length];
        for (int i = 0; i < loops.Length; i++) Threads[i] = new LoopThread(this, i, time, _isElastic);
    }

    public EventLoop[] Loops { get; }

    /// <summary>Thread n, when it runs any loops, runs loop n as its first one.</summary>
    public LoopThread[] Threads { get; }

    public void Start()
    {
        foreach (EventLoop loop in Loops) loop.HasThread = true;
        if (_isElastic) Threads[0].TakeOver(Loops);
        else for (int i = 0; i < Loops.Length; i++) Threads[i].TakeOver([Loops[i]]);
    }

    /// <summary>Ends the threads; the loops have been drained.</summary>
    public Task ExitAsync()
    {
        Task[] exits = [.. Threads.Select(thread => thread.ExitAsync())];
        foreach (EventLoop loop in Loops) loop.Post(static () => { }); // ends their sleep
        return Task.WhenAll(exits);
    }
}
