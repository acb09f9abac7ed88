namespace Godwit.Transport;

/// <summary>Something to be done on a loop's thread; see <see cref="EventLoop.Post(ILoopWork)"/>.</summary>
public interface ILoopWork
{
    /// <summary>Does it. Must not block.</summary>
    void Run(EventLoop loop);
}

/// <summary>
/// Called at the end of every turn, after input, inbox and timers and before output is sent: the place to pass on what was gathered
/// during the turn, once instead of once per message.
/// </summary>
public interface ITurnEnd
{
    /// <summary>The turn is about to send its output. Must not block.</summary>
    void OnTurnEnd(EventLoop loop);
}
