namespace Godwit.Configuration;

/// <summary>The kinds of places that settings come from, the weakest first.</summary>
public enum OriginKind
{
    /// <summary>Nobody has said anything.</summary>
    Default,

    /// <summary>A configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>An option of the command line.</summary>
    CommandLine,
}

/// <summary>Where a setting comes from.</summary>
/// <param name="Kind">What kind of place it is.</param>
/// <param name="Source">The file, the variable or the option.</param>
/// <param name="Line">In a file: the line, from 1; otherwise 0.</param>
/// <param name="Column">In a file: the column, from 1; otherwise 0.</param>
public sealed record Origin(OriginKind Kind, string Source, int Line = 0, int Column = 0)
{
    /// <summary>Godwit's own defaults.</summary>
    public static Origin Default { get; } = new(OriginKind.Default, "default");

    /// <summary>As compilers write it: <c>file:line:column</c>, or just the name.</summary>
    public override string ToString() => Kind == OriginKind.File ? $"{Source}:{Line}:{Column}" : Source;
}

/// <summary>What is wrong with a setting, and where.</summary>
/// <param name="Origin">Where.</param>
/// <param name="Message">A sentence.</param>
public sealed record SettingProblem(Origin Origin, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Origin.Kind == OriginKind.CommandLine ? Message : $"{Origin}: {Message}";
}
