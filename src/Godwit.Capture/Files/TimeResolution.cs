namespace Godwit.Capture.Files;

/// <summary>The unit of an interface's timestamps, and what is to be added to them.</summary>
internal readonly struct TimeResolution
{
    private const uint NanosecondsPerSecond = 1_000_000_000;

    private readonly ulong _factor, _divisor;
    private readonly int _shift;
    private readonly long _offset;

    /// <param name="resolution">if_tsresol: a negative power of 10 or, with the highest bit set, of 2. 6 if the option is not there.</param>
    /// <param name="offsetSeconds">if_tsoffset.</param>
    public TimeResolution(byte resolution, long offsetSeconds)
    {
        const byte PowerOfTwo = 0x80;
        bool isFiner = resolution is > 9 and < PowerOfTwo;
        _shift = resolution >= PowerOfTwo ? resolution & ~PowerOfTwo : 0;
        _factor = resolution >= PowerOfTwo ? NanosecondsPerSecond : isFiner ? 1 : PowerOfTen(9 - resolution);
        _divisor = isFiner ? PowerOfTen(Math.Min(resolution - 9, 19)) : 1;
        _offset = unchecked(offsetSeconds * NanosecondsPerSecond);
    }

    /// <summary>Nanoseconds since 1970 of a timestamp. What is beyond 2262 wraps.</summary>
    public long Nanoseconds(ulong timestamp)
    {
        ulong time = _shift > 0 ? (ulong)((UInt128)timestamp * _factor >> _shift)
            : _divisor > 1 ? timestamp / _divisor
            : unchecked(timestamp * _factor);
        return unchecked((long)time + _offset);
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong power = 1;
        for (; exponent > 0; exponent--) power *= 10;
        return power;
    }
}
