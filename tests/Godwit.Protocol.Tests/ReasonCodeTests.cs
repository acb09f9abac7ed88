// Section 2.4 and table 2-6; the return codes of 3.1.1; the catalogue of violations.
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests;

public class ReasonCodeTests
{
    [Fact]
    [Statement("MQTT-3.2.2-8", "5.0")]
    [Statement("MQTT-3.4.2-1", "5.0")]
    [Statement("MQTT-3.5.2-1", "5.0")]
    [Statement("MQTT-3.6.2-1", "5.0")]
    [Statement("MQTT-3.7.2-1", "5.0")]
    [Statement("MQTT-3.9.3-2", "5.0")]
    [Statement("MQTT-3.11.3-2", "5.0")]
    [Statement("MQTT-3.14.2-1", "5.0")]
    [Statement("MQTT-3.15.2-1", "5.0")]
    public void ReasonCode_EveryValueInEveryPacket_IsAsTable26Says()
    {
        for (int value = 0; value < 256; value++)
        {
            (int Value, string Name, string Packets) row = SpecificationTables.ReasonCodes.SingleOrDefault(r => r.Value == value);
            bool exists = row.Name is not null;
            var code = (ReasonCode)value;
            Assert.Equal(exists, Enum.IsDefined(code));
            Assert.Equal(row.Name ?? $"Reason code 0x{value:X2}", code.Name());
            Assert.Equal(value >= 0x80, code.IsError());
            foreach (PacketType type in Enum.GetValues<PacketType>())
                Assert.Equal(exists && row.Packets.Split(' ').Contains(type.Name()), code.IsAllowedIn(type));
        }
    }

    [Fact]
    public void ReasonCode_Zero_HasTheWordsOfItsPacket()
    {
        Assert.Equal("Normal disconnection", ReasonCode.Success.Describe(PacketType.Disconnect));
        Assert.Equal("Granted QoS 0", ReasonCode.Success.Describe(PacketType.Suback));
        Assert.Equal("Success", ReasonCode.Success.Describe(PacketType.Connack));
        Assert.Equal("Session taken over", ReasonCode.SessionTakenOver.Describe(PacketType.Disconnect));
    }

    [Theory]
    [InlineData(0, "Connection accepted", ReasonCode.Success)]
    [InlineData(1, "Unacceptable protocol version", ReasonCode.UnsupportedProtocolVersion)]
    [InlineData(2, "Identifier rejected", ReasonCode.ClientIdentifierNotValid)]
    [InlineData(3, "Server unavailable", ReasonCode.ServerUnavailable)]
    [InlineData(4, "Bad user name or password", ReasonCode.BadUserNameOrPassword)]
    [InlineData(5, "Not authorized", ReasonCode.NotAuthorized)]
    public void ConnectReturnCode_Defined_MapsBothWays(byte value, string name, ReasonCode reasonCode)
    {
        var code = (ConnectReturnCode)value;
        Assert.True(code.IsDefined());
        Assert.Equal(name, code.Name());
        Assert.Equal(reasonCode, code.ToReasonCode());
        Assert.Equal(code, reasonCode.ToConnectReturnCode());
        Assert.Equal(reasonCode, new ConnackPacket { Code = value }.ReasonCode(ProtocolVersion.V311));
        Assert.Equal((ReasonCode)value, new ConnackPacket { Code = value }.ReasonCode(ProtocolVersion.V5));
    }

    [Fact]
    public void ConnectReturnCode_Reserved_IsUnspecified()
    {
        Assert.False(((ConnectReturnCode)6).IsDefined());
        Assert.Equal("Reserved return code 6", ((ConnectReturnCode)6).Name());
        Assert.Equal(ReasonCode.UnspecifiedError, ((ConnectReturnCode)6).ToReasonCode());
    }

    [Fact]
    [Statement("MQTT-3.2.2-6", "3.1.1")]
    public void ReasonCode_WithoutFittingReturnCode_HasNone()
    {
        Assert.Null(ReasonCode.MalformedPacket.ToConnectReturnCode());
        Assert.Null(ReasonCode.ProtocolError.ToConnectReturnCode());
        Assert.Null(ReasonCode.PacketTooLarge.ToConnectReturnCode());
    }

    [Fact]
    public void Violations_Catalogue_IsWellFormed()
    {
        Assert.Equal(Violations.All.Count, Violations.All.DistinctBy(v => v.Name).Count());
        Assert.All(Violations.All, v => Assert.Matches("^[a-z0-9-]+$", v.Name));
        Assert.All(Violations.All, v => Assert.True(v.ReasonCode.IsAllowedIn(PacketType.Connack) || v.ReasonCode.IsAllowedIn(PacketType.Disconnect)));
        Assert.All(Violations.All, v => Assert.Matches(@"^MQTT-\d+\.\d+\.\d+-\d+$", v.Statement311 ?? v.Statement5!));
        Assert.All(Violations.All, v => Assert.False(v.Description.EndsWith('.')));
    }

    [Fact]
    public void Violation_Described_NamesTheStatementOfTheVersion()
    {
        Assert.Equal("Will QoS is 3 [MQTT-3.1.2-14]", Violations.WillQoS.Describe(ProtocolVersion.V311));
        Assert.Equal("Will QoS is 3 [MQTT-3.1.2-12]", Violations.WillQoS.Describe(ProtocolVersion.V5));
        Assert.Equal("The password flag is set without the user name flag", Violations.PasswordWithoutUserName.Describe(ProtocolVersion.V5));
    }

    [Theory]
    [InlineData(PacketType.Publish, null)]
    [InlineData(PacketType.Pubrel, 2)]
    [InlineData(PacketType.Subscribe, 2)]
    [InlineData(PacketType.Unsubscribe, 2)]
    [InlineData(PacketType.Connect, 0)]
    [InlineData(PacketType.Auth, 0)]
    public void PacketType_RequiredFlags_AreThoseOfTable22(PacketType type, int? flags) => Assert.Equal((byte?)flags, type.RequiredFlags());
}
