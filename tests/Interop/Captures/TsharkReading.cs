// What tshark sees in a capture: all mqtt.* fields of all packets, with their places, from its XML (PDML).
using System.Globalization;
using System.Xml;
using Godwit.Interop.Tests.Cli;
using Godwit.Interop.Tests.Peers;
using Xunit.Sdk;

namespace Godwit.Interop.Tests.Captures;

internal static class TsharkReading
{
    /// <summary>The names of all fields that it has for MQTT.</summary>
    public static async Task<IReadOnlyList<string>> FieldNamesAsync()
    {
        string fields = await RunAsync(["-G", "fields"]);
        return [.. fields.Split('\n').Select(line => line.Split('\t')).Where(columns => columns[0] == "F" && columns[2].StartsWith("mqtt.", StringComparison.Ordinal)).Select(columns => columns[2])];
    }

    /// <summary>Reads a capture.</summary>
    /// <param name="file">The capture.</param>
    /// <param name="ports">What other ports than the usual ones carry, <c>mqtt</c> or <c>http</c>: it does not recognise that by itself.</param>
    public static async Task<IReadOnlyList<SeenPacket>> ReadAsync(string file, params (int Port, string Protocol)[] ports)
    {
        // Segments that overtake each other are put in order only if it is told to.
        string[] options = ["-r", file, "-Y", "mqtt", "-J", "mqtt", "-T", "pdml", "-o", "tcp.reassemble_out_of_order:TRUE"];
        string xml = await RunAsync([.. options, .. ports.SelectMany(port => new[] { "-d", $"tcp.port=={port.Port},{port.Protocol}" })]);
        var packets = new List<SeenPacket>();
        using var reader = XmlReader.Create(new StringReader(xml));
        long frame = 0;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element) continue;
            if (reader.Name == "field" && reader.GetAttribute("name") == "num") frame = long.Parse(reader.GetAttribute("show")!, CultureInfo.InvariantCulture);
            if (reader.Name == "proto" && reader.GetAttribute("name") == "mqtt") packets.Add(ReadPacket(reader, frame));
        }
        return packets;
    }

    private static SeenPacket ReadPacket(XmlReader reader, long frame)
    {
        int start = Number(reader, "pos"), length = Number(reader, "size"), depth = reader.Depth;
        var fields = new List<SeenField>();
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element || reader.GetAttribute("name") is not { } name || !name.StartsWith("mqtt.", StringComparison.Ordinal)) continue;
            string show = reader.GetAttribute("show") ?? "", value = reader.GetAttribute("value") ?? "";
            bool isGenerated = value.Length == 0 && Number(reader, "size") == 0 && show.Length > 0;
            fields.Add(new SeenField(name, Number(reader, "pos") - start, Number(reader, "size"), Value(name, show, value, isGenerated)));
        }
        SeenField? first = fields.Find(field => field.Name == "mqtt.hdrflags");
        return new SeenPacket(frame, byte.Parse(first?.Value ?? "0", CultureInfo.InvariantCulture), length, [.. fields.OrderBy(field => field.Offset)]);
    }

    private static string Value(string name, string show, string value, bool isGenerated)
    {
        if (isGenerated) return Convert.ToHexStringLower(System.Text.Encoding.Latin1.GetBytes(show));
        if (!SeenValues.IsNumber(name)) return name == "mqtt.property.content_type" ? value[4..] : value;
        return show.StartsWith("0x", StringComparison.Ordinal) ? $"{Convert.ToUInt64(show, 16)}" : show;
    }

    private static int Number(XmlReader reader, string attribute) => int.Parse(reader.GetAttribute(attribute) ?? "0", CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string[] arguments)
    {
        await using var run = new ToolRun(Programs.Tshark, arguments, null);
        ToolResult result = await run.ResultAsync();
        return result.ExitCode == 0 ? result.Output : throw new XunitException($"tshark {string.Join(' ', arguments)}: {result.Errors}");
    }
}
