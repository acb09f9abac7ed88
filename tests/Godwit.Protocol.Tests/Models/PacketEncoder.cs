// Encodes packets in the most obvious way, from the specification and not from the codec, to compare the codec with.
namespace Godwit.Protocol.Tests.Models;

internal sealed class PacketEncoder
{
    private readonly List<byte> _body = [];

    public PacketEncoder Byte(int value)
    {
        _body.Add((byte)value);
        return this;
    }

    public PacketEncoder TwoBytes(int value) => Byte(value / 256).Byte(value % 256);

    public PacketEncoder FourBytes(uint value) => TwoBytes((int)(value / 65_536)).TwoBytes((int)(value % 65_536));

    public PacketEncoder Raw(Bytes bytes)
    {
        _body.AddRange(bytes.Span);
        return this;
    }

    public PacketEncoder Prefixed(Bytes bytes) => TwoBytes(bytes.Length).Raw(bytes);

    /// <summary>The algorithm that section 1.5.5 prints.</summary>
    public PacketEncoder VariableByteInteger(int x)
    {
        do
        {
            int encodedByte = x % 128;
            x /= 128;
            if (x > 0) encodedByte |= 128;
            Byte(encodedByte);
        }
        while (x > 0);
        return this;
    }

    public PacketEncoder Properties(ProtocolVersion version, Items<PropertyModel> properties)
    {
        if (version != ProtocolVersion.V5) return this;
        var encoder = new PacketEncoder();
        foreach (PropertyModel property in properties) encoder.Property(property);
        return VariableByteInteger(encoder._body.Count).Raw(encoder._body.ToArray());
    }

    /// <summary>The whole packet with the fixed header in front of what has been encoded.</summary>
    public byte[] Packet(int firstByte) => [.. new PacketEncoder().Byte(firstByte).VariableByteInteger(_body.Count)._body, .. _body];

    private void Property(PropertyModel property)
    {
        Byte((int)property.Id);
        switch (SpecificationTables.Properties.Single(row => row.Id == (int)property.Id).Kind)
        {
            case Kind.Byte: Byte((int)property.Number); break;
            case Kind.TwoBytes: TwoBytes((int)property.Number); break;
            case Kind.FourBytes: FourBytes(property.Number); break;
            case Kind.VariableByteInteger: VariableByteInteger((int)property.Number); break;
            case Kind.Pair: Prefixed(property.Name).Prefixed(property.Value); break;
            default: Prefixed(property.Value); break;
        }
    }
}
