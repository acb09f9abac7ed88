using Godwit.Protocol;

namespace Godwit.Security.Access;

/// <summary>What a rule is about.</summary>
[Flags]
public enum AccessActions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To connect.</summary>
    Connect = 1,

    /// <summary>To publish.</summary>
    Publish = 2,

    /// <summary>To subscribe, and to receive what is published there.</summary>
    Subscribe = 4,
}

/// <summary>One rule, as it stands in a file. Immutable.</summary>
public sealed record AccessRule
{
    /// <summary>Whether it allows or denies.</summary>
    public required bool IsAllow { get; init; }

    /// <summary>What it is about.</summary>
    public required AccessActions Actions { get; init; }

    /// <summary>Which topics it is about; for <see cref="AccessActions.Connect"/> which client identifiers, null for all.</summary>
    public required TopicPattern? Pattern { get; init; }

    /// <summary>The highest QoS that it allows to publish with.</summary>
    public QoS MaximumQoS { get; init; } = QoS.ExactlyOnce;

    /// <summary>Whether it allows to publish retained messages.</summary>
    public bool AllowsRetain { get; init; } = true;

    /// <summary>The file that it is in.</summary>
    public required string File { get; init; }

    /// <summary>The line that it is on, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>As the file has it, in one line.</summary>
    public required string Text { get; init; }

    /// <summary>Whom it is for: <c>user alice</c>, <c>everybody</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Where and what it is.</summary>
    public override string ToString() => $"{File}:{Line}: {Text} ({Scope})";
}
