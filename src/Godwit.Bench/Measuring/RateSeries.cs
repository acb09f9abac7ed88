// What happened when: samples of equal length for the rate plot. When there are too many, neighbours are joined, so that a run of a day
// takes no more memory than one of a minute.
namespace Godwit.Bench;

/// <summary>What happened in one stretch of a run.</summary>
/// <param name="Start">Since the beginning of the measured time.</param>
/// <param name="Length">The stretch's length.</param>
/// <param name="Sent">Messages (or connections) begun.</param>
/// <param name="Received">Messages delivered (or connections accepted).</param>
/// <param name="P99">The 99th percentile of the latencies that ended in it, in nanoseconds; of joined stretches, the larger one.</param>
public sealed record RateSample(TimeSpan Start, TimeSpan Length, long Sent, long Received, long P99)
{
    /// <summary>Messages begun each second.</summary>
    public double SentPerSecond => Length > TimeSpan.Zero ? Sent / Length.TotalSeconds : 0;

    /// <summary>Messages delivered each second.</summary>
    public double ReceivedPerSecond => Length > TimeSpan.Zero ? Received / Length.TotalSeconds : 0;
}

internal sealed class RateSeries(int capacity = 600)
{
    private readonly List<RateSample> _samples = [];
    private RateSample? _open;
    private int _joined = 1;
    private int _inOpen;

    /// <summary>The stretches so far; those that are shorter than wanted are joined with what follows.</summary>
    public IReadOnlyList<RateSample> Samples(TimeSpan shortest = default)
    {
        var samples = new List<RateSample>();
        foreach (RateSample sample in _open is null ? _samples : [.. _samples, _open])
        {
            if (samples.Count > 0 && samples[^1].Length < shortest) samples[^1] = Join(samples[^1], sample);
            else samples.Add(sample);
        }
        return samples;
    }

    public void Add(RateSample sample)
    {
        _open = _open is null ? sample : Join(_open, sample);
        if (++_inOpen < _joined) return;
        _samples.Add(_open);
        _open = null;
        _inOpen = 0;
        if (_samples.Count == capacity) Halve();
    }

    /// <summary>
    /// Adds the last stretch, and ends it where something happened last: waiting for the end would lower its rate. A short one is joined
    /// to the one before, for its rate would be chance.
    /// </summary>
    public void AddLast(RateSample sample, TimeSpan end)
    {
        if (_open is null && _samples.Count > 0 && end - sample.Start < _samples[^1].Length / 2) _samples[^1] = Join(_samples[^1], sample);
        else Add(sample);
        RateSample last = _open ?? _samples[^1];
        if (end <= last.Start) return;
        last = last with { Length = end - last.Start };
        if (_open is null) _samples[^1] = last;
        else _open = last;
    }

    private static RateSample Join(RateSample first, RateSample second) => new(
        first.Start, first.Length + second.Length, first.Sent + second.Sent, first.Received + second.Received, Math.Max(first.P99, second.P99));

    private void Halve()
    {
        for (int i = 0; i < _samples.Count / 2; i++) _samples[i] = Join(_samples[2 * i], _samples[2 * i + 1]);
        _samples.RemoveRange(_samples.Count / 2, _samples.Count - _samples.Count / 2);
        _joined *= 2;
    }
}
