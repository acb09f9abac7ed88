// A packet as a plain record: what a test expects, generates and compares. Each kind knows three things: how to read itself with the
// codec, how to write itself with the codec, and how to encode itself without it.
namespace Godwit.Protocol.Tests.Models;

internal abstract record PacketModel(PacketType Type, ProtocolVersion Version)
{
    /// <summary>The length that the codec announces.</summary>
    public abstract int Length { get; }

    /// <summary>Written by the codec into exactly <see cref="Length"/> bytes.</summary>
    public byte[] Write()
    {
        byte[] destination = new byte[Length];
        int written = Write(destination);
        Assert.Equal(destination.Length, written);
        return destination;
    }

    /// <summary>Written by the codec.</summary>
    public abstract int Write(Span<byte> destination);

    /// <summary>Encoded without the codec.</summary>
    public abstract byte[] Encode();

    /// <summary>Reads the packet at the beginning of the input with the codec.</summary>
    /// <returns>Null if the packet is incomplete or violates the specification.</returns>
    public static PacketModel? Read(ReadOnlySpan<byte> input, ProtocolVersion version, out Violation? violation, int maximumPacketSize = int.MaxValue)
    {
        FrameStatus status = PacketFrame.Read(input, version, maximumPacketSize, out PacketFrame frame, out violation);
        return status == FrameStatus.Complete ? Read(frame, input, version, out violation) : null;
    }

    /// <summary>Reads the body of a complete packet with the codec.</summary>
    public static PacketModel? Read(in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out Violation? violation)
    {
        switch (frame.Type)
        {
            case PacketType.Connect:
                return ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out violation) ? ConnectModel.From(connect) : null;
            case PacketType.Connack:
                return ConnackPacket.TryRead(frame, packet, version, out ConnackPacket connack, out violation) ? ConnackModel.From(connack, version) : null;
            case PacketType.Publish:
                return PublishPacket.TryRead(frame, packet, version, out PublishPacket publish, out violation) ? PublishModel.From(publish, version) : null;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                return PublishAckPacket.TryRead(frame, packet, version, out PublishAckPacket ack, out violation) ? PublishAckModel.From(ack, version) : null;
            case PacketType.Subscribe:
                return SubscribePacket.TryRead(frame, packet, version, out SubscribePacket subscribe, out violation) ? SubscribeModel.From(subscribe, version) : null;
            case PacketType.Suback or PacketType.Unsuback:
                return SubackPacket.TryRead(frame, packet, version, out SubackPacket suback, out violation) ? SubackModel.From(suback, version) : null;
            case PacketType.Unsubscribe:
                return UnsubscribePacket.TryRead(frame, packet, version, out UnsubscribePacket unsubscribe, out violation) ? UnsubscribeModel.From(unsubscribe, version) : null;
            case PacketType.Pingreq or PacketType.Pingresp:
                return PingPacket.TryRead(frame, out violation) ? new PingModel(frame.Type, version) : null;
            case PacketType.Disconnect:
                return DisconnectPacket.TryRead(frame, packet, version, out DisconnectPacket disconnect, out violation) ? DisconnectModel.From(disconnect, version) : null;
            case PacketType.Auth:
                return AuthPacket.TryRead(frame, packet, out AuthPacket auth, out violation) ? AuthModel.From(auth) : null;
            default: throw new ArgumentOutOfRangeException(nameof(frame), frame.Type, "PacketFrame.Read let a reserved type pass.");
        }
    }
}
