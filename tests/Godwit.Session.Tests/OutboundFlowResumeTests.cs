using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

public class OutboundFlowResumeTests
{
    private readonly OutboundFlow<string> _flow = new();

    [Fact]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    [Statement("MQTT-4.4.0-1", "5.0")]
    [Statement("MQTT-4.6.0-1", "3.1.1")]
    [Statement("MQTT-4.6.0-1", "5.0")]
    [Statement("MQTT-2.3.1-3", "3.1.1")]
    [Statement("MQTT-4.3.3-6", "5.0")]
    public void CONNECT_Resumed_ResendsInOriginalOrderWithTheSameIdentifiers()
    {
        ushort a = _flow.Begin(QoS.AtLeastOnce, "a"), b = _flow.Begin(QoS.ExactlyOnce, "b"), c = _flow.Begin(QoS.AtLeastOnce, "c"),
            d = _flow.Begin(QoS.ExactlyOnce, "d");
        _flow.OnPubrec(b, ReasonCode.Success, out _);
        _flow.OnPuback(c, out _);

        _flow.Resume(10);

        Assert.Equal(
            [new(b, QoS.ExactlyOnce, true, "b"), new(a, QoS.AtLeastOnce, false, "a"), new(d, QoS.ExactlyOnce, false, "d")],
            _flow.ResendAll());
        Assert.False(_flow.IsResuming);
        Assert.Equal((3, 8), (_flow.InFlight, _flow.SendQuota));
    }

    [Fact]
    [Statement("MQTT-4.6.0-4", "3.1.1")]
    [Statement("MQTT-4.6.0-4", "5.0")]
    public void PUBREL_Resent_KeepsTheOrderOfThePubrecs()
    {
        for (int i = 0; i < 3; i++) _flow.Begin(QoS.ExactlyOnce, "");
        foreach (ushort id in new ushort[] { 2, 3, 1 }) _flow.OnPubrec(id, ReasonCode.Success, out _);

        _flow.Resume(10);

        Assert.Equal([2, 3, 1], _flow.ResendAll().ConvertAll(entry => (int)entry.PacketId));
    }

    [Fact]
    [Statement("MQTT-4.9.0-2", "5.0")]
    public void CONNECT_ResumedWithSmallerReceiveMaximum_RestWaitsForQuotaAndNewMessagesForTheRest()
    {
        for (int i = 1; i <= 4; i++) _flow.Begin(QoS.AtLeastOnce, $"{i}");
        _flow.Resume(2);

        Assert.Equal(["1", "2"], _flow.ResendAll().ConvertAll(entry => entry.Message));
        Assert.True(_flow.IsResuming);
        _flow.OnPuback(1, out _);
        Assert.Equal((1, false), (_flow.SendQuota, _flow.CanSend));
        Assert.Equal(["3"], _flow.ResendAll().ConvertAll(entry => entry.Message));
        _flow.OnPuback(2, out _);
        _flow.OnPuback(3, out _);
        Assert.Equal(["4"], _flow.ResendAll().ConvertAll(entry => entry.Message));
        Assert.Equal((1, true), (_flow.SendQuota, _flow.CanSend));
    }

    [Fact]
    [Statement("MQTT-3.3.4-7", "5.0")]
    [Statement("MQTT-3.3.4-9", "5.0")]
    public void PUBCOMP_ForAPublishOfAnEarlierConnection_GivesNoQuota()
    {
        _flow.Begin(QoS.ExactlyOnce, "1");
        _flow.Begin(QoS.AtLeastOnce, "2");
        _flow.OnPubrec(1, ReasonCode.Success, out _);
        _flow.Resume(1);

        Assert.Equal(2, _flow.ResendAll().Count);
        Assert.Equal(AckOutcome.Completed, _flow.OnPubcomp(1, out _));
        Assert.Equal((0, false), (_flow.SendQuota, _flow.CanSend));
        _flow.OnPuback(2, out _);
        Assert.Equal(1, _flow.SendQuota);
    }

    [Fact]
    public void PUBREL_Resent_NeedsNoQuota()
    {
        for (int i = 0; i < 3; i++) _flow.Begin(QoS.ExactlyOnce, "");
        for (ushort id = 1; id <= 3; id++) _flow.OnPubrec(id, ReasonCode.Success, out _);
        _flow.Resume(1);

        Assert.Equal(3, _flow.ResendAll().Count);
        Assert.True(_flow.CanSend);
    }

    [Fact]
    public void ACK_WhileWaitingToBeResent_CompletesAndIsSkipped()
    {
        for (int i = 0; i < 4; i++) _flow.Begin(QoS.AtLeastOnce, "");
        ushort two = _flow.Begin(QoS.ExactlyOnce, "");
        _flow.Resume(1);

        Assert.Equal(AckOutcome.Completed, _flow.OnPuback(1, out _)); // the next in turn
        Assert.Equal(AckOutcome.Completed, _flow.OnPuback(3, out _));
        Assert.Equal(AckOutcome.SendPubrel, _flow.OnPubrec(two, ReasonCode.Success, out _));
        Assert.Equal(1, _flow.SendQuota);
        Assert.Equal([2], _flow.ResendAll().ConvertAll(entry => (int)entry.PacketId));
        _flow.OnPuback(2, out _);
        Assert.Equal([4], _flow.ResendAll().ConvertAll(entry => (int)entry.PacketId));
        Assert.Equal(AckOutcome.Completed, _flow.OnPubcomp(two, out _));
        _flow.OnPuback(4, out _);
        Assert.Equal((0, 1, true), (_flow.InFlight, _flow.SendQuota, _flow.CanSend));
    }

    [Fact]
    public void CONNECT_ResumedTwice_StartsOver()
    {
        for (int i = 0; i < 3; i++) _flow.Begin(QoS.AtLeastOnce, "");
        _flow.Resume(2);
        _flow.ResendAll();
        _flow.Resume(5);

        Assert.Equal([1, 2, 3], _flow.ResendAll().ConvertAll(entry => (int)entry.PacketId));
        Assert.Equal(2, _flow.SendQuota);
    }

    [Fact]
    public void CONNECT_ResumedWithNothingInFlight_TakesTheNewReceiveMaximum()
    {
        _flow.Resume(7);
        Assert.False(_flow.IsResuming);
        Assert.Equal((7, 7, true), (_flow.ReceiveMaximum, _flow.SendQuota, _flow.CanSend));
    }

    [Fact]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    public void SESSION_RestoredFromAStore_ResendsTheSame()
    {
        for (int i = 1; i <= 40; i++) _flow.Begin(i % 2 == 0 ? QoS.ExactlyOnce : QoS.AtLeastOnce, $"{i}");
        foreach (ushort id in new ushort[] { 6, 2, 4 }) _flow.OnPubrec(id, ReasonCode.Success, out _);
        for (ushort id = 1; id < 20; id += 2) _flow.OnPuback(id, out _);

        var restored = new OutboundFlow<string>();
        foreach (InFlightMessage<string> entry in _flow) Assert.True(restored.Restore(entry));
        Assert.Equal(_flow.ToList(), restored.ToList());
        restored.Resume(65_535);
        Assert.Equal(_flow.ToList(), restored.ResendAll());
        Assert.Equal(41, restored.Begin(QoS.AtLeastOnce, "next"));
    }

    [Fact]
    public void SESSION_RestoredFromADamagedStore_RefusesTheEntry()
    {
        Assert.True(_flow.Restore(new(5, QoS.AtLeastOnce, false, "a")));
        Assert.False(_flow.Restore(new(5, QoS.AtLeastOnce, false, "b")));
        Assert.False(_flow.Restore(new(0, QoS.AtLeastOnce, false, "c")));
        Assert.False(_flow.Restore(new(6, QoS.AtMostOnce, false, "d")));
        Assert.True(_flow.Restore(new(21, QoS.ExactlyOnce, true, "e"))); // the same place in the smallest table
        Assert.Equal(2, _flow.InFlight);
    }
}
