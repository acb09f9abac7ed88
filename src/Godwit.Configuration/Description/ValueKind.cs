// The kinds of values that settings have: how one is read, written, described in a sentence and in the schema for editors.
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Godwit.Broker.Limits;

namespace Godwit.Configuration.Description;

/// <summary>A kind of value.</summary>
/// <param name="Name">What it is called in the documentation.</param>
/// <param name="Placeholder">What stands for a value in the help of an option.</param>
public abstract record ValueKind(string Name, string Placeholder)
{
    /// <summary>What a value may be, to follow "takes" in a sentence.</summary>
    public abstract string Expected { get; }

    /// <summary>What is allowed beyond the name, for the documentation; empty if everything is.</summary>
    public virtual string Range => "";

    /// <summary>Reads a value; null if the text is none.</summary>
    public abstract object? Read(string text);

    /// <summary>A value as it is written in a file.</summary>
    public virtual string Write(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>The kind as JSON Schema.</summary>
    public abstract JsonObject Schema();
}

/// <summary>Yes or no.</summary>
public sealed record FlagKind() : ValueKind("flag", "")
{
    /// <inheritdoc/>
    public override string Expected => "true or false";

    /// <inheritdoc/>
    public override object? Read(string text) => text.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => null,
    };

    /// <inheritdoc/>
    public override string Write(object value) => (bool)value ? "true" : "false";

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>A whole number.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The most.</param>
/// <param name="Placeholder">What stands for it.</param>
public sealed record NumberKind(long Minimum, long Maximum, string Placeholder = "N") : ValueKind("number", Placeholder)
{
    /// <inheritdoc/>
    public override string Expected => $"a number from {Minimum} to {Maximum}";

    /// <inheritdoc/>
    public override string Range => Maximum >= int.MaxValue ? $"{Minimum} or more" : $"{Minimum} to {Maximum}";

    /// <inheritdoc/>
    public override object? Read(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= Minimum && number <= Maximum ? number : null;

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = Minimum, ["maximum"] = Maximum };
}

/// <summary>Bytes.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The most.</param>
public sealed record SizeKind(long Minimum = 0, long Maximum = long.MaxValue) : ValueKind("size", "SIZE")
{
    /// <inheritdoc/>
    public override string Expected => Range.Length == 0 ? Example : $"{Example} ({Range})";

    /// <inheritdoc/>
    public override string Range => (Minimum, Maximum) switch
    {
        (0, long.MaxValue) => "",
        (_, long.MaxValue) => $"{Units.WriteSize(Minimum)} or more",
        _ => $"{Units.WriteSize(Minimum)} to {Units.WriteSize(Maximum)}",
    };

    private static string Example => "a size such as 65536, 64K or 16M";

    /// <inheritdoc/>
    public override object? Read(string text) => Units.Size(text) is { } bytes && bytes >= Minimum && bytes <= Maximum ? bytes : null;

    /// <inheritdoc/>
    public override string Write(object value) => Units.WriteSize((long)value);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = new JsonArray("integer", "string"), ["pattern"] = "^[0-9]+(\\.[0-9]+)?([KkMmGg]([Ii]?[Bb])?)?$" };
}

/// <summary>A time in seconds, with fractions.</summary>
/// <param name="Minimum">The least, in seconds.</param>
/// <param name="Maximum">The most, in seconds; at most those of a year.</param>
public sealed record SecondsKind(double Minimum = 0, double Maximum = 365 * 86_400) : ValueKind("seconds", "SECONDS")
{
    /// <inheritdoc/>
    public override string Expected => Range.Length == 0 ? "a number of seconds such as 10 or 0.5" : string.Create(CultureInfo.InvariantCulture, $"a number of seconds such as 10 or 0.5 ({Range})");

    /// <inheritdoc/>
    public override string Range => (Minimum, Maximum) switch
    {
        (0, 365 * 86_400) => "",
        (_, 365 * 86_400) => string.Create(CultureInfo.InvariantCulture, $"{Minimum} or more"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Minimum} to {Maximum}"),
    };

    /// <inheritdoc/>
    public override object? Read(string text) => Units.Seconds(text) is { } time && time.TotalSeconds >= Minimum && time.TotalSeconds <= Maximum ? time : null;

    /// <inheritdoc/>
    public override string Write(object value) => ((TimeSpan)value).TotalSeconds.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "number", ["minimum"] = Minimum, ["maximum"] = Maximum };
}

/// <summary>One of some words.</summary>
/// <param name="Words">The words.</param>
public sealed record WordKind(params string[] Words) : ValueKind("word", string.Join('|', Words))
{
    /// <inheritdoc/>
    public override string Expected => $"{string.Join(", ", Words[..^1])} or {Words[^1]}";

    /// <inheritdoc/>
    public override string Range => string.Join(", ", Words);

    /// <inheritdoc/>
    public override object? Read(string text) => Words.Contains(text) ? text : null;

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. Words.SelectMany(Values)]) };

    // To a reader of YAML 1.2 (TLS) is a number.
    private static IEnumerable<JsonNode> Values(string word) => decimal.TryParse(word, CultureInfo.InvariantCulture, out decimal number) ? [word, number] : [word];
}

/// <summary>Any text.</summary>
/// <param name="Placeholder">What stands for it.</param>
public record TextKind(string Placeholder) : ValueKind("text", Placeholder)
{
    /// <inheritdoc/>
    public override string Expected => "text";

    /// <inheritdoc/>
    public override object? Read(string text) => text.Length == 0 ? null : text;

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "number") }; // 660 is a mode and 007 a name, but numbers to a reader of YAML
}

/// <summary>A file or directory. In a YAML file it is relative to that file's directory, otherwise to where the program runs.</summary>
/// <param name="Placeholder">What stands for it.</param>
public sealed record PathKind(string Placeholder = "FILE") : TextKind(Placeholder)
{
    /// <summary>The path seen from the directory of the file that it stands in.</summary>
    public static string From(string directory, string path) => path.Contains("://", StringComparison.Ordinal) ? path : Path.Combine(directory, path);
}

/// <summary>An address or a network.</summary>
public sealed record NetworkKind() : TextKind("NETWORK")
{
    /// <inheritdoc/>
    public override string Expected => "an address or a network such as 192.0.2.7 or 10.0.0.0/8";

    /// <inheritdoc/>
    public override object? Read(string text) => Ban.TryParseNetwork(text, out _) ? text : null;

    /// <summary>The network that a text stands for which has been read.</summary>
    public static IPNetwork Parse(string text) => Ban.TryParseNetwork(text, out IPNetwork network) ? network : throw new FormatException($"'{text}' is no network.");
}

/// <summary>Several values: a list, or one alone.</summary>
/// <param name="Item">What each of them is.</param>
public sealed record ListKind(TextKind Item) : ValueKind($"list of {Item.Name}", Item.Placeholder)
{
    /// <inheritdoc/>
    public override string Expected => Item.Expected;

    /// <inheritdoc/>
    public override object? Read(string text) => Item.Read(text) is string one ? new[] { one } : null;

    /// <inheritdoc/>
    public override string Write(object value) => $"[{string.Join(", ", ((IReadOnlyList<string>)value).Select(Yaml.Scalar))}]";

    /// <inheritdoc/>
    public override JsonObject Schema() => new()
    {
        ["anyOf"] = new JsonArray(Item.Schema(), new JsonObject { ["type"] = "array", ["items"] = Item.Schema() }),
    };
}
