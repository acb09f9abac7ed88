namespace Godwit.Capture.Statistics;

/// <summary>What happened in one interval.</summary>
/// <param name="FromClients">Packets from clients.</param>
/// <param name="FromServers">Packets from servers.</param>
/// <param name="Messages">Of both, PUBLISH.</param>
/// <param name="Bytes">Bytes of the packets.</param>
public readonly record struct Interval(long FromClients, long FromServers, long Messages, long Bytes)
{
    /// <summary>Packets.</summary>
    public long Packets => FromClients + FromServers;

    /// <summary>Two intervals as one.</summary>
    public static Interval operator +(Interval a, Interval b) => new(a.FromClients + b.FromClients, a.FromServers + b.FromServers, a.Messages + b.Messages, a.Bytes + b.Bytes);
}

/// <summary>Rates over time, in at most 1,000 intervals of a millisecond, of ten, of a hundred, ...: when there are more, ten and ten become one.</summary>
public sealed class RateSeries
{
    private const int Most = 1000, Fold = 10;

    private readonly Interval[] _intervals = new Interval[Most];
    private long _start, _width = 1_000_000;
    private int _used;

    /// <summary>The length of an interval.</summary>
    public TimeSpan Width => TimeSpan.FromTicks(_width / TimeSpan.NanosecondsPerTick);

    /// <summary>The intervals, from the first packet on.</summary>
    public ReadOnlySpan<Interval> Intervals => _intervals.AsSpan(0, _used);

    /// <summary>The same in longer intervals, of 1, 2 or 5 times a power of ten.</summary>
    /// <param name="most">How many at most.</param>
    public (TimeSpan Width, Interval[] Intervals) In(int most)
    {
        int step = 1;
        for (int digit = 1; (_used + step - 1) / step > most; digit = (digit + 1) % 3) step = digit == 2 ? step / 2 * 5 : step * 2;
        var longer = new Interval[(_used + step - 1) / step];
        for (int i = 0; i < _used; i++) longer[i / step] += _intervals[i];
        return (step * Width, longer);
    }

    internal void Add(long time, bool isFromClient, bool isMessage, int bytes)
    {
        if (_used == 0) _start = time;
        long index = Math.Max(0, time - _start) / _width;
        for (; index >= Most; index /= Fold) Shorten();
        _intervals[index] += new Interval(isFromClient ? 1 : 0, isFromClient ? 0 : 1, isMessage ? 1 : 0, bytes);
        _used = Math.Max(_used, (int)index + 1);
    }

    private void Shorten()
    {
        for (int i = 0; i < Most; i++)
        {
            Interval interval = _intervals[i];
            _intervals[i] = default;
            _intervals[i / Fold] += interval;
        }
        _used = (_used + Fold - 1) / Fold;
        _width *= Fold;
    }
}
