using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Capture.Filters;

/// <summary>Gives a field's values, one after the other.</summary>
/// <param name="packet">The packet.</param>
/// <param name="context">What goes with it.</param>
/// <param name="index">Which value, from 0 on: SUBSCRIBE has several topics, a connection two ports.</param>
/// <param name="value">The value.</param>
/// <returns>False if there is none with this index.</returns>
public delegate bool FieldGetter(in ObservedPacket packet, PacketContext context, int index, out FieldValue value);

/// <summary>A field by which packets can be chosen, and which can be a column.</summary>
/// <param name="Name">Its name here.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Meaning">What it is, in a few words.</param>
/// <param name="Get">Gives its values.</param>
/// <param name="Aliases">Other names for the same thing: Wireshark's.</param>
public sealed record CaptureField(string Name, FieldKind Kind, string Meaning, FieldGetter Get, params string[] Aliases)
{
    /// <summary>The values that have names, in lower case.</summary>
    public IReadOnlyDictionary<string, double> Names { get; init; } = new Dictionary<string, double>();

    /// <summary>Whether it holds a topic, which a topic filter can be compared with.</summary>
    public bool IsTopic { get; init; }

    /// <summary>Whether it shows what <c>--redact</c> hides.</summary>
    public bool IsPrivate { get; init; }
}
