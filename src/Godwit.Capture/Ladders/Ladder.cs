namespace Godwit.Capture.Ladders;

/// <summary>A column of a ladder.</summary>
/// <param name="Name">The client identifier, an address, or <c>broker</c>; safe to show.</param>
/// <param name="Address">The address; of several the first, with their number.</param>
/// <param name="IsServer">Whether it is a server.</param>
public sealed record LadderParticipant(string Name, string Address, bool IsServer);

/// <summary>A sequence diagram: who has sent what to whom, in the order of time. <see cref="LadderText"/> and <see cref="LadderSvg"/> draw it.</summary>
public sealed class Ladder
{
    /// <summary>The columns from left to right; servers stand in the middle.</summary>
    public required IReadOnlyList<LadderParticipant> Participants { get; init; }

    /// <summary>The rows from top to bottom.</summary>
    public required IReadOnlyList<LadderRow> Rows { get; init; }

    /// <summary>When the capture began, in nanoseconds since 1970-01-01 00:00 UTC.</summary>
    public required long Start { get; init; }

    /// <summary>Packets in front of the first row that are not shown.</summary>
    public long PacketsBefore { get; init; }

    /// <summary>Packets behind the last row that are not shown.</summary>
    public long PacketsAfter { get; init; }

    /// <summary>How many lines beside the ladder its flows take.</summary>
    public int Lanes { get; init; }

    /// <summary>Whether nothing was left out for want of room.</summary>
    public bool IsComplete => PacketsBefore == 0 && PacketsAfter == 0;

    /// <summary>A row's time in seconds since the beginning, with as many digits as the whole ladder needs.</summary>
    public string TimeOf(Arrival at)
    {
        long last = Rows.Count == 0 ? Start : Rows.Max(row => row.At.Time);
        return ((at.Time - Start) / 1e9).ToString(last - Start < 10_000_000_000 ? "0.000000" : "0.000");
    }
}
