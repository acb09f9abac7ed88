namespace Godwit.Broker.Telemetry;

/// <summary>Moving averages of a counter over 1, 5 and 15 minutes, in counts per minute, weighted as a Unix load average is.</summary>
internal sealed class LoadAverage
{
    private static readonly double[] Minutes = [1, 5, 15];
    private readonly double[] _averages = new double[3];
    private long _last;

    /// <summary>The averages over 1, 5 and 15 minutes.</summary>
    public ReadOnlySpan<double> Averages => _averages;

    /// <summary>Takes the counter's value after another interval.</summary>
    public void Update(long value, double seconds)
    {
        double perMinute = (value - _last) * 60 / seconds;
        _last = value;
        for (int i = 0; i < _averages.Length; i++)
        {
            double weight = Math.Exp(-seconds / (60 * Minutes[i]));
            _averages[i] = perMinute + weight * (_averages[i] - perMinute);
        }
    }
}
