namespace Godwit.Client;

/// <summary>What to do when the connection is lost.</summary>
public sealed record ReconnectOptions
{
    /// <summary>
    /// Whether to connect again by itself; default true. It goes on until it succeeds or the client is told to disconnect. It does not
    /// begin when another client has taken the session over, because the two would then take it from each other for ever.
    /// </summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The wait before the first attempt; default 250 ms. It doubles with each attempt.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait; default 30 seconds. A connection that has lasted longer makes the next wait start from the beginning.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The part of each wait that is random, 0 to 1; default 0.5: between half of it and all of it, so that the clients of a server that
    /// restarts do not all come back in the same instant.
    /// </summary>
    public double Jitter { get; init; } = 0.5;
}
