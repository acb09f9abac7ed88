// What outlives a connection: sections 4.1, 4.4, 4.6; subscriptions, reconnecting, disconnecting, keep alive.
using Godwit.Protocol;

namespace Godwit.Client.Tests;

public class SessionTests
{
    private static readonly MqttClientOptions Persistent = new() { SessionExpiryInterval = 60 };

    [Fact]
    [Statement("MQTT-4.4.0-1", "5.0")]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    [Statement("MQTT-3.3.1-1", "5.0")]
    [Statement("MQTT-3.3.1-1", "3.1.1")]
    [Statement("MQTT-2.3.1-3", "3.1.1")]
    [Statement("MQTT-4.6.0-1", "5.0")]
    [Statement("MQTT-4.6.0-1", "3.1.1")]
    [Statement("MQTT-4.3.3-6", "5.0")]
    [Statement("MQTT-4.1.0-1", "5.0")]
    public async Task Reconnect_SessionPresent_SendsWhatIsInFlightAgainInOrder()
    {
        Script script = Script.Connected(Persistent);
        Task<PublishResult> first = script.PublishAsync("1", default, QoS.AtLeastOnce), second = script.PublishAsync("2", default, QoS.ExactlyOnce),
            third = script.PublishAsync("3", default, QoS.ExactlyOnce);
        script.Run();
        script.Send("50 02 00 02");
        script.Peer.Take();

        script.Reconnect(script.ConnackWithSession);
        Task<PublishResult> fourth = script.PublishAsync("4", default);

        script.Expect("62 02 00 02   3A 06 00 01 '1' 00 01 00   3C 06 00 01 '3' 00 03 00   30 04 00 01 '4' 00");
        script.Send("40 02 00 01   70 02 00 02   50 02 00 03   70 02 00 03");
        foreach (Task<PublishResult> publishing in (Task<PublishResult>[])[first, second, third, fourth]) Assert.True((await publishing.Soon()).IsSuccess);
    }

    [Fact]
    [Statement("MQTT-3.2.2-5", "5.0")]
    public async Task Reconnect_SessionLost_InFlightMessagesBecomeNewOnes()
    {
        Script script = Script.Connected();
        Task<PublishResult> first = script.PublishAsync("1", default, QoS.AtLeastOnce), second = script.PublishAsync("2", default, QoS.ExactlyOnce),
            third = script.PublishAsync("3", default, QoS.AtLeastOnce);
        script.Run();
        script.Send("50 02 00 02");

        script.Reconnect(script.Connack);

        script.Expect("32 06 00 01 '1' 00 04 00   32 06 00 01 '3' 00 05 00");
        Assert.True((await second.Soon()).IsSuccess); // the server had taken it
        Assert.False(first.IsCompleted || third.IsCompleted);
    }

    [Fact]
    public void Reconnect_PublishWhileAway_IsSentAfterwards()
    {
        Script script = Script.Connected();
        script.Peer.Reset();
        script.Run();
        Assert.Equal((ConnectionState.Reconnecting, DisconnectReason.ConnectionLost), (script.Client.State, script.LastCause?.Reason));

        _ = script.PublishAsync("a", default);
        script.Advance(TimeSpan.FromSeconds(1));
        script.Peer.Take();
        script.Send(script.Connack);

        script.Expect("30 04 00 01 'a' 00");
    }

    [Fact]
    [Statement("MQTT-4.3.3-10", "5.0")]
    public async Task Reconnect_SessionPresent_ReceivedQoS2IsStillKnown()
    {
        Script script = Script.Connected(Persistent);
        script.Send("34 06 00 01 'a' 00 05 00");

        script.Reconnect(script.ConnackWithSession);
        script.Send("3C 06 00 01 'a' 00 05 00   62 02 00 05");

        script.Expect("50 02 00 05   70 02 00 05");
        Assert.Single(await script.EndAsync());
    }

    [Theory]
    [InlineData(ProtocolVersion.V5, 60u, "10 13 00 04 'MQTT' 05 00 00 3C 05 11 00 00 00 3C 00 01 'c'")]
    [InlineData(ProtocolVersion.V5, 0u, "10 0E 00 04 'MQTT' 05 02 00 3C 00 00 01 'c'")]
    [InlineData(ProtocolVersion.V311, 0u, "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [Statement("MQTT-3.1.2-23", "5.0")]
    public void Reconnect_CleanStart_OnlyEndsASessionThatEndedAnyway(ProtocolVersion version, uint expiry, string connect)
    {
        Script script = Script.Connected(new MqttClientOptions { Version = version, SessionExpiryInterval = expiry });

        script.Peer.Reset();
        script.Run();
        script.Advance(TimeSpan.FromSeconds(1));

        script.Expect(connect);
    }

    [Fact]
    public async Task Reconnect_SessionLost_RenewsSubscriptionsByIdentifier()
    {
        Script script = Script.Connected();
        Task<SubscribeResult> first = script.Client.SubscribeAsync([new MqttSubscription("a", QoS.AtLeastOnce), new MqttSubscription("b") { NoLocal = true }], 7),
            second = script.Client.SubscribeAsync(new MqttSubscription("c"));
        script.Expect("82 0D 00 01 02 0B 07 00 01 'a' 01 00 01 'b' 04   82 07 00 02 00 00 01 'c' 00");
        script.Send("90 05 00 01 00 01 00   90 04 00 02 00 00");
        await first.Soon();
        await second.Soon();
        Task<UnsubscribeResult> unsubscribing = script.Client.UnsubscribeAsync("b");
        script.Expect("A2 06 00 03 00 00 01 'b'");
        script.Send("B0 04 00 03 00 00");
        await unsubscribing.Soon();

        script.Reconnect(script.Connack);

        script.Expect("82 09 00 04 02 0B 07 00 01 'a' 01   82 07 00 05 00 00 01 'c' 00");
    }

    [Fact]
    public async Task Reconnect_SessionPresent_DoesNotSubscribeAgain()
    {
        Script script = Script.Connected(Persistent);
        Task<SubscribeResult> subscribing = script.Client.SubscribeAsync(new MqttSubscription("a"));
        script.Run();
        script.Send("90 04 00 01 00 00");
        await subscribing.Soon();

        script.Reconnect(script.ConnackWithSession);

        script.Expect("");
    }

    [Fact]
    public async Task SUBSCRIBE_ConnectionLostBeforeSuback_IsSentAnew()
    {
        Script script = Script.Connected();
        Task<SubscribeResult> subscribing = script.Client.SubscribeAsync(new MqttSubscription("a"));
        script.Run();

        script.Reconnect(script.Connack);

        byte[] sent = script.Peer.Take();
        Assert.Equal(0x82, sent[0]);
        script.Send($"90 04 {sent[2]:X2} {sent[3]:X2} 00 87");
        Assert.Equal([ReasonCode.NotAuthorized], (await subscribing.Soon()).ReasonCodes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/#/b")]
    [InlineData("a+")]
    [InlineData("$share//a")]
    [Statement("MQTT-4.7.1-1", "5.0")]
    [Statement("MQTT-4.7.1-2", "5.0")]
    [Statement("MQTT-4.7.1-2", "3.1.1")]
    [Statement("MQTT-4.7.1-3", "3.1.1")]
    [Statement("MQTT-4.8.2-1", "5.0")]
    public async Task SUBSCRIBE_BadFilter_IsNotSent(string filter)
    {
        Script script = Script.Connected();

        await Assert.ThrowsAsync<ArgumentException>(() => script.Client.SubscribeAsync(new MqttSubscription(filter)));

        script.Expect("");
    }

    [Fact]
    [Statement("MQTT-3.8.3-2", "5.0")]
    [Statement("MQTT-3.8.3-3", "3.1.1")]
    [Statement("MQTT-3.8.3-4", "5.0")]
    [Statement("MQTT-3.10.3-2", "5.0")]
    [Statement("MQTT-3.10.3-2", "3.1.1")]
    public async Task SUBSCRIBE_NothingOrNoLocalOnShared_IsNotSent()
    {
        Script script = Script.Connected();

        await Assert.ThrowsAsync<ArgumentException>(() => script.Client.SubscribeAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() => script.Client.UnsubscribeAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() => script.Client.SubscribeAsync(new MqttSubscription("$share/g/a") { NoLocal = true }));
    }

    [Fact]
    public async Task SUBSCRIBE_ServerCannot_FailsBeforeSending()
    {
        Script script = Script.Connected(connack: "20 09 00 00 06 28 00 29 00 2A 00");

        foreach ((MqttSubscription subscription, uint? identifier, ReasonCode expected) in ((MqttSubscription, uint?, ReasonCode)[])[
            (new("#"), null, ReasonCode.WildcardSubscriptionsNotSupported),
            (new("a"), 1, ReasonCode.SubscriptionIdentifiersNotSupported),
            (new("$share/g/a"), null, ReasonCode.SharedSubscriptionsNotSupported)])
        {
            Task<SubscribeResult> subscribing = script.Client.SubscribeAsync(subscription, identifier);
            script.Expect("");
            Assert.Equal(expected, (await Assert.ThrowsAsync<MqttException>(subscribing.Soon)).ReasonCode);
        }
    }

    [Fact]
    [Statement("MQTT-3.14.4-1", "3.1.1")]
    [Statement("MQTT-3.14.4-2", "3.1.1")]
    [Statement("MQTT-3.14.4-1", "5.0")]
    [Statement("MQTT-3.14.4-2", "5.0")]
    public async Task DISCONNECT_Asked_IsTheLastPacketAndTheClientCloses()
    {
        Script script = Script.Connected(new MqttClientOptions { Version = ProtocolVersion.V311 });
        Task<PublishResult> inFlight = script.PublishAsync("a", default, QoS.AtLeastOnce);
        script.Expect("32 05 00 01 'a' 00 01");

        Task disconnecting = script.Client.DisconnectAsync();
        Task<PublishResult> late = script.PublishAsync("a", default);
        Task<SubscribeResult> later = script.Client.SubscribeAsync(new MqttSubscription("a"));

        script.Expect("E0 00");
        await disconnecting.Soon();
        Assert.NotNull(script.Peer.Closed);
        foreach (Task task in (Task[])[inFlight, late, later]) await Assert.ThrowsAsync<MqttException>(task.Soon);
        Assert.Equal(ConnectionState.Disconnected, script.Client.State);
    }

    [Fact]
    [Statement("MQTT-3.14.2-3", "5.0")]
    public void DISCONNECT_ReasonTooLargeForTheServer_GoesWithoutIt()
    {
        Script script = Script.Connected(connack: "20 08 00 00 05 27 00 00 00 08");

        _ = script.Client.DisconnectAsync(ReasonCode.DisconnectWithWillMessage, "a long sentence");

        script.Expect("E0 01 04");
    }

    [Fact]
    [Statement("MQTT-3.14.2-1", "5.0")]
    public async Task DISCONNECT_CodeThatItDoesNotHave_IsRefused()
    {
        Script script = Script.Connected();

        await Assert.ThrowsAsync<ArgumentException>(() => script.Client.DisconnectAsync(ReasonCode.NotAuthorized - 1));
        await Assert.ThrowsAsync<ArgumentException>(() => script.Client.DisconnectAsync(sessionExpiryInterval: 1));
    }

    [Fact]
    [Statement("MQTT-4.13.2-1", "5.0")]
    public void DISCONNECT_FromTheServer_IsTheCauseOfReconnecting()
    {
        Script script = Script.Connected();

        script.Send("E0 09 8B 07 1F 00 04 'bye!'");

        Assert.Equal(new Disconnection(DisconnectReason.ServerDisconnected, ReasonCode.ServerShuttingDown, "bye!"), script.LastCause);
        Assert.Equal(ConnectionState.Reconnecting, script.Client.State);
    }

    [Fact]
    public void DISCONNECT_SessionTakenOver_EndsInsteadOfFighting()
    {
        Script script = Script.Connected();

        script.Send("E0 01 8E");

        Assert.Equal(ConnectionState.Disconnected, script.Client.State);
    }

    [Fact]
    public void Reconnect_SwitchedOff_EndsWithTheConnection()
    {
        Script script = Script.Connected(new MqttClientOptions { Reconnect = new ReconnectOptions { Enabled = false } });

        script.Peer.Reset();
        script.Run();

        Assert.Equal(ConnectionState.Disconnected, script.Client.State);
    }

    [Fact]
    public void Reconnect_NobodyAnswers_WaitsTwiceAsLongEachTime()
    {
        Script script = Script.Connected(new MqttClientOptions { Reconnect = new ReconnectOptions { Jitter = 0, MaximumDelay = TimeSpan.FromSeconds(1) } });

        foreach (int delay in (int[])[250, 500, 1000, 1000])
        {
            int before = script.Peers.Count;
            script.Peer.Reset();
            script.Run();
            script.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.Equal(before, script.Peers.Count);
            script.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(before + 1, script.Peers.Count);
        }
    }

    [Fact]
    public async Task Reconnect_DisconnectMeanwhile_StopsTrying()
    {
        Script script = Script.Connected();
        Task<PublishResult> inFlight = script.PublishAsync("a", default, QoS.AtLeastOnce);
        script.Run();
        script.Peer.Reset();
        script.Run();

        Task disconnecting = script.Client.DisconnectAsync();
        script.Run();
        script.Advance(TimeSpan.FromMinutes(1));

        await disconnecting.Soon();
        Assert.Single(script.Peers);
        await Assert.ThrowsAsync<MqttException>(inFlight.Soon);
    }

    [Theory]
    [InlineData(ProtocolVersion.V5)]
    [InlineData(ProtocolVersion.V311)]
    [Statement("MQTT-3.1.2-20", "5.0")]
    [Statement("MQTT-3.1.2-23", "3.1.1")]
    public void PINGREQ_NothingSentForThreeQuartersOfKeepAlive_IsSent(ProtocolVersion version)
    {
        Script script = Script.Connected(new MqttClientOptions { Version = version, KeepAlive = TimeSpan.FromSeconds(20) });

        script.Advance(TimeSpan.FromSeconds(14));
        script.Expect("");
        script.Advance(TimeSpan.FromSeconds(1));
        script.Expect("C0 00");
        script.Send("D0 00");
        script.Advance(TimeSpan.FromSeconds(15));

        script.Expect("C0 00");
    }

    [Fact]
    [Statement("MQTT-3.1.2-21", "5.0")]
    [Statement("MQTT-3.2.2-21", "5.0")]
    public void PINGREQ_ServerKeepAlive_GoesBeforeTheClients()
    {
        Script script = Script.Connected(connack: "20 06 00 00 03 13 00 04");

        script.Advance(TimeSpan.FromSeconds(3));

        script.Expect("C0 00");
    }

    [Fact]
    public void PINGREQ_NotAnswered_LosesTheConnection()
    {
        Script script = Script.Connected(new MqttClientOptions { KeepAlive = TimeSpan.FromSeconds(20) });

        script.Advance(TimeSpan.FromSeconds(15));
        script.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal((ConnectionState.Reconnecting, DisconnectReason.KeepAliveTimeout), (script.Client.State, script.LastCause?.Reason));
    }

    [Fact]
    public void PINGREQ_ClientItselfDoesNotRead_KeepsTheConnection()
    {
        Script script = Script.Connected(new MqttClientOptions { KeepAlive = TimeSpan.FromSeconds(20), ReceiveQueueCapacity = 1 });
        script.Send("30 04 00 01 'a' 00   30 04 00 01 'a' 00");

        for (int i = 0; i < 10; i++)
        {
            script.Advance(TimeSpan.FromSeconds(15));
            script.Send("D0 00");
        }

        Assert.Equal(ConnectionState.Connected, script.Client.State);
    }

    [Fact]
    public async Task Dispose_WhatWaits_Ends()
    {
        Script script = Script.Connected(Persistent);
        Task<PublishResult> inFlight = script.PublishAsync("a", default, QoS.AtLeastOnce);
        Task<SubscribeResult> subscribing = script.Client.SubscribeAsync(new MqttSubscription("a"));
        script.Send("30 04 00 01 'a' 00");

        List<MqttMessage> messages = await script.EndAsync();

        await Assert.ThrowsAsync<MqttException>(inFlight.Soon);
        await Assert.ThrowsAsync<MqttException>(subscribing.Soon);
        Assert.Equal("a", Assert.Single(messages).Topic);
        Assert.Equal(ConnectionState.Closed, script.Client.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => script.Client.ConnectAsync());
    }

    [Fact]
    public void Observer_EveryPacket_IsSeenBothWays()
    {
        var observer = new Recorder();
        Script script = Script.Connected(new MqttClientOptions { PacketObserver = observer });

        _ = script.PublishAsync("a", default, QoS.AtLeastOnce);
        script.Send("40 02 00 01");

        Assert.Equal(
            ["> CONNECT 16", "< CONNACK 5", "> PUBLISH 8", "< PUBACK 4"], observer.Lines);
    }

    private sealed class Recorder : IPacketObserver
    {
        public List<string> Lines { get; } = [];

        public void OnSent(in PacketFrame frame, ReadOnlySpan<byte> packet) => Lines.Add($"> {frame.Type.Name()} {packet.Length}");

        public void OnReceived(in PacketFrame frame, ReadOnlySpan<byte> packet) => Lines.Add($"< {frame.Type.Name()} {packet.Length}");
    }
}
