using System.Buffers.Binary;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>
/// The properties of one packet: a view of their encoded bytes, without the property length in front. What a packet's reader
/// hands out has been checked; <see cref="PropertyWriter"/> makes one for writing.
/// </summary>
/// <param name="encoded">The encoded properties.</param>
public readonly ref struct MqttProperties(ReadOnlySpan<byte> encoded)
{
    /// <summary>The bytes as they stand in the packet.</summary>
    public ReadOnlySpan<byte> Encoded { get; } = encoded;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Encoded.IsEmpty;

    /// <summary>The properties in their order.</summary>
    public Enumerator GetEnumerator() => new(Encoded);

    /// <summary>The first property with this identifier.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryFind(PropertyId id, out MqttProperty property)
    {
        foreach (MqttProperty candidate in this)
        {
            if (candidate.Id != id) continue;
            property = candidate;
            return true;
        }
        property = default;
        return false;
    }

    /// <summary>The value of an integer property, or null if it is absent.</summary>
    public uint? Number(PropertyId id) => TryFind(id, out MqttProperty property) ? property.Number : null;

    /// <summary>The value of a string or binary property; empty if it is absent.</summary>
    public ReadOnlySpan<byte> Bytes(PropertyId id) => TryFind(id, out MqttProperty property) ? property.Value : default;

    /// <summary>Walks over the properties.</summary>
    /// <param name="rest">The encoded properties.</param>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        /// <summary>The property reached.</summary>
        public MqttProperty Current { get; private set; }

        /// <summary>Goes to the next property.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            PropertyInfo info = PropertyInfo.Find(_rest[0]) ?? throw new ArgumentException($"0x{_rest[0]:X2} is not a property identifier.");
            ReadOnlySpan<byte> value = _rest[1..];
            uint number = 0;
            ReadOnlySpan<byte> first = default, second = default;
            int used;
            switch (info.Type)
            {
                case PropertyType.Byte: number = value[0]; used = 1; break;
                case PropertyType.TwoByteInteger: number = BinaryPrimitives.ReadUInt16BigEndian(value); used = 2; break;
                case PropertyType.FourByteInteger: number = BinaryPrimitives.ReadUInt32BigEndian(value); used = 4; break;
                case PropertyType.VariableByteInteger:
                    used = VariableByteInteger.Read(value, out int integer);
                    if (used <= 0) throw new ArgumentException("The properties are not complete.");
                    number = (uint)integer;
                    break;
                case PropertyType.Utf8StringPair:
                    first = Prefixed(value);
                    second = Prefixed(value[(2 + first.Length)..]);
                    used = 4 + first.Length + second.Length;
                    break;
                default:
                    second = Prefixed(value);
                    used = 2 + second.Length;
                    break;
            }
            Current = new MqttProperty(info.Id, number, first, second, _rest[..(1 + used)]);
            _rest = _rest[(1 + used)..];
            return true;
        }

        private static ReadOnlySpan<byte> Prefixed(ReadOnlySpan<byte> input) => input.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(input));
    }
}

/// <summary>One property.</summary>
public readonly ref struct MqttProperty
{
    internal MqttProperty(PropertyId id, uint number, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> encoded)
    {
        Id = id;
        Number = number;
        Name = name;
        Value = value;
        Encoded = encoded;
    }

    /// <summary>Which property it is.</summary>
    public PropertyId Id { get; }

    /// <summary>The value of an integer property; 0 for the others.</summary>
    public uint Number { get; }

    /// <summary>The name of a user property; empty for the others.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value of a string or binary property, or of a user property; empty for integers.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Identifier and value as they stand in the packet.</summary>
    public ReadOnlySpan<byte> Encoded { get; }
}
