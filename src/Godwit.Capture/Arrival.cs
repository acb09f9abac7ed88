namespace Godwit.Capture;

/// <summary>Where and when in a capture something was seen.</summary>
/// <param name="Frame">The frame's number in the capture, from 1 on, as other analysers count; 0 where there are no frames: proxy, tap, hex.</param>
/// <param name="Time">Nanoseconds since 1970-01-01 00:00 UTC.</param>
public readonly record struct Arrival(long Frame, long Time)
{
    /// <summary>The time to 100 nanoseconds.</summary>
    public DateTimeOffset Moment => DateTimeOffset.UnixEpoch.AddTicks(Time / TimeSpan.NanosecondsPerTick);
}
