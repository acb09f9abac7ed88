// Sections 3.1, 3.2, 3.15: CONNECT, CONNACK, AUTH.
using Godwit.Protocol.Tests.Golden;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Statements;

public class ConnectTests
{
    [Fact]
    [Statement("MQTT-3.1.2-1", "3.1.1")]
    [Statement("MQTT-3.1.2-1", "5.0")]
    public void CONNECT_WrongProtocolName_IsRefused() => Refused.By(MalformedConnectVectors.ProtocolName);

    [Fact]
    [Statement("MQTT-3.1.2-2", "3.1.1")]
    [Statement("MQTT-3.1.2-2", "5.0")]
    public void CONNECT_UnsupportedLevel_IsRefusedAsUnsupportedProtocolVersion()
    {
        Refused.By(MalformedConnectVectors.ProtocolLevel, MalformedConnectVectors.NameOf31WithLevelOf311);
        Assert.Equal(ReasonCode.UnsupportedProtocolVersion, Violations.ProtocolLevel.ReasonCode);
        Assert.Equal(ConnectReturnCode.UnacceptableProtocolVersion, Violations.ProtocolLevel.ReasonCode.ToConnectReturnCode());
    }

    [Theory]
    [InlineData("MQTT", 4, ProtocolVersion.V311)]
    [InlineData("MQTT", 5, ProtocolVersion.V5)]
    [InlineData("MQIsdp", 3, ProtocolVersion.V31)]
    [InlineData("MQTT", 3, ProtocolVersion.Unknown)]
    [InlineData("MQIsdp", 5, ProtocolVersion.Unknown)]
    [InlineData("MQTT", 0x84, ProtocolVersion.Unknown)]
    public void CONNECT_NameAndLevel_TellTheVersion(string name, int level, ProtocolVersion expected)
    {
        byte[] packet = new PacketEncoder().Prefixed(name).Byte(level).Byte(2).TwoBytes(0).Properties(expected, []).Prefixed("").Packet(0x10);
        PacketFrame.Read(packet, ProtocolVersion.Unknown, int.MaxValue, out PacketFrame frame, out _);
        Assert.Equal(expected != ProtocolVersion.Unknown, ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out _));
        Assert.Equal(expected, connect.Version);
    }

    [Fact]
    public void CONNECT_RefusedBehindTheVersion_StillTellsIt()
    {
        byte[] packet = MalformedConnectVectors.ReservedFlag5.Bytes;
        PacketFrame.Read(packet, ProtocolVersion.Unknown, int.MaxValue, out PacketFrame frame, out _);
        Assert.False(ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out _));
        Assert.Equal(ProtocolVersion.V5, connect.Version);
    }

    [Fact]
    [Statement("MQTT-3.1.2-3", "3.1.1")]
    [Statement("MQTT-3.1.2-3", "5.0")]
    public void CONNECT_ReservedFlag_IsRefused() =>
        Refused.By(MalformedConnectVectors.ReservedFlag311, MalformedConnectVectors.ReservedFlag5);

    [Fact]
    [Statement("MQTT-3.1.2-9", "3.1.1")]
    [Statement("MQTT-3.1.2-9", "5.0")]
    [Statement("MQTT-3.1.3-1", "3.1.1")]
    [Statement("MQTT-3.1.3-1", "5.0")]
    [Statement("MQTT-3.1.2-17", "5.0")]
    [Statement("MQTT-3.1.2-19", "3.1.1")]
    [Statement("MQTT-3.1.2-19", "5.0")]
    [Statement("MQTT-3.1.2-21", "3.1.1")]
    public void CONNECT_FlaggedFields_StandInOrder()
    {
        ConnectModel connect = Accepted.As<ConnectModel>(ConnectVectors.Full311);
        Assert.Equal(new WillModel("a/will", "", QoS.ExactlyOnce, Retain: true), connect.Will);
        Assert.Equal("user", connect.UserName!.Value);
        Assert.Equal(new byte[] { 1, 0, 255 }, connect.Password!.Value);
        Assert.Equal(7, Accepted.As<ConnectModel>(ConnectVectors.WillProperties5).Will!.Properties.Count);
        Refused.By(MalformedConnectVectors.MissingUserName311);
    }

    [Fact]
    [Statement("MQTT-3.1.2-11", "3.1.1")]
    [Statement("MQTT-3.1.2-16", "5.0")]
    [Statement("MQTT-3.1.2-18", "3.1.1")]
    [Statement("MQTT-3.1.2-18", "5.0")]
    [Statement("MQTT-3.1.2-20", "3.1.1")]
    public void CONNECT_FieldsWithoutFlag_AreRefusedAndNeverWritten()
    {
        Refused.By(MalformedConnectVectors.UserNameWithoutFlag311);
        var packet = new ConnectPacket
        {
            Version = ProtocolVersion.V311, CleanStart = true, KeepAlive = 60, ClientId = "python_test"u8,
            WillTopic = "w"u8, WillPayload = "w"u8, WillQoS = QoS.ExactlyOnce, WillRetain = true, UserName = "u"u8, Password = "p"u8,
        };
        byte[] written = new byte[packet.Length];
        packet.Write(written);
        Assert.Equal(ConnectVectors.PythonTest.Bytes, written);
    }

    [Fact]
    [Statement("MQTT-3.1.2-13", "3.1.1")]
    [Statement("MQTT-3.1.2-11", "5.0")]
    public void CONNECT_WillQoSWithoutWill_IsRefused() =>
        Refused.By(MalformedConnectVectors.WillQoSWithoutWill311, MalformedConnectVectors.WillQoSWithoutWill5);

    [Fact]
    [Statement("MQTT-3.1.2-14", "3.1.1")]
    [Statement("MQTT-3.1.2-12", "5.0")]
    public void CONNECT_WillQoS3_IsRefused() =>
        Refused.By(MalformedConnectVectors.WillQoS3_31, MalformedConnectVectors.WillQoS3_311, MalformedConnectVectors.WillQoS3_5);

    [Fact]
    [Statement("MQTT-3.1.2-15", "3.1.1")]
    [Statement("MQTT-3.1.2-13", "5.0")]
    public void CONNECT_WillRetainWithoutWill_IsRefused() =>
        Refused.By(MalformedConnectVectors.WillRetainWithoutWill311, MalformedConnectVectors.WillRetainWithoutWill5);

    [Fact]
    [Statement("MQTT-3.1.2-22", "3.1.1")]
    public void CONNECT_PasswordWithoutUserName_IsRefusedBeforeMqtt5()
    {
        Refused.By(MalformedConnectVectors.PasswordWithoutUserName31, MalformedConnectVectors.PasswordWithoutUserName311);
        ConnectModel connect = Accepted.As<ConnectModel>(ConnectVectors.WillProperties5);
        Assert.Null(connect.UserName);
        Assert.Equal("pw", connect.Password!.Value);
    }

    [Fact]
    [Statement("MQTT-3.1.3-3", "3.1.1")]
    [Statement("MQTT-3.1.3-3", "5.0")]
    public void CONNECT_WithoutClientIdentifier_IsRefused() => Refused.By(MalformedConnectVectors.NoClientId311);

    [Fact]
    [Statement("MQTT-3.1.3-4", "3.1.1")]
    [Statement("MQTT-3.1.3-4", "5.0")]
    [Statement("MQTT-3.1.3-10", "3.1.1")]
    [Statement("MQTT-3.1.3-11", "3.1.1")]
    [Statement("MQTT-3.1.3-11", "5.0")]
    [Statement("MQTT-3.1.3-12", "5.0")]
    [Statement("MQTT-3.1.4-1", "3.1.1")]
    [Statement("MQTT-3.1.4-1", "5.0")]
    public void CONNECT_StringNotUtf8_IsRefused() =>
        Refused.By(MalformedConnectVectors.ClientIdUtf8, MalformedConnectVectors.WillTopicUtf8, MalformedConnectVectors.UserNameUtf8);

    [Fact]
    public void CONNECT_WillTopicNotATopicName_IsRefused() =>
        Refused.By(MalformedConnectVectors.WildcardInWillTopic311, MalformedConnectVectors.EmptyWillTopic5);

    [Fact]
    public void CONNECT_LeniencyOfMqtt31_IsKept()
    {
        Assert.Null(Accepted.As<ConnectModel>(ConnectVectors.MissingUserName31).UserName);
        Assert.Null(Accepted.As<ConnectModel>(ConnectVectors.DisregardedFlags31).Will);
    }

    [Fact]
    public void CONNECT_AuthenticationDataWithoutMethod_IsRefused() => Refused.By(MalformedConnectVectors.AuthenticationDataWithoutMethod5);

    [Fact]
    [Statement("MQTT-3.2.2-1", "5.0")]
    public void CONNACK_ReservedFlags_AreRefused() =>
        Refused.By(MalformedConnectVectors.ConnackFlags311, MalformedConnectVectors.ConnackFlags5);

    [Fact]
    [Statement("MQTT-3.2.2-4", "3.1.1")]
    [Statement("MQTT-3.2.2-6", "5.0")]
    public void CONNACK_SessionPresentInRefusal_IsRefused() =>
        Refused.By(MalformedConnectVectors.SessionPresentInRefusal311, MalformedConnectVectors.SessionPresentInRefusal5);

    [Fact]
    [Statement("MQTT-3.2.2-8", "5.0")]
    public void CONNACK_EveryReasonCode_IsReadAsTable26Says()
    {
        for (int code = 0; code < 256; code++)
        {
            bool isListed = SpecificationTables.ReasonCodesOf("CONNACK").Contains((byte)code);
            PacketModel? packet = PacketModel.Read([0x20, 3, 0, (byte)code, 0], ProtocolVersion.V5, out Violation? violation);
            Assert.Equal(isListed, packet is not null);
            Assert.Same(isListed ? null : Violations.ConnackReasonCode, violation);
        }
    }

    [Fact]
    public void CONNACK_ReservedReturnCode_IsRefused() => Refused.By(MalformedConnectVectors.ConnackReturnCode311);

    [Fact]
    [Statement("MQTT-3.15.1-1", "5.0")]
    public void AUTH_Flags_AreRefused() => Refused.By(MalformedFrameVectors.AuthFlags5);

    [Fact]
    [Statement("MQTT-3.15.2-1", "5.0")]
    public void AUTH_EveryReasonCode_IsReadAsTable26Says()
    {
        for (int code = 0; code < 256; code++)
        {
            bool isListed = SpecificationTables.ReasonCodesOf("AUTH").Contains((byte)code);
            PacketModel? packet = PacketModel.Read([0xF0, 6, (byte)code, 4, 0x15, 0, 1, (byte)'m'], ProtocolVersion.V5, out Violation? violation);
            Assert.Equal(isListed, packet is not null);
            Assert.Same(isListed ? null : Violations.AuthReasonCode, violation);
        }
    }

    [Fact]
    public void AUTH_WithoutMethod_IsRefused() =>
        Refused.By(MalformedConnectVectors.AuthWithoutMethod5, MalformedConnectVectors.AuthDataWithoutMethod5);

    [Fact]
    public void AUTH_BeforeMqtt5_IsAReservedType() => Refused.By(MalformedFrameVectors.Auth31, MalformedFrameVectors.Auth311);
}
