namespace Godwit.Capture.Live;

/// <summary>What to capture from the network.</summary>
public sealed record LiveOptions
{
    /// <summary>The interface's name, or <c>any</c> for all. Default <c>any</c>.</summary>
    public string Interface { get; init; } = "any";

    /// <summary>Only TCP with one of these ports at one of its ends, 16 at most; none = all of TCP. Default none: MQTT is recognised on any port.</summary>
    public IReadOnlyCollection<int> Ports { get; init; } = [];

    /// <summary>Bytes that the kernel keeps until they are read, for bursts. Default 16 MiB; what does not fit is counted in <see cref="FrameSource.Dropped"/>.</summary>
    public int BufferSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Whether a named interface also takes what is for others, as needed at a mirror port of a switch. Default true, as usual with capturing programs.
    /// </summary>
    public bool Promiscuous { get; init; } = true;
}
