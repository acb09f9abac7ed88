namespace Godwit.Transport;

/// <summary>
/// A deadline on a loop. It carries its own list links, so that scheduling costs no memory: derive from it and keep one instance per
/// deadline. For the loop's own thread only; may be scheduled again at any time, also from its own callback.
/// </summary>
public abstract class LoopTimer
{
    internal LoopTimer? Next;
    internal LoopTimer? Previous;
    internal int List = TimerWheel.NotScheduled;

    /// <summary>When it is due, in milliseconds of <see cref="EventLoop.Now"/>; keeps the last value after it fired.</summary>
    public long Due { get; internal set; }

    /// <summary>Whether it waits to fire.</summary>
    public bool IsScheduled => List != TimerWheel.NotScheduled;

    /// <summary>The deadline has passed. Must not block.</summary>
    protected internal abstract void OnDue(EventLoop loop);
}

/// <summary>A timer that calls a delegate.</summary>
/// <param name="callback">What to do when it is due.</param>
public sealed class CallbackTimer(Action<EventLoop> callback) : LoopTimer
{
    /// <inheritdoc/>
    protected internal override void OnDue(EventLoop loop) => callback(loop);
}
