using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

[Statement("MQTT-2.3.1-2", "3.1.1")]
[Statement("MQTT-2.3.1-4", "3.1.1")]
[Statement("MQTT-2.2.1-3", "5.0")]
[Statement("MQTT-2.2.1-4", "5.0")]
public class PacketIdTests
{
    private readonly OutboundFlow<int> _flow = new();

    [Fact]
    public void PUBLISH_AllIdentifiersInFlight_EachOnceAndNoMore()
    {
        var seen = new HashSet<ushort>();
        for (int i = 0; i < 65_535; i++) Assert.True(seen.Add(_flow.Begin(QoS.AtLeastOnce, i)));

        Assert.DoesNotContain((ushort)0, seen);
        Assert.Equal((65_535, 0, false), (_flow.InFlight, _flow.SendQuota, _flow.CanSend));
        Assert.Equal(0, _flow.ReserveId());

        Assert.Equal(AckOutcome.Completed, _flow.OnPuback(40_000, out int message));
        Assert.Equal(39_999, message);
        Assert.Equal(40_000, _flow.Begin(QoS.AtLeastOnce, 0));
        Assert.Equal(65_535, _flow.ToList().Count);
    }

    [Fact]
    public void PUBLISH_AllIdentifiersReserved_CannotBegin()
    {
        for (int i = 0; i < 65_535; i++) Assert.NotEqual(0, _flow.ReserveId());
        Assert.Equal((65_535, false), (_flow.SendQuota, _flow.CanSend));
        _flow.ReleaseId(77);
        Assert.Equal(77, _flow.Begin(QoS.AtLeastOnce, 0));
    }

    [Fact]
    public void PUBLISH_WrapAroundWithAStuckIdentifier_SkipsIt()
    {
        for (int i = 1; i < 5; i++) _flow.OnPuback(_flow.Begin(QoS.AtLeastOnce, i), out _);
        ushort stuck = _flow.Begin(QoS.ExactlyOnce, -1);

        ushort id = 0;
        for (int i = 0; i < 200_000; i++)
        {
            id = _flow.Begin(QoS.AtLeastOnce, i);
            Assert.NotEqual(0, id);
            Assert.NotEqual(stuck, id);
            Assert.Equal(AckOutcome.Completed, _flow.OnPuback(id, out int message));
            Assert.Equal(i, message);
        }

        id = _flow.Begin(QoS.AtLeastOnce, 1);
        Assert.Equal([stuck, id], _flow.ToList().ConvertAll(entry => entry.PacketId));
        Assert.Equal(AckOutcome.SendPubrel, _flow.OnPubrec(stuck, ReasonCode.Success, out int old));
        Assert.Equal(-1, old);
    }

    [Fact]
    public void PUBLISH_AfterWrapAround_OrderIsThatOfSendingNotOfIdentifiers()
    {
        for (int i = 0; i < 65_530; i++) _flow.OnPuback(_flow.Begin(QoS.AtLeastOnce, i), out _);
        for (int i = 0; i < 100; i++) _flow.Begin(QoS.AtLeastOnce, i);

        _flow.Resume(100);

        Assert.Equal(Enumerable.Range(0, 100), _flow.ResendAll().ConvertAll(entry => entry.Message));
    }
}
