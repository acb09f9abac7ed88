// From the codec's flat list of fields to the tree that people read: fixed header, variable header, payload; in them flag bytes, properties
// and strings with their parts. What the codec did not reach is a field too, so that no byte is left out.
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Explain;

internal sealed class FieldTree
{
    private readonly ReadOnlyMemory<byte> _packet;
    private readonly IReadOnlyList<RawField> _raw;
    private readonly List<PlacedViolation> _unplaced;
    private readonly ProtocolVersion _version;
    private readonly PacketType _type;
    private readonly ExplainOptions _options;
    private readonly List<ExplainedField> _fixed = [], _variable = [], _payload = [];
    private bool _isPayload;

    public FieldTree(PacketReading reading, ReadOnlyMemory<byte> packet, ExplainOptions options)
    {
        _packet = packet;
        _raw = reading.Fields;
        _unplaced = [.. reading.Violations];
        _version = reading.Version;
        _type = (PacketType)(packet.Span[0] >> 4);
        _options = options;
        Build();
        FixedHeaderLength = LengthOf(_fixed);
        VariableHeaderLength = LengthOf(_variable);
    }

    public int FixedHeaderLength { get; }

    public int VariableHeaderLength { get; }

    /// <summary>The groups that are not empty.</summary>
    public IReadOnlyList<ExplainedField> Groups =>
    [
        .. new[] { Group("Fixed header", _fixed), Group("Variable header", _variable), Group("Payload", _payload) }.Where(group => group.Children.Count > 0),
    ];

    private void Build()
    {
        for (int i = 0; i < _raw.Count;)
        {
            RawField field = _raw[i];
            _isPayload |= StartsPayload(field, i + 1 < _raw.Count ? _raw[i + 1] : null);
            List<ExplainedField> part = field.Offset == 0 || field.Name == FieldName.RemainingLength ? _fixed : _isPayload ? _payload : _variable;
            part.Add(Take(ref i));
        }
        int end = _raw.Count == 0 ? 0 : _raw[^1].End;
        if (end < _packet.Length) Last().Add(Rest(end));
        // Where nothing stands, something is missing. The others concern a field that has a violation already.
        foreach (PlacedViolation missing in _unplaced.Where(placed => placed.Offset >= end)) Last().Add(new ExplainedField("Missing", missing.Offset, missing.Length) { Violation = missing.Violation });
    }

    private List<ExplainedField> Last() => _payload.Count > 0 ? _payload : _variable;

    // The field at the index with what belongs to it; goes behind.
    private ExplainedField Take(ref int i)
    {
        RawField field = _raw[i];
        if (field.Name == FieldName.PropertyLength) return Properties(ref i);
        if (field.Mask == 0xFF) return Leaf(i++);
        var bits = new List<ExplainedField>();
        while (i < _raw.Count && _raw[i].Offset == field.Offset) bits.Add(Leaf(i++));
        string name = field.Offset == 0 ? "Packet type and flags" : _type switch
        {
            PacketType.Connect => "Connect Flags",
            PacketType.Connack => "Connect Acknowledge Flags",
            _ => _version == ProtocolVersion.V5 ? "Subscription Options" : "Requested QoS",
        };
        return Group(name, bits) with { Value = $"0x{_packet.Span[field.Offset]:X2}" };
    }

    private ExplainedField Properties(ref int i)
    {
        PropertyOwner owner = _isPayload ? PropertyOwner.Will : (PropertyOwner)_type;
        string section = FieldTitles.PropertySection(owner, null);
        VariableByteInteger.Read(_packet.Span[_raw[i].Offset..], out int length);
        int end = _raw[i].End + length;
        var children = new List<ExplainedField> { Leaf(i++) with { Section = $"{section}.1" } };
        while (i < _raw.Count && _raw[i].Offset < end) children.Add(Property(ref i, owner));
        return Group(owner == PropertyOwner.Will ? "Will Properties" : "Properties", children) with { Section = section };
    }

    private ExplainedField Property(ref int i, PropertyOwner owner)
    {
        if (_raw[i].Property is not { } id) return Leaf(i++);
        string section = FieldTitles.PropertySection(owner, id);
        var parts = new List<ExplainedField> { Leaf(i++) };
        while (i < _raw.Count && _raw[i].Name != FieldName.PropertyIdentifier && _raw[i].Property == id) parts.Add(Leaf(i++));
        ExplainedField[] values = [.. parts.Where((part, index) => index > 0 && !part.Name.StartsWith("Length", StringComparison.Ordinal))];
        return Group(PropertyInfo.Of(id).Name, [.. parts.Select(part => part with { Section = section })]) with
        {
            Value = values.Length == 0 ? null : string.Join(" = ", values.Select(value => value.Value)),
            Meaning = values.Length == 1 ? values[0].Meaning : null,
            IsHidden = values.Any(value => value.IsHidden),
            Section = section,
            Type = PropertyWords.TypeName(PropertyInfo.Of(id).Type),
        };
    }

    private ExplainedField Leaf(int i)
    {
        RawField field = _raw[i];
        string name = field.Name == FieldName.Length && i + 1 < _raw.Count && _raw[i + 1].Offset == field.End && _raw[i + 1].Mask == 0xFF
            ? $"Length of {NameOf(_raw[i + 1])}"
            : NameOf(field);
        bool isHidden = (!_options.ShowPasswords && (field.Name == FieldName.Password || field is { Property: PropertyId.AuthenticationData, Name: FieldName.PropertyValue }))
            || (_options.HideContent && field.Name is FieldName.ApplicationMessage or FieldName.WillPayload or FieldName.UserName);
        (string? value, string? meaning) = FieldWords.Describe(field, _packet.Span, _version, KeepsSession());
        if (field.Name == FieldName.TopicName && field.Length == 0 && _raw.All(other => other.Property != PropertyId.TopicAlias)) meaning = null;
        return new ExplainedField(name, field.Offset, field.Length)
        {
            Mask = field.Mask,
            Value = isHidden ? null : value,
            Meaning = isHidden ? $"{field.Length} byte{(field.Length == 1 ? "" : "s")}, hidden" : meaning,
            IsHidden = isHidden,
            Section = FieldTitles.Section(field.Name, _type, _version),
            Violation = TakeViolation(field),
        };
    }

    private string NameOf(RawField field) => field switch
    {
        { Name: FieldName.PropertyValue, Property: { } id } => PropertyInfo.Of(id).Name,
        { Name: FieldName.UserPropertyName } => "Name",
        { Name: FieldName.UserPropertyValue } => "Value",
        _ => FieldTitles.Name(field.Name, _type, _version),
    };

    private bool KeepsSession() =>
        _type == PacketType.Connect && _raw.Any(field => field.Name == FieldName.CleanStart && (_packet.Span[field.Offset] & field.Mask) == 0);

    private Violation? TakeViolation(RawField field)
    {
        int found = _unplaced.FindIndex(placed => placed.Length > 0 && placed.Offset == field.Offset && placed.Length == field.Length
            && (field.Mask == 0xFF || Repair.FieldOf(placed.Violation) is not { } name || name == field.Name));
        if (found < 0) return null;
        Violation violation = _unplaced[found].Violation;
        _unplaced.RemoveAt(found);
        return violation;
    }

    private ExplainedField Rest(int start)
    {
        int found = _unplaced.FindIndex(placed => placed.Offset == start);
        Violation? violation = found < 0 ? null : _unplaced[found].Violation;
        if (found >= 0) _unplaced.RemoveAt(found);
        ReadOnlySpan<byte> rest = _packet.Span[start..];
        bool isHidden = (!_options.ShowPasswords && _type == PacketType.Connect) || _options.HideContent;
        return new ExplainedField(violation == Violations.TrailingBytes ? "Surplus bytes" : "Not read", start, rest.Length)
        {
            Value = isHidden ? null : Readable.Payload(rest),
            Meaning = isHidden ? $"{rest.Length} bytes, hidden: something private may be among them" : null,
            IsHidden = isHidden,
            Violation = violation,
        };
    }

    private bool StartsPayload(RawField field, RawField? next)
    {
        FieldName name = field is { Name: FieldName.Length, Property: null } && next is not null ? next.Value.Name : field.Name;
        return _type switch
        {
            PacketType.Connect => name == FieldName.ClientIdentifier,
            PacketType.Publish => name == FieldName.ApplicationMessage,
            PacketType.Subscribe or PacketType.Unsubscribe => name == FieldName.TopicFilter,
            PacketType.Suback or PacketType.Unsuback => name is FieldName.ReturnCode or FieldName.ReasonCode,
            _ => false,
        };
    }

    private static ExplainedField Group(string name, List<ExplainedField> children) =>
        new(name, children.Count == 0 ? 0 : children[0].Offset, LengthOf(children)) { Children = children };

    private static int LengthOf(List<ExplainedField> fields) => fields.Count == 0 ? 0 : fields[^1].Offset + fields[^1].Length - fields[0].Offset;
}
