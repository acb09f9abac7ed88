// The CONNECT that somebody meant: the valid one that the fewest changed bytes lead to. Most handwritten ones go wrong in the same few places
// (name, level, a length off by one, the missing property length, a flag without its field), so the search tries those, combined up to three
// at a time, best first.
using Godwit.Capture.Mqtt;
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Explain;

/// <summary>Finds the nearest valid CONNECT.</summary>
public static class NearestConnect
{
    private const int LongestPacket = 512, MostTried = 400, MostSteps = 3;

    /// <summary>Finds it.</summary>
    /// <param name="packet">A CONNECT that is not valid, with what stands behind it if its length may be wrong.</param>
    /// <param name="showPasswords">Whether passwords are shown in the lines; default false.</param>
    /// <returns>Null if the packet is valid, is too long (more than 512 bytes), or nothing near is valid.</returns>
    public static NearestPacket? Find(ReadOnlyMemory<byte> packet, bool showPasswords = false)
    {
        if (packet.Length is < 4 or > LongestPacket || IsValid(packet.Span, out _)) return null;
        byte[] original = packet.ToArray();
        byte[]? best = null;
        int bestCost = int.MaxValue, tried = 0;
        var seen = new HashSet<string>();
        var open = new PriorityQueue<(byte[] Bytes, int Steps), (int Cost, int Order)>();
        open.Enqueue((original, 0), (0, 0));
        while (open.TryDequeue(out (byte[] Bytes, int Steps) next, out (int Cost, int Order) rank) && tried++ < MostTried && rank.Cost < bestCost)
        {
            foreach (byte[] candidate in Variants(next.Bytes))
            {
                if (!seen.Add(Convert.ToBase64String(candidate))) continue;
                // Of two that are equally near, the one that does not lose the client identifier.
                int cost = 2 * ByteAlignment.Distance(original, candidate);
                if (cost >= bestCost) continue;
                if (IsValid(candidate, out bool hasClientId))
                {
                    if (!hasClientId) cost++;
                    if (cost < bestCost) (best, bestCost) = (candidate, cost);
                }
                else if (next.Steps + 1 < MostSteps) open.Enqueue((candidate, next.Steps + 1), (cost, seen.Count));
            }
        }
        return best is null ? null : Describe(original, best, showPasswords);
    }

    private static bool IsValid(ReadOnlySpan<byte> packet, out bool hasClientId)
    {
        hasClientId = false;
        if (PacketFrame.Read(packet, ProtocolVersion.Unknown, int.MaxValue, out PacketFrame frame, out _) != FrameStatus.Complete) return false;
        if (frame.Length != packet.Length || frame.Type != PacketType.Connect || !ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out _)) return false;
        hasClientId = !connect.ClientId.IsEmpty;
        return !(connect.ClientId.IsEmpty && !connect.CleanStart && connect.Version != ProtocolVersion.V5) // [MQTT-3.1.3-8]
        && !connect.ClientId.ContainsAnyInRange((byte)0, (byte)31); // a length that was read as text
    }

    // What one correction can make of the packet, the likeliest first.
    private static IEnumerable<byte[]> Variants(byte[] packet)
    {
        FrameFinder.Find(packet, ProtocolVersion.Unknown, out PacketFrame frame, out _);
        int header = frame.HeaderLength == 0 ? 2 : frame.HeaderLength;
        if (packet[0] != 0x10) yield return Set(packet, 0, 0x10);
        if (frame.Length != packet.Length && WithLength(packet, header) is { } lengthened) yield return lengthened;
        if (frame.HeaderLength > 0 && frame.Length < packet.Length) yield return packet[..frame.Length];

        int name = packet.AsSpan(header, Math.Min(8, packet.Length - header)).IndexOf((byte)'M');
        int level = LevelOffset(packet, header);
        if (level > 0)
        {
            foreach (byte[] right in new[] { "\0\u0004MQTT"u8.ToArray(), "\0\u0006MQIsdp"u8.ToArray() })
                if (!packet.AsSpan(header, level - header).SequenceEqual(right))
                    foreach (byte[] variant in Both([.. packet[..header], .. right, .. packet[level..]], header)) yield return variant;
            foreach (byte value in new byte[] { 4, 5, 3 }) if (packet[level] != value) yield return Set(packet, level, value);
            if (level + 1 < packet.Length)
                for (int bit = 0; bit < 8; bit++) yield return Set(packet, level + 1, (byte)(packet[level + 1] ^ 1 << bit));
            if (level + 1 < packet.Length && (packet[level + 1] & 0x18) == 0x18) yield return Set(packet, level + 1, (byte)(packet[level + 1] & ~0x18));
        }
        else if (name >= 0)
        {
            foreach (byte[] variant in Both([.. packet[..header], 0, 4, .. packet[(header + name)..]], header)) yield return variant;
        }

        var fields = new List<RawField>();
        var readable = new PacketFrame(PacketType.Connect, 0, header, packet.Length - header);
        Violation? violation = PacketFields.Report(readable, packet, ProtocolVersion.Unknown, new FieldCollector(fields));
        foreach (RawField field in fields.Where(field => field.Name == FieldName.Length))
        {
            int value = packet[field.Offset] << 8 | packet[field.Offset + 1], rest = packet.Length - field.End;
            foreach (int length in new[] { rest, value - 1, value + 1, packet[field.Offset + 1], rest - 2 })
                if (length >= 0 && length != value && length <= rest) yield return Set(Set(packet, field.Offset, (byte)(length >> 8)), field.Offset + 1, (byte)length);
        }
        foreach (int offset in fields.Where(field => field.Offset >= header).Select(field => field.Offset).Append(fields.Count == 0 ? header : fields[^1].End).Distinct())
        {
            foreach (byte[] variant in Both([.. packet[..offset], 0, .. packet[offset..]], header)) yield return variant;
            foreach (byte[] variant in Both([.. packet[..offset], 0, 0, .. packet[offset..]], header)) yield return variant;
            if (offset < packet.Length) foreach (byte[] variant in Both([.. packet[..offset], .. packet[(offset + 1)..]], header)) yield return variant;
        }
        // Properties that are wrong are best left out.
        if (fields.FindLast(field => field.Name == FieldName.PropertyLength) is { Length: > 0 } properties
            && VariableByteInteger.Read(packet.AsSpan(properties.Offset), out int propertyLength) > 0 && properties.End + propertyLength <= packet.Length)
            foreach (byte[] variant in Both([.. packet[..properties.Offset], 0, .. packet[(properties.End + propertyLength)..]], header)) yield return variant;
        if (fields.Count > 0 && violation is not null && Harmless(packet, fields[^1], violation) is { } harmless) yield return harmless;
    }

    private static byte[]? Harmless(byte[] packet, RawField field, Violation violation)
    {
        byte[] copy = [.. packet];
        Span<byte> text = copy.AsSpan(field.Offset, field.Length);
        if (violation == Violations.WildcardInTopicName) text.ReplaceAny(System.Buffers.SearchValues.Create("+#"u8), (byte)'_');
        else if (violation == Violations.NullCharacter) text.Replace((byte)0, (byte)'_');
        else if (violation == Violations.IllFormedUtf8)
        {
            foreach (ref byte b in text) if (b >= 0x80) b = (byte)'?';
        }
        else return null;
        return copy;
    }

    // The byte behind the protocol name, whatever stands as its length; 0 if there is no name like MQTT.
    private static int LevelOffset(byte[] packet, int header)
    {
        ReadOnlySpan<byte> start = packet.AsSpan(header, Math.Min(16, packet.Length - header));
        foreach (byte[] name in new[] { "MQTT"u8.ToArray(), "MQIsdp"u8.ToArray(), "mqtt"u8.ToArray(), "Mqtt"u8.ToArray() })
            if (start.IndexOf(name) is var at and >= 0 && header + at + name.Length < packet.Length) return header + at + name.Length;
        int length = packet.Length > header + 2 ? packet[header] << 8 | packet[header + 1] : 0;
        return length is > 0 and <= 10 && header + 2 + length < packet.Length ? header + 2 + length : 0;
    }

    // As it is, and with the Remaining Length that it needs.
    private static IEnumerable<byte[]> Both(byte[] packet, int header)
    {
        yield return packet;
        if (WithLength(packet, header) is { } lengthened) yield return lengthened;
    }

    private static byte[]? WithLength(byte[] packet, int header)
    {
        int remaining = packet.Length - header;
        if (remaining < 0 || VariableByteInteger.Size(remaining) != header - 1) return null;
        byte[] copy = [.. packet];
        VariableByteInteger.Write(copy.AsSpan(1), remaining);
        return copy;
    }

    private static byte[] Set(byte[] packet, int offset, byte value)
    {
        byte[] copy = [.. packet];
        copy[offset] = value;
        return copy;
    }

    private static NearestPacket Describe(byte[] original, byte[] valid, bool showPasswords)
    {
        ExplainedField[] fields = [.. Explainer.ExplainPacket(valid, ProtocolVersion.Unknown, showPasswords).Leaves];
        var changes = new List<ByteChange>();
        System.Text.StringBuilder was = new("is     "), should = new("valid  "), marks = new("       ");
        int from = 0, to = 0;
        foreach ((byte? removed, byte? inserted) in ByteAlignment.Align(original, valid))
        {
            bool isSame = removed == inserted;
            bool isHidden = isSame && fields.Any(field => field.IsHidden && to >= field.Offset && to < field.Offset + field.Length);
            if (!isSame) changes.Add(new ByteChange(from, removed, inserted, FieldAt(fields, Math.Min(to, valid.Length - 1), original, from, valid)));
            was.Append(isHidden ? "** " : removed is null ? "-- " : $"{removed:X2} ");
            should.Append(isHidden ? "** " : inserted is null ? "-- " : $"{inserted:X2} ");
            marks.Append(isSame ? "   " : "^^ ");
            if (removed is not null) from++;
            if (inserted is not null) to++;
        }
        return new NearestPacket(valid, changes, [was.ToString().TrimEnd(), should.ToString().TrimEnd(), marks.ToString().TrimEnd()]);
    }

    // Of a byte of flags the flag that changes.
    private static string FieldAt(ExplainedField[] fields, int offset, byte[] original, int from, byte[] valid)
    {
        ExplainedField[] there = [.. fields.Where(field => offset >= field.Offset && offset < field.Offset + field.Length)];
        int changed = from < original.Length && offset < valid.Length ? original[from] ^ valid[offset] : 0xFF;
        return (there.FirstOrDefault(field => field.Mask != 0xFF && (field.Mask & changed) != 0) ?? there.FirstOrDefault())?.Name ?? "end";
    }
}
