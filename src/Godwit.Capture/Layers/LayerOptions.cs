namespace Godwit.Capture.Layers;

/// <summary>Bounds of looking through TLS and WebSocket.</summary>
public sealed record LayerOptions
{
    /// <summary>Encrypted bytes of one connection that wait for secrets that may still come; beyond it they are given up. Default 256 KiB.</summary>
    public int MaxWaitingPerConnection { get; init; } = 256 * 1024;

    /// <summary>The same of all connections together. Default 64 MiB.</summary>
    public long MaxWaiting { get; init; } = 64L * 1024 * 1024;
}
