using Godwit.Protocol;
using Godwit.Protocol.Fields;

namespace Godwit.Capture.Explain;

/// <summary>A field as the codec reports it. <paramref name="Mask"/> is 0xFF for whole bytes.</summary>
internal readonly record struct RawField(FieldName Name, int Offset, int Length, byte Mask, PropertyId? Property)
{
    public int End => Offset + Length;
}

/// <summary>Collects what the codec reports.</summary>
internal readonly struct FieldCollector(List<RawField> fields) : IFieldSink
{
    public void Field(FieldName name, int offset, int length) => fields.Add(new RawField(name, offset, length, 0xFF, PropertyOf(name)));

    public void Bits(FieldName name, int offset, byte mask) => fields.Add(new RawField(name, offset, 1, mask, null));

    public void BeginProperty(PropertyId id, int offset) => fields[^1] = fields[^1] with { Property = id };

    // Lengths too: of a string that is a property's value.
    private PropertyId? PropertyOf(FieldName name) =>
        name is FieldName.PropertyValue or FieldName.UserPropertyName or FieldName.UserPropertyValue or FieldName.Length && fields.Count > 0
            && (fields[^1].Property is not null && (name != FieldName.Length || fields[^1].Name is FieldName.PropertyIdentifier or FieldName.UserPropertyName))
            ? fields[^1].Property
            : null;
}
