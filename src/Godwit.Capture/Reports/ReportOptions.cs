namespace Godwit.Capture.Reports;

/// <summary>What a report has.</summary>
public sealed record ReportOptions
{
    /// <summary>What stands above it, usually the capture's file name.</summary>
    public string Title { get; init; } = "Capture";

    /// <summary>Packets that are shown with all their fields; the first ones. Others are counted. Default 5,000.</summary>
    public int MostPackets { get; init; } = 5_000;

    /// <summary>Rows of the ladder. Default 300.</summary>
    public int MostRows { get; init; } = 300;

    /// <summary>Whether payloads, user names and user properties are left out. Passwords always are. Default false.</summary>
    public bool IsRedacted { get; init; }
}
