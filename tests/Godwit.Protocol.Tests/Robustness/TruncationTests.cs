// Input that ends too early: before the packet does, and inside the packet.
using Godwit.Protocol.Tests.Golden;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Robustness;

public class TruncationTests
{
    [Theory]
    [MemberData(nameof(VectorData.Valid), MemberType = typeof(VectorData))]
    public void Read_EveryProperPrefix_NeedsMore(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        byte[] packet = vector.Bytes;
        Assert.Equal(FrameStatus.Complete, PacketFrame.Read(packet, vector.ReaderVersion, packet.Length, out PacketFrame whole, out _));
        for (int length = 0; length < packet.Length; length++)
        {
            ReadOnlySpan<byte> prefix = packet.AsSpan(0, length);
            FrameStatus status = PacketFrame.Read(prefix, vector.ReaderVersion, packet.Length, out PacketFrame frame, out Violation? violation);
            Assert.Equal(FrameStatus.NeedMore, status);
            Assert.Null(violation);
            Assert.Equal(length < whole.HeaderLength ? default : whole, frame); // told as soon as the fixed header is there
        }
    }

    [Theory]
    [MemberData(nameof(VectorData.Valid), MemberType = typeof(VectorData))]
    public void Read_EveryShortenedBody_IsRefusedOrAnotherPacket(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        byte[] packet = vector.Bytes;
        PacketFrame.Read(packet, vector.ReaderVersion, packet.Length, out PacketFrame frame, out _);
        for (int length = 0; length < frame.RemainingLength; length++)
        {
            byte[] shorter = new PacketEncoder().Raw(packet[frame.HeaderLength..(frame.HeaderLength + length)]).Packet(packet[0]);
            Consistency.Holds(shorter, vector.ReaderVersion);
        }
    }

    [Fact]
    public void Read_PacketOfMaximumSize_IsComplete()
    {
        byte[] packet = PublishVectors.QoS0_311.Bytes;
        Assert.Equal(FrameStatus.Complete, PacketFrame.Read(packet, ProtocolVersion.V311, packet.Length, out _, out _));
        Assert.Equal(FrameStatus.Malformed, PacketFrame.Read(packet, ProtocolVersion.V311, packet.Length - 1, out _, out Violation? violation));
        Assert.Same(Violations.PacketTooLarge, violation);
    }
}
