namespace Godwit.Transport;

/// <summary>
/// Wakes whoever runs a loop, if it sleeps. A poster adds its work first and looks at the flag then; the sleeper sets the flag first and
/// looks for work then: so one of them sees the other.
/// </summary>
internal sealed class SleepGate(IPoller poller)
{
    private int _asleep;

    /// <summary>From now on work has to be announced. The caller looks for work once more before it waits.</summary>
    public void Close() => Interlocked.Exchange(ref _asleep, 1);

    /// <summary>The sleeper is awake.</summary>
    public void Open() => Volatile.Write(ref _asleep, 0);

    /// <summary>There is work: ends the sleep, once.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _asleep, 0) == 1) poller.Wake();
    }
}
