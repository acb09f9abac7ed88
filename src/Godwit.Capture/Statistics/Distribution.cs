// A log-linear histogram: 16 steps for each power of two, so that every value is kept within 6 %, in 8 KiB. The load generator's has 1,024
// steps and takes 280 KiB, which is too much for one of each kind of exchange of each client; and this project knows nothing of that one.
using System.Numerics;

namespace Godwit.Capture.Statistics;

/// <summary>Counts of values from 0 on: nanoseconds, bytes.</summary>
public sealed class Distribution
{
    private const int StepBits = 4, Steps = 1 << StepBits;

    private readonly long[] _counts = new long[(64 - StepBits) * Steps];

    /// <summary>How many values there are.</summary>
    public long Count { get; private set; }

    /// <summary>The sum of them.</summary>
    public long Sum { get; private set; }

    /// <summary>The largest; 0 if there is none.</summary>
    public long Maximum { get; private set; }

    /// <summary>The smallest; 0 if there is none.</summary>
    public long Minimum { get; private set; }

    /// <summary>Their mean; 0 if there is none.</summary>
    public double Mean => Count == 0 ? 0 : (double)Sum / Count;

    /// <summary>Counts a value; a negative one as 0.</summary>
    public void Add(long value)
    {
        value = Math.Max(0, value);
        _counts[IndexOf(value)]++;
        if (Count == 0 || value < Minimum) Minimum = value;
        Maximum = Math.Max(Maximum, value);
        Count++;
        Sum += value;
    }

    /// <summary>What a fraction of the values do not exceed; at most 6 % above the exact one, and never above <see cref="Maximum"/>. 0 if there is none.</summary>
    /// <param name="fraction">0 to 1.</param>
    public long ValueAt(double fraction)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(fraction * Count)), passed = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            passed += _counts[i];
            if (passed >= rank && Count > 0) return Math.Min(HighestOf(i), Maximum);
        }
        return Maximum;
    }

    /// <summary>How many values are at least so large and smaller than the other bound, for powers of two.</summary>
    public long Between(long from, long to)
    {
        long sum = 0;
        for (int i = IndexOf(from); i < IndexOf(to); i++) sum += _counts[i];
        return sum;
    }

    // Below 2 * Steps a step is 1 wide; from there on the width doubles with each power of two.
    private static int IndexOf(long value)
    {
        int shift = BitOperations.Log2((ulong)value | (2 * Steps - 1)) - StepBits;
        return (shift << StepBits) + (int)(value >> shift);
    }

    private static long HighestOf(int index)
    {
        int shift = Math.Max(0, (index >> StepBits) - 1);
        return ((long)(index - (shift << StepBits) + 1) << shift) - 1;
    }
}
