namespace Godwit.Security.Http;

/// <summary>
/// A service that has failed several times in a row is not asked for a while: clients hear at once that it cannot be reached, and it is not
/// kept down by the questions of all who try again.
/// </summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    private const int MostFailures = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private int _failures;
    private long _openSince;

    /// <summary>Whether it is not to be asked. After the pause it is, and the next failure opens the breaker again.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock) return _failures >= MostFailures && time.GetElapsedTime(_openSince) < Pause;
        }
    }

    public void OnAnswered()
    {
        lock (_lock) _failures = 0;
    }

    public void OnFailed()
    {
        lock (_lock)
        {
            if (++_failures >= MostFailures) _openSince = time.GetTimestamp();
        }
    }
}
