using Godwit.Testing;

namespace Godwit.Session.Tests;

public class KeepAliveTests
{
    [Fact]
    [Statement("MQTT-3.1.2-24", "3.1.1")]
    [Statement("MQTT-3.1.2-22", "5.0")]
    public void SERVER_NothingForOneAndAHalfKeepAlives_Expires()
    {
        var keepAlive = new ServerKeepAlive(10, now: 1_000);
        Assert.Equal(16_000, keepAlive.Deadline);
        Assert.False(keepAlive.IsExpired(15_999));
        keepAlive.OnReceived(15_999);
        Assert.False(keepAlive.IsExpired(30_998));
        Assert.True(keepAlive.IsExpired(30_999));
    }

    [Fact]
    [Statement("MQTT-3.1.2-24", "3.1.1")]
    [Statement("MQTT-3.1.2-22", "5.0")]
    public void SERVER_KeepAliveZero_NeverExpires()
    {
        var keepAlive = new ServerKeepAlive(0, now: 0);
        Assert.Equal(long.MaxValue, keepAlive.Deadline);
        Assert.False(keepAlive.IsExpired(long.MaxValue - 1));
    }

    [Fact]
    public void SERVER_LargestKeepAlive_DoesNotOverflow() => Assert.Equal(98_302_500, new ServerKeepAlive(65_535, now: 0).Deadline);

    [Fact]
    [Statement("MQTT-3.1.2-23", "3.1.1")]
    [Statement("MQTT-3.1.2-20", "5.0")]
    public void CLIENT_NothingSent_PingsWithinTheKeepAlive()
    {
        var keepAlive = new ClientKeepAlive(10, now: 0);
        keepAlive.OnReceived(5_000);
        Assert.Equal((7_500, KeepAliveAction.None), (keepAlive.NextCheck, keepAlive.Check(7_499)));
        Assert.Equal(KeepAliveAction.SendPingreq, keepAlive.Check(7_500));
        keepAlive.OnPingreqSent(7_500);
        keepAlive.OnReceived(7_600);
        Assert.Equal((15_000, KeepAliveAction.None), (keepAlive.NextCheck, keepAlive.Check(14_999)));
    }

    [Fact]
    public void CLIENT_SendsButReceivesNothing_PingsToo()
    {
        var keepAlive = new ClientKeepAlive(10, now: 0);
        keepAlive.OnSent(7_000);
        Assert.Equal(KeepAliveAction.SendPingreq, keepAlive.Check(7_500));
    }

    [Fact]
    public void CLIENT_PingreqUnanswered_Closes()
    {
        var keepAlive = new ClientKeepAlive(10, now: 0, responseTimeout: 2_000);
        keepAlive.OnPingreqSent(7_500);
        keepAlive.OnSent(8_000);
        Assert.Equal((9_500, KeepAliveAction.None), (keepAlive.NextCheck, keepAlive.Check(9_499)));
        Assert.Equal(KeepAliveAction.Close, keepAlive.Check(9_500));
    }

    [Fact]
    public void CLIENT_AnyPacketAfterPingreq_ProvesTheServerIsThere()
    {
        var keepAlive = new ClientKeepAlive(10, now: 0, responseTimeout: 2_000);
        keepAlive.OnPingreqSent(7_500);
        keepAlive.OnReceived(9_000);
        Assert.Equal(KeepAliveAction.None, keepAlive.Check(9_500));
    }

    [Fact]
    [Statement("MQTT-3.1.2-23", "3.1.1")]
    [Statement("MQTT-3.1.2-20", "5.0")]
    public void CLIENT_ResponseTimeoutLongerThanKeepAlive_KeepsSendingMeanwhile()
    {
        var keepAlive = new ClientKeepAlive(10, now: 0, responseTimeout: 20_000);
        keepAlive.OnPingreqSent(7_500);
        Assert.Equal(KeepAliveAction.SendPingreq, keepAlive.Check(15_000));
        keepAlive.OnPingreqSent(15_000);
        keepAlive.OnPingreqSent(22_500);
        Assert.Equal(KeepAliveAction.None, keepAlive.Check(27_499));
        Assert.Equal(KeepAliveAction.Close, keepAlive.Check(27_500));
    }

    [Fact]
    public void CLIENT_KeepAliveZero_NeverPings()
    {
        var keepAlive = new ClientKeepAlive(0, now: 0, responseTimeout: 2_000);
        Assert.Equal((long.MaxValue, KeepAliveAction.None), (keepAlive.NextCheck, keepAlive.Check(long.MaxValue - 1)));
    }
}
