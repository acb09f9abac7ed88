// The one reader of packet fields. It walks over one complete packet; after the first violation every further read returns an
// empty value, so packet code reads all its fields in order and asks once at the end whether something was wrong.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Godwit.Protocol.Fields;

namespace Godwit.Protocol.Wire;

internal ref struct FieldReader<TSink> where TSink : struct, IFieldSink
{
    private readonly ReadOnlySpan<byte> _packet;
    private readonly TSink _sink;
    private int _position;
    private int _end;

    /// <param name="packet">The packet from its first byte on.</param>
    /// <param name="start">Where to begin: the length of the fixed header.</param>
    /// <param name="end">Where the packet ends.</param>
    /// <param name="version">The connection's protocol version.</param>
    /// <param name="sink">Told of every field.</param>
    public FieldReader(ReadOnlySpan<byte> packet, int start, int end, ProtocolVersion version, TSink sink)
    {
        _packet = packet;
        _position = start;
        _end = end;
        _sink = sink;
        Version = version;
    }

    public ProtocolVersion Version { get; set; }

    /// <summary>The first violation met, or null.</summary>
    public Violation? Violation { get; private set; }

    public readonly int Position => _position;

    public readonly int Remaining => _end - _position;

    /// <summary>Ends the reading: from here on all reads return empty values.</summary>
    public void Fail(Violation violation)
    {
        Violation ??= violation;
        _position = _end;
    }

    public byte Byte(FieldName name)
    {
        if (Remaining < 1) return Missing();
        _sink.Field(name, _position, 1);
        return _packet[_position++];
    }

    /// <summary>Reads a byte whose bits are fields of their own; the caller names them with <see cref="Bits"/>.</summary>
    public byte FlagByte() => Remaining < 1 ? Missing() : _packet[_position++];

    /// <summary>Names bits of the byte just read by <see cref="FlagByte"/>.</summary>
    public readonly void Bits(FieldName name, byte mask) => _sink.Bits(name, _position - 1, mask);

    public ushort UInt16(FieldName name)
    {
        if (Remaining < 2) return Missing();
        _sink.Field(name, _position, 2);
        ushort value = BinaryPrimitives.ReadUInt16BigEndian(_packet[_position..]);
        _position += 2;
        return value;
    }

    public uint UInt32(FieldName name)
    {
        if (Remaining < 4) return Missing();
        _sink.Field(name, _position, 4);
        uint value = BinaryPrimitives.ReadUInt32BigEndian(_packet[_position..]);
        _position += 4;
        return value;
    }

    public int VariableByteInteger(FieldName name)
    {
        int size = Wire.VariableByteInteger.Read(_packet[_position.._end], out int value);
        if (size <= 0)
        {
            Fail(size == 0 ? Violations.Truncated : Violations.LengthTooLong);
            return 0;
        }
        if (size > Wire.VariableByteInteger.Size(value)) // [MQTT-1.5.5-1]
        {
            Fail(Violations.LengthNotMinimal);
            return 0;
        }
        _sink.Field(name, _position, size);
        _position += size;
        return value;
    }

    /// <summary>A packet identifier, which is never 0. <c>[MQTT-2.3.1-1]</c> <c>[MQTT-2.2.1-3]</c></summary>
    public ushort PacketId()
    {
        ushort id = UInt16(FieldName.PacketIdentifier);
        if (id == 0) Fail(Violations.ZeroPacketId);
        return id;
    }

    /// <summary>Binary data: a two-byte length, then as many bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Binary(FieldName name)
    {
        if (Remaining < 2) return MissingSpan();
        int length = UInt16(FieldName.Length);
        if (Remaining < length) return MissingSpan();
        _sink.Field(name, _position, length);
        ReadOnlySpan<byte> value = _packet.Slice(_position, length);
        _position += length;
        return value;
    }

    /// <summary>A UTF-8 string, checked.</summary>
    public ReadOnlySpan<byte> String(FieldName name)
    {
        ReadOnlySpan<byte> text = Binary(name);
        if (Utf8Text.Check(text) is { } violation) Fail(violation);
        return text;
    }

    /// <summary>Everything up to the end of the packet.</summary>
    public ReadOnlySpan<byte> Rest(FieldName name)
    {
        ReadOnlySpan<byte> rest = _packet[_position.._end];
        if (Violation is null) _sink.Field(name, _position, rest.Length);
        _position = _end;
        return rest;
    }

    /// <summary>The bytes between two positions of the packet.</summary>
    public readonly ReadOnlySpan<byte> Between(int start, int end) => _packet[start..end];

    /// <summary>The packet's properties with their length in front; none at all before MQTT 5.</summary>
    public MqttProperties Properties(PropertyOwner owner)
    {
        if (Version != ProtocolVersion.V5) return default;
        int length = VariableByteInteger(FieldName.PropertyLength);
        if (length == 0) return default;
        if (Remaining < length)
        {
            Fail(Violations.Truncated);
            return default;
        }
        int start = _position, end = _position + length, packetEnd = _end;
        _end = end; // a property may not reach beyond the property length
        uint seen = 0;
        while (_position < end) Property(owner, ref seen);
        if (Violation is not null)
        {
            _position = _end = packetEnd;
            return default;
        }
        _end = packetEnd;
        return new MqttProperties(_packet[start..end]);
    }

    /// <summary>To be called after the last field: nothing may be left.</summary>
    public void End()
    {
        if (_position < _end) Fail(Violations.TrailingBytes);
    }

    private void Property(PropertyOwner owner, ref uint seen)
    {
        _sink.Field(FieldName.PropertyIdentifier, _position, 1);
        byte identifier = _packet[_position];
        PropertyInfo? info = PropertyInfo.Find(identifier);
        if (info is null)
        {
            Fail(Violations.UnknownProperty);
            return;
        }
        if (!info.IsAllowedIn(owner))
        {
            Fail(Violations.PropertyNotAllowed);
            return;
        }
        uint bit = 1u << info.Ordinal;
        if ((seen & bit) != 0 && !info.IsRepeatable(owner))
        {
            Fail(Violations.DuplicateProperty);
            return;
        }
        seen |= bit;
        _sink.BeginProperty(info.Id, _position);
        _position++;

        uint number = 0;
        ReadOnlySpan<byte> text = default;
        switch (info.Type)
        {
            case PropertyType.Byte: number = Byte(FieldName.PropertyValue); break;
            case PropertyType.TwoByteInteger: number = UInt16(FieldName.PropertyValue); break;
            case PropertyType.FourByteInteger: number = UInt32(FieldName.PropertyValue); break;
            case PropertyType.VariableByteInteger: number = (uint)VariableByteInteger(FieldName.PropertyValue); break;
            case PropertyType.Utf8String: text = String(FieldName.PropertyValue); break;
            case PropertyType.BinaryData: Binary(FieldName.PropertyValue); break;
            case PropertyType.Utf8StringPair: // [MQTT-1.5.7-1]
                String(FieldName.UserPropertyName);
                String(FieldName.UserPropertyValue);
                break;
        }
        if (Violation is null && info.CheckValue(number, text) is { } violation) Fail(violation);
    }

    private byte Missing()
    {
        Fail(Violations.Truncated);
        return 0;
    }

    private ReadOnlySpan<byte> MissingSpan()
    {
        Fail(Violations.Truncated);
        return default;
    }
}
