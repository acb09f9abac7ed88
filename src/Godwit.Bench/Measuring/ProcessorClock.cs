// Who used the processors: this process, one of its threads, and the broker's process. A figure that cannot be had is null. On Linux the
// kernel's own clocks are read, which count nanoseconds; the ticks of /proc/PID/stat would be too coarse for a run of a second.
using System.Globalization;
using System.Runtime.InteropServices;

namespace Godwit.Bench;

/// <summary>Processor time of a thread, in nanoseconds.</summary>
/// <param name="Running">Time on a processor.</param>
/// <param name="Waiting">Time in which it could have run, but no processor was free; null if the system does not tell.</param>
internal readonly record struct ThreadTime(long Running, long? Waiting);

internal static unsafe partial class ProcessorClock
{
    private const int ThreadCpuClock = 3; // CLOCK_THREAD_CPUTIME_ID
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK
    private const nuint TimerSlack = 1000;

    private static readonly bool IsLinux = OperatingSystem.IsLinux();

    /// <summary>Nanoseconds that all threads of this process have used.</summary>
    public static long OfThisProcess => (long)Environment.CpuUsage.TotalTime.TotalNanoseconds;

    /// <summary>The calling thread's time.</summary>
    public static ThreadTime? OfThisThread()
    {
        if (!IsLinux || Read(ThreadCpuClock) is not { } running) return null;
        return new ThreadTime(running, ReadWaiting());
    }

    /// <summary>Nanoseconds that a process has used; null if there is none, or the system does not tell.</summary>
    public static long? OfProcess(int id)
    {
        // The clock's number as clock_getcpuclockid makes it.
        if (IsLinux) return Read((~id << 3) | 2);
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return (long)process.TotalProcessorTime.TotalNanoseconds;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Has the kernel end the calling thread's short waits when they are over, not up to 50 us later.</summary>
    public static void UseExactTimers()
    {
        if (IsLinux) _ = prctl(SetTimerSlack, TimerSlack, 0, 0, 0);
    }

    private static long? Read(int clock)
    {
        var time = default(TimeSpecification);
        return clock_gettime(clock, &time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : null;
    }

    // "running waiting timeslices", of which the first is as good as the clock's only on some kernels.
    private static long? ReadWaiting()
    {
        try
        {
            string[] fields = File.ReadAllText("/proc/thread-self/schedstat").Split(' ');
            return fields.Length > 1 && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long waiting) ? waiting : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, TimeSpecification* time);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint value, nuint second, nuint third, nuint fourth);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
