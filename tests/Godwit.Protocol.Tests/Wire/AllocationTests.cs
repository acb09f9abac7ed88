// Reading and writing packets takes no memory from the heap.
using Godwit.Protocol.Tests.Golden;

namespace Godwit.Protocol.Tests.Wire;

public class AllocationTests
{
    private const int Rounds = 10_000;

    [Theory]
    [MemberData(nameof(VectorData.Canonical), MemberType = typeof(VectorData))]
    public void ReadAndWrite_CanonicalVector_AllocatesNothing(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        byte[] packet = vector.Bytes, destination = new byte[packet.Length];
        ProtocolVersion readerVersion = vector.ReaderVersion, version = vector.Version;
        Assert.Equal(packet.Length, ReadAndWrite(packet, readerVersion, version, destination));
        Assert.Equal(packet, destination);

        AllocatesNothing(() => ReadAndWrite(packet, readerVersion, version, destination));
    }

    [Theory]
    [MemberData(nameof(VectorData.Malformed), MemberType = typeof(VectorData))]
    public void Read_MalformedVector_AllocatesNothing(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        byte[] packet = vector.Bytes, destination = new byte[packet.Length];
        ProtocolVersion readerVersion = vector.ReaderVersion;
        if (PacketFrame.Read(packet, readerVersion, vector.MaximumPacketSize, out _, out _) == FrameStatus.Complete)
            Assert.Equal(0, ReadAndWrite(packet, readerVersion, vector.Version, destination));

        AllocatesNothing(() =>
        {
            if (PacketFrame.Read(packet, readerVersion, packet.Length, out _, out _) == FrameStatus.Complete)
                ReadAndWrite(packet, readerVersion, vector.Version, destination);
        });
    }

    // The runtime itself may allocate once on this thread, for example when it starts to compile a hot method again; the codec would
    // allocate in every attempt.
    private static void AllocatesNothing(Action action)
    {
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 5 && allocated != 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++) action();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }

    // Returns how many bytes were written, 0 if the packet is malformed.
    private static int ReadAndWrite(byte[] input, ProtocolVersion readerVersion, ProtocolVersion version, byte[] destination)
    {
        PacketFrame.Read(input, readerVersion, input.Length, out PacketFrame frame, out _);
        switch (frame.Type)
        {
            case PacketType.Connect:
                return ConnectPacket.TryRead(frame, input, out ConnectPacket connect, out _) ? connect.Write(destination) : 0;
            case PacketType.Connack:
                return ConnackPacket.TryRead(frame, input, version, out ConnackPacket connack, out _) ? connack.Write(destination, version) : 0;
            case PacketType.Publish:
                return PublishPacket.TryRead(frame, input, version, out PublishPacket publish, out _) ? publish.Write(destination, version) : 0;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                return PublishAckPacket.TryRead(frame, input, version, out PublishAckPacket ack, out _) ? ack.Write(destination, version) : 0;
            case PacketType.Subscribe:
                if (!SubscribePacket.TryRead(frame, input, version, out SubscribePacket subscribe, out _)) return 0;
                foreach (RequestedSubscription subscription in subscribe.Subscriptions) _ = subscription.Filter.Length + subscription.Options.Encoded;
                return subscribe.Write(destination, version);
            case PacketType.Suback or PacketType.Unsuback:
                return SubackPacket.TryRead(frame, input, version, out SubackPacket suback, out _) ? suback.Write(destination, version) : 0;
            case PacketType.Unsubscribe:
                if (!UnsubscribePacket.TryRead(frame, input, version, out UnsubscribePacket unsubscribe, out _)) return 0;
                foreach (ReadOnlySpan<byte> filter in unsubscribe.Filters) _ = filter.Length;
                return unsubscribe.Write(destination, version);
            case PacketType.Disconnect:
                return DisconnectPacket.TryRead(frame, input, version, out DisconnectPacket disconnect, out _) ? disconnect.Write(destination, version) : 0;
            case PacketType.Auth: return AuthPacket.TryRead(frame, input, out AuthPacket auth, out _) ? auth.Write(destination) : 0;
            default:
                if (!PingPacket.TryRead(frame, out _)) return 0;
                ReadOnlySpan<byte> ping = frame.Type == PacketType.Pingreq ? PingPacket.Pingreq : PingPacket.Pingresp;
                ping.CopyTo(destination);
                return ping.Length;
        }
    }
}
