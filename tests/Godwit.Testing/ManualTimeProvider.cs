namespace Godwit.Testing;

/// <summary>
/// A clock that stands still until the test moves it. Begins at noon on 1 January 2025, and well above 0 in its monotonic time.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private long _ticks = new DateTime(2025, 1, 1, 12, 0, 0, DateTimeKind.Utc).Ticks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    /// <summary>Moves the clock forward.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>Moves the clock forward by milliseconds.</summary>
    public void AdvanceMilliseconds(long milliseconds) => Advance(TimeSpan.FromMilliseconds(milliseconds));
}
