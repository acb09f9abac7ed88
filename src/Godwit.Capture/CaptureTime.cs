namespace Godwit.Capture;

/// <summary>A moment of a capture, by the clock or by how long after its beginning.</summary>
/// <param name="Nanoseconds">Since 1970-01-01 00:00 UTC, or since the first frame.</param>
/// <param name="IsRelative">Whether it counts from the first frame.</param>
public readonly record struct CaptureTime(long Nanoseconds, bool IsRelative)
{
    /// <summary>So long after the first frame.</summary>
    public static CaptureTime After(TimeSpan time) => new(time.Ticks * TimeSpan.NanosecondsPerTick, IsRelative: true);

    /// <summary>By the clock.</summary>
    public static CaptureTime At(DateTimeOffset moment) => new((moment - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick, IsRelative: false);

    /// <summary>The moment, in nanoseconds since 1970-01-01 00:00 UTC.</summary>
    /// <param name="start">When the first frame was captured, in the same unit.</param>
    public long Since1970(long start) => IsRelative ? start + Nanoseconds : Nanoseconds;
}
