using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

public class OutboundFlowTests
{
    private readonly OutboundFlow<string> _flow = new(receiveMaximum: 3);

    [Fact]
    [Statement("MQTT-2.3.1-1", "3.1.1")]
    [Statement("MQTT-2.3.1-2", "3.1.1")]
    [Statement("MQTT-2.3.1-4", "3.1.1")]
    [Statement("MQTT-2.2.1-3", "5.0")]
    [Statement("MQTT-2.2.1-4", "5.0")]
    [Statement("MQTT-4.3.2-1", "5.0")]
    [Statement("MQTT-4.3.3-1", "5.0")]
    public void PUBLISH_Begun_TakesUnusedIdentifierAndQuota()
    {
        ushort first = _flow.Begin(QoS.AtLeastOnce, "a"), second = _flow.Begin(QoS.ExactlyOnce, "b");

        Assert.NotEqual(0, first);
        Assert.NotEqual(0, second);
        Assert.NotEqual(first, second);
        Assert.True(_flow.Contains(first));
        Assert.Equal((2, 1, true), (_flow.InFlight, _flow.SendQuota, _flow.CanSend));
    }

    [Fact]
    [Statement("MQTT-4.9.0-1", "5.0")]
    [Statement("MQTT-4.9.0-2", "5.0")]
    [Statement("MQTT-3.3.4-7", "5.0")]
    [Statement("MQTT-3.3.4-9", "5.0")]
    public void PUBLISH_QuotaUsedUp_CannotBegin()
    {
        for (int i = 0; i < 3; i++) _flow.Begin(QoS.AtLeastOnce, "a");

        Assert.False(_flow.CanSend);
        Assert.Throws<InvalidOperationException>(() => _flow.Begin(QoS.AtLeastOnce, "b"));
        Assert.Equal(3, _flow.InFlight);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_536)]
    [Statement("MQTT-4.9.0-1", "5.0")]
    public void CONNECT_ReceiveMaximumOutOfRange_Throws(int receiveMaximum)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutboundFlow<string>(receiveMaximum));
        Assert.Throws<ArgumentOutOfRangeException>(() => _flow.Resume(receiveMaximum));
    }

    [Fact]
    public void PUBLISH_QoS0_CannotBegin() => Assert.Throws<InvalidOperationException>(() => _flow.Begin(QoS.AtMostOnce, "a"));

    [Fact]
    [Statement("MQTT-4.3.2-1", "3.1.1")]
    [Statement("MQTT-4.3.2-3", "5.0")]
    public void PUBACK_ForQoS1_Completes()
    {
        ushort id = _flow.Begin(QoS.AtLeastOnce, "a");

        Assert.Equal(AckOutcome.Completed, _flow.OnPuback(id, out string? message));
        Assert.Equal("a", message);
        Assert.Equal((0, 3), (_flow.InFlight, _flow.SendQuota));
        Assert.False(_flow.Contains(id));
    }

    [Fact]
    [Statement("MQTT-4.3.3-1", "3.1.1")]
    [Statement("MQTT-4.3.3-3", "5.0")]
    [Statement("MQTT-4.3.3-4", "5.0")]
    [Statement("MQTT-4.3.3-5", "5.0")]
    public void PUBREC_ThenPUBCOMP_CompletesQoS2AndGivesQuotaBackAtTheEnd()
    {
        ushort id = _flow.Begin(QoS.ExactlyOnce, "a");

        Assert.Equal(AckOutcome.SendPubrel, _flow.OnPubrec(id, ReasonCode.NoMatchingSubscribers, out string? atPubrec));
        Assert.Equal("a", atPubrec);
        Assert.Equal((1, 2), (_flow.InFlight, _flow.SendQuota));

        Assert.Equal(AckOutcome.Completed, _flow.OnPubcomp(id, out string? atPubcomp));
        Assert.Equal("a", atPubcomp);
        Assert.Equal((0, 3), (_flow.InFlight, _flow.SendQuota));
    }

    [Fact]
    [Statement("MQTT-4.3.3-4", "5.0")]
    public void PUBREC_Repeated_SendsPubrelAgain()
    {
        ushort id = _flow.Begin(QoS.ExactlyOnce, "a");
        _flow.OnPubrec(id, ReasonCode.Success, out _);
        Assert.True(_flow.Replace(id, "gone"));

        Assert.Equal(AckOutcome.SendPubrel, _flow.OnPubrec(id, ReasonCode.Success, out string? message));
        Assert.Equal("gone", message);
        Assert.Equal(1, _flow.InFlight);
    }

    [Fact]
    [Statement("MQTT-4.4.0-2", "5.0")]
    public void PUBREC_WithErrorCode_CompletesWithoutPubrelOrRetransmission()
    {
        ushort id = _flow.Begin(QoS.ExactlyOnce, "a");

        Assert.Equal(AckOutcome.Completed, _flow.OnPubrec(id, ReasonCode.QuotaExceeded, out string? message));
        Assert.Equal("a", message);
        Assert.Equal((0, 3), (_flow.InFlight, _flow.SendQuota));
        _flow.Resume(3);
        Assert.False(_flow.TryNextResend(out _));
    }

    [Fact]
    public void ACK_UnknownIdentifier_IsUnknown()
    {
        ushort id = _flow.Begin(QoS.AtLeastOnce, "a");
        foreach (ushort other in new ushort[] { 0, (ushort)(id + 1), (ushort)(id + 16), 65_535 })
        {
            Assert.Equal(AckOutcome.Unknown, _flow.OnPuback(other, out string? message));
            Assert.Null(message);
            Assert.Equal(AckOutcome.Unknown, _flow.OnPubrec(other, ReasonCode.Success, out _));
            Assert.Equal(AckOutcome.Unknown, _flow.OnPubcomp(other, out _));
        }
        Assert.Equal(AckOutcome.Unknown, new OutboundFlow<string>().OnPuback(0, out _));
        Assert.Equal((1, 2), (_flow.InFlight, _flow.SendQuota));
    }

    [Fact]
    public void ACK_OfTheWrongKind_IsMismatchAndChangesNothing()
    {
        ushort one = _flow.Begin(QoS.AtLeastOnce, "1"), two = _flow.Begin(QoS.ExactlyOnce, "2"), request = _flow.ReserveId();

        Assert.Equal(AckOutcome.Mismatch, _flow.OnPubrec(one, ReasonCode.Success, out _));
        Assert.Equal(AckOutcome.Mismatch, _flow.OnPubcomp(one, out _));
        Assert.Equal(AckOutcome.Mismatch, _flow.OnPuback(two, out _));
        Assert.Equal(AckOutcome.Mismatch, _flow.OnPubcomp(two, out _));
        Assert.Equal(AckOutcome.Mismatch, _flow.OnPuback(request, out _));
        _flow.OnPubrec(two, ReasonCode.Success, out _);
        Assert.Equal(AckOutcome.Mismatch, _flow.OnPuback(two, out _));
        Assert.Equal(AckOutcome.Mismatch, _flow.OnPubrec(two, ReasonCode.UnspecifiedError, out _));
        Assert.Equal((2, 1), (_flow.InFlight, _flow.SendQuota));
    }

    [Fact]
    [Statement("MQTT-4.9.0-3", "5.0")]
    [Statement("MQTT-3.3.4-8", "5.0")]
    [Statement("MQTT-3.3.4-10", "5.0")]
    public void SUBSCRIBE_QuotaUsedUp_StillGetsAnIdentifier()
    {
        for (int i = 0; i < 3; i++) _flow.Begin(QoS.ExactlyOnce, "a");

        ushort id = _flow.ReserveId();
        Assert.NotEqual(0, id);
        Assert.Equal((3, 0), (_flow.InFlight, _flow.SendQuota));
        Assert.Equal(AckOutcome.SendPubrel, _flow.OnPubrec(1, ReasonCode.Success, out _));
        Assert.True(_flow.ReleaseId(id));
        Assert.False(_flow.ReleaseId(id));
    }

    [Fact]
    public void SUBACK_WithTheIdentifierOfAPublish_IsRefused()
    {
        ushort id = _flow.Begin(QoS.AtLeastOnce, "a");

        Assert.False(_flow.ReleaseId(id));
        Assert.False(_flow.ReleaseId(0));
        Assert.True(_flow.Contains(id));
        Assert.False(_flow.Replace(_flow.ReserveId(), "b"));
    }

    [Fact]
    public void SESSION_Ended_EnumeratesThenForgets()
    {
        ushort one = _flow.Begin(QoS.AtLeastOnce, "1"), two = _flow.Begin(QoS.ExactlyOnce, "2"), three = _flow.Begin(QoS.ExactlyOnce, "3");
        _flow.ReserveId();
        _flow.OnPubrec(three, ReasonCode.Success, out _);

        Assert.Equal(
            [new(three, QoS.ExactlyOnce, true, "3"), new(one, QoS.AtLeastOnce, false, "1"), new(two, QoS.ExactlyOnce, false, "2")],
            _flow.ToList());
        _flow.Clear();
        Assert.Empty(_flow.ToList());
        Assert.Equal((0, 3, true), (_flow.InFlight, _flow.SendQuota, _flow.CanSend));
        Assert.NotEqual(0, _flow.Begin(QoS.AtLeastOnce, "4"));
    }
}
