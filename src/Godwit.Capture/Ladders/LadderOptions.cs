namespace Godwit.Capture.Ladders;

/// <summary>What a ladder shows of a capture.</summary>
public sealed record LadderOptions
{
    /// <summary>Only this client, over all its connections; null = all.</summary>
    public string? Client { get; init; }

    /// <summary>Only the connection with this number; null = all.</summary>
    public long? Connection { get; init; }

    /// <summary>Only what comes then or later; null = from the beginning.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Only what comes then or earlier; null = up to the end.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>Rows that are kept: the first ones, or with <see cref="IsLast"/> the last ones. Others are counted. Default 200.</summary>
    public int Most { get; init; } = 200;

    /// <summary>Whether the last rows are kept instead of the first.</summary>
    public bool IsLast { get; init; }

    /// <summary>Whether the segments of TCP that carry no packet are shown: handshake, acknowledgements, retransmissions, ends.</summary>
    public bool HasSegments { get; init; }

    /// <summary>Whether each PINGREQ and PINGRESP is shown. Default: several in a row are one row.</summary>
    public bool HasPings { get; init; }
}
