// A log-linear histogram, as HdrHistogram has made them known: 1,024 steps for each power of two, so that every value is kept with three
// significant digits, from a nanosecond to five hours, in a fixed 280 KiB. Recording is a few instructions.
using System.Numerics;

namespace Godwit.Bench;

/// <summary>Counts of durations in nanoseconds. Not for use by several threads at a time; histograms can be added up.</summary>
public sealed class LatencyHistogram
{
    /// <summary>The longest duration that is told apart, about 4.9 hours; longer ones count as this one.</summary>
    public const long Longest = (1L << TopBits) - 1;

    private const int TopBits = 44;
    private const int StepBits = 10;
    private const int Steps = 1 << StepBits;
    private const int Buckets = (TopBits - StepBits) * Steps + Steps;

    private readonly long[] _counts = new long[Buckets];
    private long _minimum = long.MaxValue;

    /// <summary>How many durations have been recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest recorded, exactly; 0 if there is none.</summary>
    public long Maximum { get; private set; }

    /// <summary>The shortest recorded, exactly; 0 if there is none.</summary>
    public long Minimum => Count == 0 ? 0 : _minimum;

    /// <summary>The mean of the recorded durations, to three digits.</summary>
    public double Mean
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Buckets; i++)
                if (_counts[i] > 0) sum += (double)_counts[i] * (LowestOf(i) + HighestOf(i)) / 2;
            return Count == 0 ? 0 : sum / Count;
        }
    }

    /// <summary>Records a duration; a negative one as 0.</summary>
    public void Record(long nanoseconds)
    {
        long value = Math.Clamp(nanoseconds, 0, Longest);
        _counts[IndexOf(value)]++;
        Count++;
        if (value > Maximum) Maximum = value;
        if (value < _minimum) _minimum = value;
    }

    /// <summary>Adds another histogram's counts to this one's.</summary>
    public void Add(LatencyHistogram other)
    {
        if (other.Count == 0) return;
        int last = IndexOf(other.Maximum);
        for (int i = IndexOf(other._minimum); i <= last; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        Maximum = Math.Max(Maximum, other.Maximum);
        _minimum = Math.Min(_minimum, other._minimum);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        if (Count == 0) return;
        int first = IndexOf(_minimum);
        Array.Clear(_counts, first, IndexOf(Maximum) - first + 1);
        Count = Maximum = 0;
        _minimum = long.MaxValue;
    }

    /// <summary>
    /// The duration that a fraction of all do not exceed: never below the exact one, and at most a thousandth above it. 0 if there is none.
    /// </summary>
    /// <param name="fraction">0 to 1; 0.99 is the 99th percentile.</param>
    public long ValueAt(double fraction)
    {
        if (Count == 0) return 0;
        long rank = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long passed = 0;
        int last = IndexOf(Maximum);
        for (int i = IndexOf(_minimum); i <= last; i++)
        {
            passed += _counts[i];
            if (passed >= rank) return Math.Min(HighestOf(i), Maximum);
        }
        return Maximum;
    }

    // Below 2 * Steps a bucket is one nanosecond wide; from there on the width doubles with each power of two.
    private static int IndexOf(long value)
    {
        int shift = BitOperations.Log2((ulong)value | (2 * Steps - 1)) - StepBits;
        return (shift << StepBits) + (int)(value >> shift);
    }

    private static long LowestOf(int index)
    {
        int shift = Math.Max(0, (index >> StepBits) - 1);
        return (long)(index - (shift << StepBits)) << shift;
    }

    private static long HighestOf(int index) => LowestOf(index) + (1L << Math.Max(0, (index >> StepBits) - 1)) - 1;
}
