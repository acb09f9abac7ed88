namespace Godwit.Protocol.Tests.Wire;

public sealed class PacketIdTests
{
    [Fact]
    public void Write_PacketIdentifierZero_Throws()
    {
        byte[] buffer = new byte[64];
        Assert.Throws<ArgumentException>(() => new PublishPacket { Topic = "a"u8, QoS = QoS.AtLeastOnce }.Write(buffer, ProtocolVersion.V311));
        Assert.Throws<ArgumentException>(() => new PublishAckPacket { Type = PacketType.Puback }.Write(buffer, ProtocolVersion.V5));
        Assert.Throws<ArgumentException>(() => new SubscribePacket().Write(buffer, ProtocolVersion.V5));
        Assert.Throws<ArgumentException>(() => new UnsubscribePacket().Write(buffer, ProtocolVersion.V5));
        Assert.Throws<ArgumentException>(() => new SubackPacket { Type = PacketType.Suback }.Write(buffer, ProtocolVersion.V5));
    }

    [Fact]
    public void Write_QoS0_NeedsNone() =>
        Assert.Equal(5, new PublishPacket { Topic = "a"u8 }.Write(new byte[16], ProtocolVersion.V311));
}
