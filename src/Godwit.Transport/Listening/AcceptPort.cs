// What a backend adds to a Listener: the listening socket, and one port per loop that takes part in accepting.
using System.Net;

namespace Godwit.Transport;

/// <summary>A backend's listening socket.</summary>
internal abstract class ListenSocket : IDisposable
{
    public abstract EndPoint LocalEndPoint { get; }

    /// <summary>The part of a loop in accepting; null if it has none.</summary>
    public abstract AcceptPort? CreatePort(Listener listener, EventLoop loop);

    public abstract void Dispose();
}

/// <summary>Accepting on one loop: watching, and pausing while the system is exhausted.</summary>
internal abstract class AcceptPort(Listener listener, EventLoop loop)
{
    private const int PauseMilliseconds = 100;

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopTimer? _resume;
    private bool _isStopped;

    protected Listener Listener => listener;

    public EventLoop Loop => loop;

    public void Start() => Arm();

    public Task StopAsync()
    {
        loop.Post(Stop);
        if (!loop.HasThread) loop.Turn(0);
        return _stopped.Task;
    }

    protected abstract void Arm();

    protected abstract void Disarm();

    /// <summary>Nothing can be accepted for want of resources: looks again a little later instead of spinning.</summary>
    protected void Pause()
    {
        Disarm();
        _resume ??= new CallbackTimer(_ => Arm());
        loop.Schedule(_resume, loop.Now + PauseMilliseconds);
    }

    private void Stop()
    {
        if (_isStopped) return;
        _isStopped = true;
        if (_resume is { IsScheduled: true }) loop.Cancel(_resume);
        else Disarm();
        _stopped.TrySetResult();
    }
}
