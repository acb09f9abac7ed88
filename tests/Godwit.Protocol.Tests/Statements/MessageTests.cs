// Sections 3.3 to 3.7, 3.12 to 3.14: PUBLISH, its acknowledgements, PINGREQ, PINGRESP, DISCONNECT.
using Godwit.Protocol.Tests.Golden;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Statements;

public class MessageTests
{
    [Fact]
    [Statement("MQTT-3.3.1-2", "3.1.1")]
    [Statement("MQTT-3.3.1-2", "5.0")]
    public void PUBLISH_DupAtQoS0_IsRefused() => Refused.By(MalformedMessageVectors.DupAtQoS0_311, MalformedMessageVectors.DupAtQoS0_5);

    [Fact]
    [Statement("MQTT-3.3.1-4", "3.1.1")]
    [Statement("MQTT-3.3.1-4", "5.0")]
    public void PUBLISH_QoS3_IsRefused() =>
        Refused.By(MalformedMessageVectors.QoS3_31, MalformedMessageVectors.QoS3_311, MalformedMessageVectors.QoS3_5);

    [Fact]
    [Statement("MQTT-3.3.2-1", "3.1.1")]
    [Statement("MQTT-3.3.2-1", "5.0")]
    [Statement("MQTT-4.7.3-3", "3.1.1")]
    [Statement("MQTT-4.7.3-3", "5.0")]
    public void PUBLISH_TopicNotUtf8_IsRefused() => Refused.By(MalformedFrameVectors.Surrogate311, MalformedFrameVectors.Overlong5);

    [Fact]
    [Statement("MQTT-3.3.2-2", "3.1.1")]
    [Statement("MQTT-3.3.2-2", "5.0")]
    [Statement("MQTT-4.7.1-1", "3.1.1")]
    [Statement("MQTT-4.7.0-1", "5.0")]
    public void PUBLISH_WildcardInTopic_IsRefused() =>
        Refused.By(MalformedMessageVectors.WildcardInTopicName311, MalformedMessageVectors.WildcardInTopicName5);

    [Fact]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    [Statement("MQTT-4.7.3-1", "5.0")]
    public void PUBLISH_EmptyTopic_NeedsATopicAlias()
    {
        Refused.By(MalformedMessageVectors.EmptyTopicName311, MalformedMessageVectors.EmptyTopicName5);
        Assert.Equal(0, Accepted.As<PublishModel>(PublishVectors.TopicAlias5).Topic.Length);
    }

    [Fact]
    [Statement("MQTT-3.3.2-8", "5.0")]
    public void PUBLISH_TopicAliasZero_IsRefused() => Refused.By(MalformedMessageVectors.ZeroTopicAlias5);

    [Fact]
    [Statement("MQTT-3.3.2-13", "5.0")]
    public void PUBLISH_ResponseTopicNotUtf8_IsRefused() => Refused.By(MalformedMessageVectors.ResponseTopicUtf8);

    [Fact]
    [Statement("MQTT-3.3.2-14", "5.0")]
    public void PUBLISH_WildcardInResponseTopic_IsRefused() => Refused.By(MalformedMessageVectors.WildcardInResponseTopic5);

    [Fact]
    [Statement("MQTT-3.3.2-19", "5.0")]
    public void PUBLISH_ContentTypeNotUtf8_IsRefused() => Refused.By(MalformedMessageVectors.ContentTypeUtf8);

    [Theory]
    [InlineData("PUBACK", 0x40, "puback-reason-code")]
    [InlineData("PUBREC", 0x50, "pubrec-reason-code")]
    [InlineData("PUBREL", 0x62, "pubrel-reason-code")]
    [InlineData("PUBCOMP", 0x70, "pubcomp-reason-code")]
    [Statement("MQTT-3.4.2-1", "5.0")]
    [Statement("MQTT-3.5.2-1", "5.0")]
    [Statement("MQTT-3.6.2-1", "5.0")]
    [Statement("MQTT-3.7.2-1", "5.0")]
    public void PublishAcknowledgement_EveryReasonCode_IsReadAsTable26Says(string packetType, byte firstByte, string violationName)
    {
        for (int code = 0; code < 256; code++)
        {
            bool isListed = SpecificationTables.ReasonCodesOf(packetType).Contains((byte)code);
            PacketModel? packet = PacketModel.Read([firstByte, 3, 0, 1, (byte)code], ProtocolVersion.V5, out Violation? violation);
            Assert.Equal(isListed, packet is not null);
            Assert.Equal(isListed ? null : violationName, violation?.Name);
        }
    }

    [Fact]
    [Statement("MQTT-3.6.1-1", "3.1.1")]
    [Statement("MQTT-3.6.1-1", "5.0")]
    public void PUBREL_WrongFlags_AreRefused() => Refused.By(MalformedFrameVectors.PubrelFlags311, MalformedFrameVectors.PubrelFlags5);

    [Fact]
    public void PINGREQ_PINGRESP_WithBody_AreRefused() =>
        Refused.By(MalformedFrameVectors.TrailingPingreq311, MalformedFrameVectors.TrailingPingresp5);

    [Fact]
    [Statement("MQTT-3.14.1-1", "3.1.1")]
    [Statement("MQTT-3.14.1-1", "5.0")]
    public void DISCONNECT_WrongFlags_AreRefused() =>
        Refused.By(MalformedFrameVectors.DisconnectFlags311, MalformedFrameVectors.DisconnectFlags5);

    [Fact]
    [Statement("MQTT-3.14.2-1", "5.0")]
    public void DISCONNECT_EveryReasonCode_IsReadAsTable26Says()
    {
        for (int code = 0; code < 256; code++)
        {
            bool isListed = SpecificationTables.ReasonCodesOf("DISCONNECT").Contains((byte)code);
            PacketModel? packet = PacketModel.Read([0xE0, 1, (byte)code], ProtocolVersion.V5, out Violation? violation);
            Assert.Equal(isListed, packet is not null);
            Assert.Same(isListed ? null : Violations.DisconnectReasonCode, violation);
        }
    }

    [Fact]
    public void PUBLISH_WriteHeader_LeavesThePayloadToTheCaller()
    {
        var packet = new PublishPacket { Topic = "a/b"u8, Payload = "hello"u8 };
        byte[] whole = PublishVectors.QoS0_311.Bytes, header = new byte[packet.HeaderLength(ProtocolVersion.V311)];
        Assert.Equal(header.Length, packet.WriteHeader(header, ProtocolVersion.V311, payloadLength: 5));
        Assert.Equal(whole[..^5], header);
        var withoutPayload = new PublishPacket { Topic = "a/b"u8 };
        Assert.Equal(header.Length, withoutPayload.WriteHeader(header, ProtocolVersion.V311, payloadLength: 5));
        Assert.Equal(whole[..^5], header);
    }

    [Fact]
    public void PUBLISH_LongerThanTheProtocolAllows_Throws()
    {
        byte[] header = new byte[64];
        Assert.Equal(10, new PublishPacket { Topic = "a/b"u8 }.WriteHeader(header, ProtocolVersion.V311, 268_435_455 - 5));
        Assert.Equal(Hex.Bytes("30 FF FF FF 7F 00 03 'a/b'"), header[..10]);
        Assert.Throws<ArgumentException>(() => new PublishPacket { Topic = "a/b"u8 }.WriteHeader(header, ProtocolVersion.V311, 268_435_455 - 4));
    }

    [Fact]
    public void Write_StringOf65536Bytes_Throws()
    {
        byte[] destination = new byte[70_000];
        Assert.Equal(65_535 + 6, new PublishPacket { Topic = new byte[65_535] }.Write(destination, ProtocolVersion.V311));
        Assert.Throws<ArgumentException>(() => new PublishPacket { Topic = new byte[65_536] }.Write(destination, ProtocolVersion.V311));
        Assert.Throws<ArgumentException>(() => new ConnectPacket { Version = ProtocolVersion.V311, ClientId = new byte[65_536] }.Write(destination));
        Assert.Throws<ArgumentException>(() => FilterList.Write(destination, new byte[65_536]));
        Assert.Throws<ArgumentException>(() => SubscriptionList.Write(destination, new byte[65_536], default));
    }
}
