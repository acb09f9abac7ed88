using System.Diagnostics;

namespace Godwit.Bench;

/// <summary>The time that messages carry: nanoseconds since some moment, the same for all threads of the process, never set back.</summary>
internal static class MonotonicClock
{
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    public static long Now => Stopwatch.Frequency == 1_000_000_000 ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * NanosecondsPerTick);
}
