namespace Godwit.Client.Connections;

/// <summary>How long to wait before each attempt to connect again: doubling up to a maximum, partly random.</summary>
internal sealed class Backoff(ReconnectOptions options)
{
    private const int MostDoublings = 30;

    private int _attempts;

    /// <summary>Milliseconds until the next attempt.</summary>
    public long Next()
    {
        double longest = options.InitialDelay.TotalMilliseconds * (1L << Math.Min(_attempts++, MostDoublings));
        double delay = Math.Min(longest, options.MaximumDelay.TotalMilliseconds);
        return (long)(delay * (1 - options.Jitter * Random.Shared.NextDouble()));
    }

    /// <summary>A connection has ended that lasted so many milliseconds. One that ended soon is no reason to begin anew.</summary>
    public void OnConnectionEnded(long lasted)
    {
        if (lasted > options.MaximumDelay.TotalMilliseconds) _attempts = 0;
    }
}
