using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Capture.Filters;

/// <summary>
/// A condition on packets: <c>topic =~ "plant/+/temperature" and qos > 0</c>. Compiled once; deciding allocates nothing, except <c>matches</c>, <c>finding</c>
/// and JSON text with escapes. docs/filters.md has the language.
/// </summary>
public sealed class CaptureFilter
{
    private readonly FilterNode _root;

    private CaptureFilter(string text, FilterNode root) => (Text, _root) = (text, root);

    /// <summary>What it was compiled from.</summary>
    public string Text { get; }

    /// <summary>Compiles a filter.</summary>
    /// <exception cref="FilterException">It cannot be understood; the message says where and what would be right.</exception>
    public static CaptureFilter Compile(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new CaptureFilter(text, new FilterParser(text).Parse());
    }

    /// <summary>Whether a packet meets the condition.</summary>
    public bool Matches(in ObservedPacket packet, PacketContext context) => _root.Matches(packet, context);
}

/// <summary>A filter cannot be understood.</summary>
/// <param name="column">The character at which that shows, from 1 on.</param>
/// <param name="message">What is wrong, and what would be right.</param>
public sealed class FilterException(int column, string message) : Exception($"At character {column}: {message}")
{
    /// <summary>The character at which it shows, from 1 on.</summary>
    public int Column => column;
}
