namespace Godwit.Capture.Statistics;

/// <summary>What happened in one interval.</summary>
/// <param name="Packets">Packets.</param>
/// <param name="Messages">Of those, PUBLISH.</param>
/// <param name="Bytes">Bytes of the packets.</param>
public readonly record struct Interval(long Packets, long Messages, long Bytes);

/// <summary>Rates over time, in at most 1,024 intervals: when there are more, two and two become one.</summary>
public sealed class RateSeries
{
    private const int Most = 1024;

    private readonly Interval[] _intervals = new Interval[Most];
    private long _start, _width = 100_000_000;
    private int _used;

    /// <summary>The length of an interval.</summary>
    public TimeSpan Width => TimeSpan.FromTicks(_width / TimeSpan.NanosecondsPerTick);

    /// <summary>The intervals, from the first packet on.</summary>
    public ReadOnlySpan<Interval> Intervals => _intervals.AsSpan(0, _used);

    internal void Add(long time, bool isMessage, int bytes)
    {
        if (_used == 0) _start = time;
        long index = Math.Max(0, time - _start) / _width;
        while (index >= Most)
        {
            Halve();
            index /= 2;
        }
        ref Interval interval = ref _intervals[index];
        interval = new Interval(interval.Packets + 1, interval.Messages + (isMessage ? 1 : 0), interval.Bytes + bytes);
        _used = Math.Max(_used, (int)index + 1);
    }

    private void Halve()
    {
        for (int i = 0; i < Most / 2; i++)
        {
            Interval a = _intervals[2 * i], b = _intervals[2 * i + 1];
            _intervals[i] = new Interval(a.Packets + b.Packets, a.Messages + b.Messages, a.Bytes + b.Bytes);
        }
        Array.Clear(_intervals, Most / 2, Most / 2);
        _used = (_used + 1) / 2;
        _width *= 2;
    }
}
