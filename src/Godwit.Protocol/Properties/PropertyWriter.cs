using System.Buffers.Binary;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>
/// Encodes properties into a buffer of the caller's, often on the stack:
/// <c>var w = new PropertyWriter(stackalloc byte[64]); w.Add(PropertyId.ReasonString, "no"u8); packet.Properties = w.Written</c>.
/// An addition that does not fit throws <see cref="ArgumentException"/> and leaves the writer as it was.
/// </summary>
/// <param name="buffer">Where to write.</param>
public ref struct PropertyWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written so far.</summary>
    public readonly MqttProperties Written => new(_buffer[..Length]);

    /// <summary>How many bytes the string, binary or user property takes.</summary>
    public static int SizeOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isPair) => 1 + (isPair ? 2 + name.Length : 0) + 2 + value.Length;

    /// <summary>Adds an integer property of any width.</summary>
    /// <exception cref="ArgumentException">The property is not an integer, the value is too large for it, or the buffer is full.</exception>
    public void Add(PropertyId id, uint value)
    {
        switch (PropertyInfo.Of(id).Type)
        {
            case PropertyType.Byte:
                Need(2, value <= byte.MaxValue, id);
                _buffer[Length + 1] = (byte)value;
                Finish(id, 2);
                break;
            case PropertyType.TwoByteInteger:
                Need(3, value <= ushort.MaxValue, id);
                BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 1)..], (ushort)value);
                Finish(id, 3);
                break;
            case PropertyType.FourByteInteger:
                Need(5, true, id);
                BinaryPrimitives.WriteUInt32BigEndian(_buffer[(Length + 1)..], value);
                Finish(id, 5);
                break;
            case PropertyType.VariableByteInteger:
                bool fits = value <= VariableByteInteger.MaxValue;
                int size = fits ? 1 + VariableByteInteger.Size((int)value) : 0;
                Need(size, fits, id);
                VariableByteInteger.Write(_buffer[(Length + 1)..], (int)value);
                Finish(id, size);
                break;
            default: throw new ArgumentException($"{id} is not an integer property.", nameof(id));
        }
    }

    /// <summary>Adds a string or binary property.</summary>
    /// <exception cref="ArgumentException">The property is of another kind, the value is too long, or the buffer is full.</exception>
    public void Add(PropertyId id, scoped ReadOnlySpan<byte> value)
    {
        if (PropertyInfo.Of(id).Type is not (PropertyType.Utf8String or PropertyType.BinaryData))
            throw new ArgumentException($"{id} is neither a string nor binary data.", nameof(id));
        int size = SizeOf(default, value, isPair: false);
        Need(size, value.Length <= Utf8Text.MaxLength, id);
        WritePrefixed(Length + 1, value);
        Finish(id, size);
    }

    /// <summary>Adds a user property.</summary>
    /// <exception cref="ArgumentException">Name or value is too long, or the buffer is full.</exception>
    public void AddUserProperty(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        int size = SizeOf(name, value, isPair: true);
        Need(size, name.Length <= Utf8Text.MaxLength && value.Length <= Utf8Text.MaxLength, PropertyId.UserProperty);
        WritePrefixed(Length + 1, name);
        WritePrefixed(Length + 3 + name.Length, value);
        Finish(PropertyId.UserProperty, size);
    }

    /// <summary>Copies a property, or several, as they are.</summary>
    /// <exception cref="ArgumentException">The buffer is full.</exception>
    public void AddEncoded(scoped ReadOnlySpan<byte> encoded)
    {
        Need(encoded.Length, true, default);
        encoded.CopyTo(_buffer[Length..]);
        Length += encoded.Length;
    }

    private readonly void WritePrefixed(int at, scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[at..], (ushort)value.Length);
        value.CopyTo(_buffer[(at + 2)..]);
    }

    private readonly void Need(int size, bool inRange, PropertyId id)
    {
        if (!inRange) throw new ArgumentException($"The value is too large for {id}.");
        if (_buffer.Length - Length < size) throw new ArgumentException("The buffer for the properties is full.");
    }

    private void Finish(PropertyId id, int size)
    {
        _buffer[Length] = (byte)id;
        Length += size;
    }
}
