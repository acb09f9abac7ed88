using Godwit.Protocol;

namespace Godwit.Capture.Views;

/// <summary>How times are shown.</summary>
public enum TimeStyle : byte
{
    /// <summary>Seconds since the first frame.</summary>
    Relative,

    /// <summary>Date and time of day, UTC.</summary>
    Absolute,

    /// <summary>Seconds since the line before.</summary>
    Delta,
}

/// <summary>How packets are shown as text.</summary>
public sealed record TextViewOptions
{
    /// <summary>How times are shown; default <see cref="TimeStyle.Relative"/>.</summary>
    public TimeStyle Time { get; init; }

    /// <summary>Whether to colour for a terminal; default false.</summary>
    public bool IsColoured { get; init; }

    /// <summary>Columns of the terminal; 0 (default) = lines may have any length, and payloads are cut after 200 columns.</summary>
    public int Width { get; init; }

    /// <summary>Whether all fields are shown below each line; default false.</summary>
    public bool ShowFields { get; init; }

    /// <summary>Whether all bytes are shown with their meaning below each line; default false.</summary>
    public bool ShowBytes { get; init; }

    /// <summary>Whether both addresses are shown in place of the client identifier; default false.</summary>
    public bool ShowAddresses { get; init; }

    /// <summary>Whether passwords are shown; default false.</summary>
    public bool ShowPasswords { get; init; }

    /// <summary>Whether payloads and user names are hidden too; default false.</summary>
    public bool Redact { get; init; }

    internal Explain.ExplainOptions Explaining(ProtocolVersion version) => new() { Version = version, ShowPasswords = ShowPasswords, HideContent = Redact };
}
