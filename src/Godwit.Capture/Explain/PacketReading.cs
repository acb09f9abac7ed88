// Reads a packet's fields by the codec, which stops at the first violation, as a broker must. To go on behind it the offending bytes are
// replaced by harmless ones in a copy, and the copy is read again: so there is one parser, and every violation has its place.
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Explain;

/// <summary>The fields and violations of one packet.</summary>
internal sealed class PacketReading
{
    private const int MostViolations = 32;

    private readonly List<RawField> _fields = [];
    private readonly List<PlacedViolation> _violations = [];
    private readonly int _available;

    /// <param name="frame">The fixed header.</param>
    /// <param name="packet">The packet, as far as it is there.</param>
    /// <param name="version">The version to read it by; ignored for CONNECT.</param>
    /// <param name="frameViolation">What is wrong with the fixed header.</param>
    public PacketReading(PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, Violation? frameViolation)
    {
        // A length of needlessly many bytes is read as if it had no more than it needs.
        int surplus = frame.HeaderLength - 1 - VariableByteInteger.Size(frame.RemainingLength);
        byte[] copy = packet.ToArray();
        if (surplus > 0)
        {
            copy = [copy[0], .. new byte[frame.HeaderLength - 1 - surplus], .. copy[frame.HeaderLength..]];
            VariableByteInteger.Write(copy.AsSpan(1), frame.RemainingLength);
        }
        var readable = new PacketFrame(frame.Type, frame.Flags, frame.HeaderLength - surplus, copy.Length - (frame.HeaderLength - surplus));
        _available = copy.Length;
        IsComplete = packet.Length == frame.Length;
        Read(readable, copy, version);
        if (surplus > 0) Shift(frame.HeaderLength, surplus);
        if (frameViolation is not null) Place(frameViolation);
        if (frameViolation is null && surplus > 0 && Version == ProtocolVersion.V5) Place(Protocol.Violations.LengthNotMinimal);
        _violations.Sort((a, b) => a.Offset.CompareTo(b.Offset));
    }

    /// <summary>The fields in the order of the bytes.</summary>
    public IReadOnlyList<RawField> Fields => _fields;

    /// <summary>The violations in the order of the bytes.</summary>
    public IReadOnlyList<PlacedViolation> Violations => _violations;

    /// <summary>Whether the packet's bytes are all there.</summary>
    public bool IsComplete { get; }

    /// <summary>The version by which it was read.</summary>
    public ProtocolVersion Version { get; private set; }

    private void Read(in PacketFrame frame, byte[] copy, ProtocolVersion version)
    {
        Version = version;
        while (true)
        {
            _fields.Clear();
            Violation? violation = PacketFields.Report(frame, copy, version, new FieldCollector(_fields));
            if (frame.Type == PacketType.Connect && ConnectVersion(frame, copy) is { } asked) Version = asked;
            if (violation is null) return;
            // A packet that is not all there ends somewhere, which is no fault of it.
            if (!IsComplete && violation == Protocol.Violations.Truncated) return;
            if (violation == Protocol.Violations.LengthNotMinimal && frame.Type == PacketType.Connect && _fields[^1].Name == FieldName.ProtocolLevel) return;
            PlacedViolation placed = PlaceOf(violation);
            if (_violations.Contains(placed) || _violations.Count == MostViolations) return;
            _violations.Add(placed);
            if (!Repair.InPlace(copy, violation, _fields, placed)) return;
        }
    }

    private static ProtocolVersion? ConnectVersion(in PacketFrame frame, byte[] packet)
    {
        ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out _);
        return connect.Version;
    }

    private void Shift(int headerLength, int surplus)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            RawField field = _fields[i];
            if (field.Name == FieldName.RemainingLength) _fields[i] = field with { Length = headerLength - 1 };
            else if (field.Offset > 0) _fields[i] = field with { Offset = field.Offset + surplus };
        }
        for (int i = 0; i < _violations.Count; i++) _violations[i] = _violations[i] with { Offset = _violations[i].Offset + surplus };
    }

    private void Place(Violation violation)
    {
        PlacedViolation placed = PlaceOf(violation);
        if (!_violations.Contains(placed)) _violations.Add(placed);
    }

    private PlacedViolation PlaceOf(Violation violation)
    {
        int end = _fields.Count == 0 ? 0 : _fields[^1].End;
        if (violation == Protocol.Violations.TrailingBytes) return new PlacedViolation(violation, end, _available - end);
        if (violation == Protocol.Violations.Truncated && _fields[^1].Name != FieldName.Length) return new PlacedViolation(violation, end, 0);
        if (violation == Protocol.Violations.LengthNotMinimal && _fields[^1].Name != FieldName.RemainingLength && Repair.FieldOf(violation) is null && end < _available && end > 2)
            return new PlacedViolation(violation, end, 1);
        FieldName? name = Repair.FieldOf(violation);
        RawField field = name is not null && _fields.Exists(f => f.Name == name) ? _fields.FindLast(f => f.Name == name) : _fields[^1];
        return new PlacedViolation(violation, field.Offset, field.Length);
    }
}
