// Sections 1.5 and 2: data types, fixed header, packet identifier, properties.
using Godwit.Protocol.Tests.Golden;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Statements;

public class DataTypeTests
{
    [Fact]
    [Statement("MQTT-1.5.3-1", "3.1.1")]
    [Statement("MQTT-1.5.4-1", "5.0")]
    public void String_NotWellFormedUtf8_IsRefused() => Refused.By(
        MalformedFrameVectors.Surrogate311, MalformedFrameVectors.Surrogate5, MalformedFrameVectors.Overlong5,
        MalformedConnectVectors.ClientIdUtf8, MalformedConnectVectors.UserNameUtf8);

    [Fact]
    [Statement("MQTT-1.5.3-2", "3.1.1")]
    [Statement("MQTT-1.5.4-2", "5.0")]
    [Statement("MQTT-4.7.3-2", "3.1.1")]
    [Statement("MQTT-4.7.3-2", "5.0")]
    public void String_NullCharacter_IsRefused() => Refused.By(MalformedFrameVectors.Null311, MalformedFrameVectors.Null5);

    [Fact]
    [Statement("MQTT-1.5.3-3", "3.1.1")]
    [Statement("MQTT-1.5.4-3", "5.0")]
    public void String_ByteOrderMark_IsKept() =>
        Assert.Equal(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'x' }, Accepted.As<ConnectModel>(ConnectVectors.ByteOrderMark5).ClientId);

    [Fact]
    [Statement("MQTT-1.5.5-1", "5.0")]
    public void VariableByteInteger_NotMinimal_IsRefused() => Refused.By(
        MalformedFrameVectors.LengthNotMinimal5, MalformedFrameVectors.ConnectLengthNotMinimal5, MalformedFrameVectors.PropertyLengthNotMinimal5,
        MalformedFrameVectors.SubscriptionIdentifierNotMinimal5);

    [Fact]
    [Statement("MQTT-1.5.7-1", "5.0")]
    public void StringPair_EitherPartIllFormed_IsRefused() =>
        Refused.By(MalformedFrameVectors.Surrogate5, MalformedFrameVectors.SurrogateName5);

    [Fact]
    [Statement("MQTT-2.2.2-1", "3.1.1")]
    [Statement("MQTT-2.2.2-2", "3.1.1")]
    [Statement("MQTT-2.1.3-1", "5.0")]
    public void FixedHeader_EveryFlagNotListed_IsRefused()
    {
        foreach (ProtocolVersion version in new[] { ProtocolVersion.V311, ProtocolVersion.V5 })
        {
            foreach (GoldenVector vector in GoldenVectors.Canonical.Where(v => v.Version == version && v.Type != PacketType.Publish))
            {
                byte[] packet = vector.Bytes;
                byte listed = (byte)(packet[0] & 0x0F);
                Assert.Equal(vector.Type is PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe ? 2 : 0, listed);
                for (int flags = 0; flags < 16; flags++)
                {
                    packet[0] = (byte)(packet[0] & 0xF0 | flags);
                    FrameStatus status = PacketFrame.Read(packet, vector.ReaderVersion, int.MaxValue, out _, out _);
                    Assert.Equal(flags == listed ? FrameStatus.Complete : FrameStatus.Malformed, status);
                }
            }
        }
    }

    [Fact]
    [Statement("MQTT-2.3.1-1", "3.1.1")]
    [Statement("MQTT-2.2.1-3", "5.0")]
    [Statement("MQTT-2.2.1-4", "5.0")]
    public void PacketIdentifier_Zero_IsRefused() => Refused.By(
        MalformedFrameVectors.ZeroIdPublish311, MalformedFrameVectors.ZeroIdSubscribe311, MalformedFrameVectors.ZeroIdUnsubscribe5,
        MalformedFrameVectors.ZeroIdPublish5, MalformedFrameVectors.ZeroIdPubrec5);

    [Fact]
    [Statement("MQTT-2.3.1-5", "3.1.1")]
    [Statement("MQTT-2.2.1-2", "5.0")]
    public void PUBLISH_QoS0_HasNoPacketIdentifier()
    {
        Assert.Equal("hello", Accepted.As<PublishModel>(PublishVectors.QoS0_311).Payload);
        var packet = new PublishModel(ProtocolVersion.V311, "a/b", "hello") { PacketId = 7 };
        Assert.Equal(PublishVectors.QoS0_311.Bytes, packet.Write());
    }

    [Fact]
    [Statement("MQTT-2.2.2-1", "5.0")]
    public void Properties_None_AreWrittenAsLengthZero()
    {
        Assert.Equal(ConnectVectors.Minimal5.Bytes, new ConnectModel(ProtocolVersion.V5, "") { CleanStart = true }.Write());
        Assert.Equal(PublishVectors.QoS0_5.Bytes, new PublishModel(ProtocolVersion.V5, "a/b", "abc").Write());
    }

    [Fact]
    public void Properties_Broken_AreRefused() => Refused.By(
        MalformedFrameVectors.UnknownProperty5, MalformedFrameVectors.PropertyNotAllowed5, MalformedFrameVectors.WillPropertyInConnect5,
        MalformedFrameVectors.DuplicateProperty5, MalformedFrameVectors.DuplicateSubscriptionIdentifier5, MalformedFrameVectors.PropertyBeyondProperties5,
        MalformedFrameVectors.PropertiesBeyondPacket5);
}
