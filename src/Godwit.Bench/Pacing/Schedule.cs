// The open loop's timetable. It depends on nothing but the rate: a broker, or a generator, that falls behind does not shift it. So every
// message has a time at which it should have left, from which its latency counts, and a stall shows in all messages that it held up. (A load
// generator that waits instead measures one long latency and leaves out all those that it did not send: coordinated omission.)
namespace Godwit.Bench;

/// <summary>When the messages of a run are due: one each 1 / rate seconds, the publishers taking turns.</summary>
/// <param name="start">When the first is due, in nanoseconds.</param>
/// <param name="rate">Messages a second of all publishers together.</param>
/// <param name="publishers">How many publishers there are.</param>
internal sealed class Schedule(long start, double rate, int publishers)
{
    private readonly double _interval = 1e9 / rate;

    /// <summary>When a publisher's message is due.</summary>
    public long DueOf(int publisher, long sequence) => start + (long)((sequence * publishers + publisher) * _interval);

    /// <summary>How many of a publisher's messages are due by then.</summary>
    public long CountUntil(int publisher, long time)
    {
        if (time < start) return 0;
        // Floating point may be one off at the boundary; DueOf decides.
        long count = (long)Math.Floor(((time - start) / _interval - publisher) / publishers) + 1;
        count = Math.Max(0, count);
        while (count > 0 && DueOf(publisher, count - 1) > time) count--;
        while (DueOf(publisher, count) <= time) count++;
        return count;
    }

    /// <summary>How many messages of all publishers a stretch of time has room for.</summary>
    public static long CountIn(TimeSpan duration, double rate) => Math.Max(1, (long)(duration.TotalSeconds * rate));

    /// <summary>One publisher's part of a number of messages that the publishers take in turns.</summary>
    public static long ShareOf(long total, int publisher, int publishers) => total / publishers + (publisher < total % publishers ? 1 : 0);
}
