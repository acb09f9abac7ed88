namespace Godwit.Security.Http;

/// <summary>How an HTTP service is asked about clients.</summary>
public sealed record HttpCheckOptions
{
    /// <summary>How long one answer may take; default 3 seconds. A client gives up after about ten.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often it is asked again when it cannot be reached or fails (5xx); default once.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>How long "allow" is remembered for the same client with the same user, password and address; default a minute, zero for not at all.</summary>
    public TimeSpan CacheLifetime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Questions under way at a time; default 32. As many as <see cref="MaximumWaiting"/> wait for their turn.</summary>
    public int MaximumConcurrent { get; init; } = 32;

    /// <summary>Clients that may wait; default 1024. More are answered with Server busy.</summary>
    public int MaximumWaiting { get; init; } = 1024;
}
