using Godwit.Protocol;

namespace Godwit.Bench.Tests;

public class MessageStampTests
{
    [Theory]
    [InlineData(0, StampLevel.None)]
    [InlineData(7, StampLevel.None)]
    [InlineData(8, StampLevel.Time)]
    [InlineData(19, StampLevel.Time)]
    [InlineData(20, StampLevel.Full)]
    [InlineData(16_384, StampLevel.Full)]
    public void Write_AnySize_KeepsWhatThereIsRoomFor(int size, StampLevel level)
    {
        var stamp = new MessageStamp(Time: 123_456_789_012_345, Run: 0xABCDEF02, Publisher: 199, Sequence: 4_000_000_000);
        byte[] payload = MessageStamp.CreatePayload(size);
        byte[] before = [.. payload];

        stamp.Write(payload, level);

        Assert.Equal(level, MessageStamp.LevelOf(size));
        Assert.Equal(level switch { StampLevel.None => default, StampLevel.Time => new MessageStamp(stamp.Time, 0, 0, 0), _ => stamp }, MessageStamp.Read(payload, level));
        int written = level switch { StampLevel.None => 0, StampLevel.Time => MessageStamp.TimeSize, _ => MessageStamp.FullSize };
        Assert.Equal(before[written..], payload[written..]);
    }

    [Theory]
    [InlineData(ProtocolVersion.V311, QoS.AtMostOnce)]
    [InlineData(ProtocolVersion.V311, QoS.ExactlyOnce)]
    [InlineData(ProtocolVersion.V5, QoS.AtMostOnce)]
    [InlineData(ProtocolVersion.V5, QoS.AtLeastOnce)]
    public void ExpectedPublish_ThePacketAndOthers_TakesThePacketOnly(ProtocolVersion version, QoS qos)
    {
        var expected = new ExpectedPublish("a/b", qos, payloadSize: 4, version);
        byte[] Packet(string topic = "a/b", bool retain = false, int payload = 4, byte[]? properties = null)
        {
            var publish = new PublishPacket
            {
                Topic = System.Text.Encoding.UTF8.GetBytes(topic),
                QoS = qos,
                Retain = retain,
                PacketId = qos == QoS.AtMostOnce ? (ushort)0 : (ushort)770,
                Properties = new MqttProperties(properties),
                Payload = new byte[] { 9, 8, 7, 6, 5 }.AsSpan(0, payload),
            };
            var bytes = new byte[publish.Length(version)];
            publish.Write(bytes, version);
            return bytes;
        }

        Assert.True(expected.TryRead([.. Packet(), 0x30], out ushort packetId, out ReadOnlySpan<byte> payload));
        Assert.Equal(qos == QoS.AtMostOnce ? 0 : 770, packetId);
        Assert.Equal([9, 8, 7, 6], payload.ToArray());
        Assert.Equal(Packet().Length, expected.Length);
        Assert.False(expected.TryRead(Packet().AsSpan()[..^1], out _, out _));
        Assert.False(expected.TryRead(Packet("a/c"), out _, out _));
        Assert.False(expected.TryRead(Packet(retain: true), out _, out _));
        Assert.False(expected.TryRead(Packet(payload: 5), out _, out _));
        // Two bytes of properties and two fewer of payload make a packet of the same length.
        if (version == ProtocolVersion.V5) Assert.False(expected.TryRead(Packet(payload: 2, properties: [0x01, 0x01]), out _, out _));
    }
}
