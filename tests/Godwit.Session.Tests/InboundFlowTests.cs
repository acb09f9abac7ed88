using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

public class InboundFlowTests
{
    private readonly InboundFlow _flow = new(receiveMaximum: 2);

    [Fact]
    public void PUBLISH_QoS0_DeliversWithoutCounting()
    {
        for (int i = 0; i < 5; i++) Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.AtMostOnce, 0));
        Assert.Equal(0, _flow.Unacknowledged);
    }

    [Fact]
    [Statement("MQTT-4.3.2-2", "3.1.1")]
    [Statement("MQTT-4.3.2-5", "5.0")]
    public void PUBLISH_QoS1WithAnAcknowledgedIdentifier_IsANewMessage()
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.AtLeastOnce, 9));
            _flow.OnPubackSent();
        }
        Assert.Equal((0, 0), (_flow.Unacknowledged, _flow.KnownIds));
    }

    [Fact]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    [Statement("MQTT-4.3.3-10", "5.0")]
    [Statement("MQTT-4.3.3-11", "5.0")]
    [Statement("MQTT-4.3.3-12", "5.0")]
    public void PUBLISH_QoS2_IsDeliveredOnceUntilPubrel()
    {
        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.ExactlyOnce, 9));
        _flow.OnPubrecSent(9, ReasonCode.Success);
        Assert.Equal(PublishVerdict.Duplicate, _flow.OnPublish(QoS.ExactlyOnce, 9));
        Assert.Equal(1, _flow.Unacknowledged);

        Assert.Equal(PubrelVerdict.Release, _flow.OnPubrel(9));
        Assert.Equal(0, _flow.Unacknowledged);
        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.ExactlyOnce, 9));
    }

    [Fact]
    public void PUBREL_UnknownIdentifier_IsUnknown()
    {
        Assert.Equal(PubrelVerdict.Unknown, _flow.OnPubrel(9));
        _flow.OnPublish(QoS.ExactlyOnce, 8);
        Assert.Equal(PubrelVerdict.Unknown, _flow.OnPubrel(9));
        Assert.Equal([8], _flow.PacketIds);
    }

    [Fact]
    [Statement("MQTT-4.3.3-9", "5.0")]
    public void PUBREC_WithErrorCode_MakesTheIdentifierNew()
    {
        _flow.OnPublish(QoS.ExactlyOnce, 9);
        _flow.OnPubrecSent(9, ReasonCode.QuotaExceeded);

        Assert.Equal((0, 0), (_flow.Unacknowledged, _flow.KnownIds));
        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.ExactlyOnce, 9));
    }

    [Fact]
    [Statement("MQTT-4.3.3-9", "5.0")]
    public void PUBREC_WithErrorCodeAfterTheConnectionWasLost_MakesTheIdentifierNew()
    {
        _flow.OnPublish(QoS.ExactlyOnce, 9);
        _flow.OnConnectionLost();
        _flow.OnPubrecSent(9, ReasonCode.QuotaExceeded);

        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.ExactlyOnce, 9));
        Assert.Equal(1, _flow.Unacknowledged);
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public void PUBLISH_MoreThanReceiveMaximum_IsExceeded(QoS qos)
    {
        _flow.OnPublish(QoS.AtLeastOnce, 1);
        _flow.OnPublish(QoS.ExactlyOnce, 2);
        _flow.OnPubrecSent(2, ReasonCode.Success); // PUBREC alone acknowledges nothing

        Assert.Equal(PublishVerdict.ReceiveMaximumExceeded, _flow.OnPublish(qos, 3));
        Assert.Equal((2, 1), (_flow.Unacknowledged, _flow.KnownIds));
        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.AtMostOnce, 0));
        _flow.OnPubackSent();
        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(qos, 3));
    }

    [Fact]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    [Statement("MQTT-4.3.3-10", "5.0")]
    public void CONNECTION_Lost_ForgetsQoS1AndKeepsQoS2()
    {
        _flow.OnPublish(QoS.AtLeastOnce, 1);
        _flow.OnPublish(QoS.ExactlyOnce, 2);
        _flow.OnConnectionLost();

        Assert.Equal(0, _flow.Unacknowledged);
        Assert.Equal([2], _flow.PacketIds);
        Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.AtLeastOnce, 1));
        Assert.Equal(PublishVerdict.Duplicate, _flow.OnPublish(QoS.ExactlyOnce, 2));
        Assert.Equal((2, 1), (_flow.Unacknowledged, _flow.KnownIds)); // sent again: it counts again
        Assert.Equal(PublishVerdict.ReceiveMaximumExceeded, _flow.OnPublish(QoS.AtLeastOnce, 3));
    }

    [Fact]
    public void PUBLISH_SenderCountsPubcompsOfEarlierConnections_IsTolerated()
    {
        _flow.Restore(1);
        _flow.Restore(2);
        _flow.OnPubrel(1);
        _flow.OnPubrel(2);

        for (ushort id = 3; id < 7; id++) Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.AtLeastOnce, id));
        Assert.Equal(PublishVerdict.ReceiveMaximumExceeded, _flow.OnPublish(QoS.AtLeastOnce, 7));
    }

    [Fact]
    public void PUBREL_UnknownManyTimes_GivesNoMoreThanTwiceTheMaximum()
    {
        for (ushort id = 1; id < 100; id++) _flow.OnPubrel(id);

        for (ushort id = 1; id < 5; id++) Assert.Equal(PublishVerdict.Deliver, _flow.OnPublish(QoS.AtLeastOnce, id));
        Assert.Equal(PublishVerdict.ReceiveMaximumExceeded, _flow.OnPublish(QoS.AtLeastOnce, 5));
    }

    [Fact]
    public void SESSION_RestoredFromAStore_KnowsItsIdentifiers()
    {
        var flow = new InboundFlow();
        for (ushort id = 65_535; id > 0; id--) flow.OnPublish(QoS.ExactlyOnce, id);
        flow.OnConnectionLost();

        var restored = new InboundFlow();
        foreach (ushort id in flow.PacketIds) restored.Restore(id);

        Assert.Equal(65_535, restored.KnownIds);
        for (int id = 1; id <= 65_535; id++) Assert.Equal(PubrelVerdict.Release, restored.OnPubrel((ushort)id));
        Assert.Equal(0, restored.KnownIds);
    }

    [Fact]
    public void CONNECT_ReceiveMaximumOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _flow.ReceiveMaximum = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => new InboundFlow(65_536));
    }
}
