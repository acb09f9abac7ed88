namespace Godwit.Protocol.Fields;

/// <summary>
/// Receives the fields of a packet in the order of its bytes. The reader is compiled once for each sink type; with
/// <see cref="NoFields"/> the calls vanish, so reading and explaining packets share one parser. A sink is passed by value: let it
/// hold a reference to what it fills.
/// </summary>
public interface IFieldSink
{
    /// <summary>A field of whole bytes.</summary>
    /// <param name="name">The field.</param>
    /// <param name="offset">Its first byte, counted from the packet's first byte.</param>
    /// <param name="length">Its length in bytes; may be 0.</param>
    void Field(FieldName name, int offset, int length);

    /// <summary>A field of some bits of one byte.</summary>
    /// <param name="name">The field.</param>
    /// <param name="offset">The byte, counted from the packet's first byte.</param>
    /// <param name="mask">The bits of the field within the byte.</param>
    void Bits(FieldName name, int offset, byte mask);

    /// <summary>A property begins: its identifier is at <paramref name="offset"/>, its value follows as further fields.</summary>
    void BeginProperty(PropertyId id, int offset);
}

/// <summary>The sink that ignores everything: ordinary reading.</summary>
public readonly struct NoFields : IFieldSink
{
    /// <inheritdoc/>
    public void Field(FieldName name, int offset, int length) { }

    /// <inheritdoc/>
    public void Bits(FieldName name, int offset, byte mask) { }

    /// <inheritdoc/>
    public void BeginProperty(PropertyId id, int offset) { }
}
