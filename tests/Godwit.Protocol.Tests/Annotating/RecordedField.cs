using Godwit.Protocol.Fields;

namespace Godwit.Protocol.Tests.Annotating;

/// <summary>A field as the annotating mode reported it; <see cref="Mask"/> is 0 for a field of whole bytes.</summary>
internal readonly record struct RecordedField(FieldName Name, int Offset, int Length, byte Mask, PropertyId? Property)
{
    public override string ToString()
    {
        string place = Mask == 0 ? $"{Offset}+{Length}" : $"{Offset}:{Mask:X2}";
        return Property is { } property ? $"{place} {Name.Text()} ({PropertyInfo.Of(property).Name})" : $"{place} {Name.Text()}";
    }
}

/// <summary>Records what the annotating mode reports.</summary>
internal readonly struct FieldRecorder(List<RecordedField> fields) : IFieldSink
{
    public void Field(FieldName name, int offset, int length) => fields.Add(new RecordedField(name, offset, length, 0, PropertyOf(name)));

    public void Bits(FieldName name, int offset, byte mask) => fields.Add(new RecordedField(name, offset, 1, mask, null));

    public void BeginProperty(PropertyId id, int offset)
    {
        Assert.Equal(FieldName.PropertyIdentifier, fields[^1].Name);
        Assert.Equal(offset, fields[^1].Offset);
        fields[^1] = fields[^1] with { Property = id };
    }

    private PropertyId? PropertyOf(FieldName name) =>
        name is FieldName.PropertyValue or FieldName.UserPropertyName or FieldName.UserPropertyValue
        ? fields.FindLast(field => field.Name == FieldName.PropertyIdentifier).Property
        : null;
}
