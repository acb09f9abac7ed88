namespace Godwit.Transport;

/// <summary>What a loop has done since it was made. Written by the loop alone; other threads may read slightly old values.</summary>
public sealed class LoopStatistics
{
    /// <summary>Turns of the loop.</summary>
    public long Turns { get; internal set; }

    /// <summary>Bytes received.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Bytes handed to the operating system.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Receive calls that returned bytes.</summary>
    public long Receives { get; internal set; }

    /// <summary>Send calls that took bytes.</summary>
    public long Sends { get; internal set; }
}
