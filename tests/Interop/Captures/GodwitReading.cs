// What we see in a capture: the fields with their places, and what filters and columns of the same names give.
using System.Globalization;
using Godwit.Capture;
using Godwit.Capture.Filters;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Interop.Tests.Captures;

internal sealed class GodwitReading : IPacketView
{
    private static readonly Dictionary<string, CaptureField> Columns = WiresharkFields.Names.ToDictionary(name => name, name => CaptureFields.Find(name)!);

    private readonly List<SeenPacket> _packets = [];
    private readonly List<string> _contradictions = [];

    /// <summary>Reads a capture.</summary>
    public GodwitReading(string file)
    {
        using CaptureReader capture = CaptureReader.Open(file, new CaptureReaderOptions { Views = [this], HasStatistics = false });
        capture.Run();
    }

    /// <summary>The packets in the order in which they were complete.</summary>
    public IReadOnlyList<SeenPacket> Packets => _packets;

    /// <summary>Where filters and columns say something else than the fields.</summary>
    public IReadOnlyList<string> Contradictions => _contradictions;

    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        var fields = new List<WiresharkField>();
        WiresharkFields.Read(packet, fields);
        var seen = new List<SeenField>();
        foreach (WiresharkField field in fields) seen.Add(new SeenField(field.Name, field.Offset, field.Length, Value(field, packet)));
        foreach ((string name, CaptureField column) in Columns) CompareColumn(column, packet, context, [.. seen.Where(field => field.Name == name)], name);
        _packets.Add(new SeenPacket(packet.Last.Frame, packet.Bytes[0], packet.Frame.Length, seen)
        {
            IsBroken = packet.Violation is not null,
            IsWhole = packet.IsWhole,
            Reading = $"{packet.Type}, MQTT {packet.Version}{(packet.IsWhole ? "" : ", not whole")}{(packet.Violation is null ? "" : $", {packet.Violation.Name}")}",
        });
    }

    private static string Value(WiresharkField field, in ObservedPacket packet) => SeenValues.IsNumber(field.Name)
        ? WiresharkFields.NumberOf(field, packet).ToString(CultureInfo.InvariantCulture)
        : Convert.ToHexStringLower(WiresharkFields.BytesOf(field, packet));

    private void CompareColumn(CaptureField column, in ObservedPacket packet, PacketContext context, SeenField[] seen, string name)
    {
        var values = new List<string>();
        for (int i = 0; column.Get(packet, context, i, out FieldValue value); i++)
            values.Add(value.HasNumber ? value.Number.ToString(CultureInfo.InvariantCulture) : Convert.ToHexStringLower(value.Bytes));
        string[] expected = [.. seen.Select(field => field.Value)];
        if (!values.SequenceEqual(expected))
            _contradictions.Add($"Frame {packet.Last.Frame}, packet {packet.Number}, {packet.Type} {packet.Violation?.Name}: the filter's {name} is [{string.Join(", ", values)}], the field [{string.Join(", ", expected)}].");
    }
}

/// <summary>What both sides' values look like.</summary>
internal static class SeenValues
{
    /// <summary>Whether a field's value is a number.</summary>
    public static bool IsNumber(string name) => CaptureFields.Find(name)?.Kind is FieldKind.Number or FieldKind.Flag or FieldKind.Name;
}
