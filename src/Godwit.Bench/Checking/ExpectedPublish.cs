// Nearly everything that a subscriber gets is one packet over and over: same flags, length and topic. Recognised by one comparison of its
// first bytes it needs no parsing. Everything else goes the long way.
using System.Buffers.Binary;
using System.Text;
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class ExpectedPublish
{
    private readonly byte[] _head; // up to the topic's end
    private readonly int _payloadAt;
    private readonly bool _hasPacketId, _hasProperties;

    public ExpectedPublish(string topic, QoS qos, int payloadSize, ProtocolVersion version)
    {
        _hasPacketId = qos != QoS.AtMostOnce;
        _hasProperties = version == ProtocolVersion.V5;
        byte[] topicBytes = Encoding.UTF8.GetBytes(topic);
        var packet = new PublishPacket { Topic = topicBytes, QoS = qos, PacketId = 1, Payload = new byte[payloadSize] };
        Length = packet.Length(version);
        var bytes = new byte[Length];
        packet.Write(bytes, version);
        _payloadAt = Length - payloadSize;
        _head = bytes[..(_payloadAt - (_hasProperties ? 1 : 0) - (_hasPacketId ? 2 : 0))];
    }

    /// <summary>Bytes of the packet.</summary>
    public int Length { get; }

    /// <summary>Whether the input begins with the packet.</summary>
    public bool TryRead(ReadOnlySpan<byte> input, out ushort packetId, out ReadOnlySpan<byte> payload)
    {
        packetId = 0;
        payload = default;
        if (input.Length < Length || !input.StartsWith(_head)) return false;
        if (_hasPacketId && (packetId = BinaryPrimitives.ReadUInt16BigEndian(input[_head.Length..])) == 0) return false;
        if (_hasProperties && input[_payloadAt - 1] != 0) return false;
        payload = input[_payloadAt..Length];
        return true;
    }
}
