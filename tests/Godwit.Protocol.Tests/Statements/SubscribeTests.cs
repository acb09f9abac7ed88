// Sections 3.8 to 3.11: SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK.
using Godwit.Protocol.Tests.Golden;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Statements;

public class SubscribeTests
{
    [Fact]
    [Statement("MQTT-3.8.1-1", "3.1.1")]
    [Statement("MQTT-3.8.1-1", "5.0")]
    public void SUBSCRIBE_WrongFlags_AreRefused() =>
        Refused.By(MalformedFrameVectors.SubscribeFlags311, MalformedFrameVectors.SubscribeFlags5);

    [Fact]
    [Statement("MQTT-3.8.3-1", "3.1.1")]
    [Statement("MQTT-3.8.3-1", "5.0")]
    [Statement("MQTT-3.10.3-1", "3.1.1")]
    [Statement("MQTT-3.10.3-1", "5.0")]
    [Statement("MQTT-4.7.3-3", "3.1.1")]
    [Statement("MQTT-4.7.3-3", "5.0")]
    public void SUBSCRIBE_UNSUBSCRIBE_FilterNotUtf8_IsRefused() =>
        Refused.By(MalformedSubscribeVectors.FilterUtf8311, MalformedSubscribeVectors.FilterUtf85);

    [Fact]
    [Statement("MQTT-3.8.3-3", "3.1.1")]
    [Statement("MQTT-3.8.3-2", "5.0")]
    public void SUBSCRIBE_WithoutFilter_IsRefused() =>
        Refused.By(MalformedSubscribeVectors.SubscribeEmpty311, MalformedSubscribeVectors.SubscribeEmpty5);

    [Fact]
    [Statement("MQTT-3.8.3-4", "3.1.1")]
    public void SUBSCRIBE_EveryRequestedQoSByte_IsRefusedAboveTwo()
    {
        foreach (ProtocolVersion version in new[] { ProtocolVersion.V31, ProtocolVersion.V311 })
        {
            for (int options = 0; options < 256; options++)
            {
                PacketModel? packet = PacketModel.Read([0x82, 6, 0, 1, 0, 1, (byte)'a', (byte)options], version, out Violation? violation);
                Assert.Equal(options <= 2, packet is not null);
                Assert.Equal(options <= 2 ? null : options == 3 ? "subscription-qos-3" : "subscription-options", violation?.Name);
            }
        }
    }

    [Fact]
    [Statement("MQTT-3.8.3-5", "5.0")]
    public void SUBSCRIBE_EveryOptionsByte_IsReadAsSection3831Says()
    {
        for (int options = 0; options < 256; options++)
        {
            PacketModel? packet = PacketModel.Read([0x82, 7, 0, 1, 0, 0, 1, (byte)'a', (byte)options], ProtocolVersion.V5, out Violation? violation);
            string? expected = options >= 0b0100_0000 ? "subscription-options"
                : options % 4 == 3 ? "subscription-qos-3"
                : options >= 0b0011_0000 ? "retain-handling-3" : null;
            Assert.Equal(expected, violation?.Name);
            if (expected is not null) continue;
            SubscriptionOptions read = Assert.IsType<SubscribeModel>(packet).Subscriptions[0].Options;
            Assert.Equal(new SubscriptionOptions((QoS)(options % 4), options / 4 % 2 == 1, options / 8 % 2 == 1, (RetainHandling)(options / 16)), read);
            Assert.Equal(options, read.Encoded);
        }
    }

    [Fact]
    [Statement("MQTT-3.8.3-4", "5.0")]
    public void SUBSCRIBE_NoLocalOnShared_IsRefused() => Refused.By(MalformedSubscribeVectors.NoLocalOnShared5);

    [Fact]
    [Statement("MQTT-3.9.3-1", "3.1.1")]
    [Statement("MQTT-3.9.3-1", "5.0")]
    [Statement("MQTT-3.11.3-1", "5.0")]
    public void SUBACK_UNSUBACK_Codes_KeepTheirOrder()
    {
        Assert.Equal(new byte[] { 0, 1, 2, 0x80 }, Accepted.As<SubackModel>(SubackVectors.Suback311).Codes);
        Assert.Equal(new byte[] { 0, 1, 2, 0x87 }, Accepted.As<SubackModel>(SubackVectors.Suback5).Codes);
        Assert.Equal(new byte[] { 0, 0x11 }, Accepted.As<SubackModel>(SubackVectors.Unsuback5).Codes);
    }

    [Fact]
    [Statement("MQTT-3.9.3-2", "3.1.1")]
    public void SUBACK_EveryReturnCode_IsRefusedUnlessListed()
    {
        for (int code = 0; code < 256; code++)
        {
            PacketModel? packet = PacketModel.Read([0x90, 3, 0, 1, (byte)code], ProtocolVersion.V311, out _);
            Assert.Equal(code is 0 or 1 or 2 or 0x80, packet is not null);
        }
    }

    [Theory]
    [InlineData("SUBACK", 0x90, "suback-reason-code")]
    [InlineData("UNSUBACK", 0xB0, "unsuback-reason-code")]
    [Statement("MQTT-3.9.3-2", "5.0")]
    [Statement("MQTT-3.11.3-2", "5.0")]
    public void SUBACK_UNSUBACK_EveryReasonCode_IsReadAsTable26Says(string packetType, byte firstByte, string violationName)
    {
        for (int code = 0; code < 256; code++)
        {
            bool isListed = SpecificationTables.ReasonCodesOf(packetType).Contains((byte)code);
            PacketModel? packet = PacketModel.Read([firstByte, 5, 0, 1, 0, 0, (byte)code], ProtocolVersion.V5, out Violation? violation);
            Assert.Equal(isListed, packet is not null);
            Assert.Equal(isListed ? null : violationName, violation?.Name);
        }
    }

    [Fact]
    [Statement("MQTT-3.10.1-1", "3.1.1")]
    [Statement("MQTT-3.10.1-1", "5.0")]
    public void UNSUBSCRIBE_WrongFlags_AreRefused() =>
        Refused.By(MalformedFrameVectors.UnsubscribeFlags311, MalformedFrameVectors.UnsubscribeFlags5);

    [Fact]
    [Statement("MQTT-3.10.3-2", "3.1.1")]
    [Statement("MQTT-3.10.3-2", "5.0")]
    public void UNSUBSCRIBE_WithoutFilter_IsRefused() =>
        Refused.By(MalformedSubscribeVectors.UnsubscribeEmpty311, MalformedSubscribeVectors.UnsubscribeEmpty5);

    [Fact]
    public void SUBSCRIBE_FilterRules_HoldInPackets() => Refused.By(
        MalformedSubscribeVectors.EmptyFilter311, MalformedSubscribeVectors.EmptyFilter5, MalformedSubscribeVectors.MultiLevelNotLast311,
        MalformedSubscribeVectors.SingleLevelNotAlone5, MalformedSubscribeVectors.EmptyShareName5, MalformedSubscribeVectors.ShareWithEmptyFilter5);

    [Fact]
    public void SubscriptionList_DestinationTooShort_Throws()
    {
        Assert.Equal(4, SubscriptionList.Write(new byte[4], "a"u8, default));
        Assert.Throws<ArgumentException>(() => SubscriptionList.Write(new byte[3], "a"u8, default));
        Assert.ThrowsAny<ArgumentException>(() => FilterList.Write(new byte[2], "a"u8));
        Assert.ThrowsAny<ArgumentException>(() => FilterList.Write(new byte[1], "a"u8));
    }
}
