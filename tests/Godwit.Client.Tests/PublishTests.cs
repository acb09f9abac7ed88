// PUBLISH to the server: sections 3.3, 4.3 and 4.9.
using Godwit.Protocol;

namespace Godwit.Client.Tests;

public class PublishTests
{
    private static readonly byte[] X = "x"u8.ToArray();

    [Fact]
    [Statement("MQTT-4.3.1-1", "5.0")]
    [Statement("MQTT-4.3.1-1", "3.1.1")]
    [Statement("MQTT-3.3.1-2", "5.0")]
    [Statement("MQTT-3.3.1-2", "3.1.1")]
    [Statement("MQTT-2.2.1-2", "5.0")]
    [Statement("MQTT-2.3.1-5", "3.1.1")]
    public async Task PUBLISH_QoS0_EndsWhenItIsSent()
    {
        Script script = Script.Connected();

        Task<PublishResult> publishing = script.PublishAsync("a", X);

        script.Expect("30 05 00 01 'a' 00 'x'");
        Assert.True((await publishing.Soon()).IsSuccess);
    }

    [Fact]
    [Statement("MQTT-4.3.2-1", "5.0")]
    [Statement("MQTT-4.3.2-1", "3.1.1")]
    [Statement("MQTT-4.3.2-2", "5.0")]
    [Statement("MQTT-4.3.2-3", "5.0")]
    [Statement("MQTT-2.2.1-3", "5.0")]
    [Statement("MQTT-2.3.1-1", "3.1.1")]
    [Statement("MQTT-2.3.1-2", "3.1.1")]
    public async Task PUBLISH_QoS1_EndsWithPuback()
    {
        Script script = Script.Connected();

        Task<PublishResult> first = script.PublishAsync("a", X, QoS.AtLeastOnce), second = script.PublishAsync("a", X, QoS.AtLeastOnce);
        script.Expect("32 07 00 01 'a' 00 01 00 'x'   32 07 00 01 'a' 00 02 00 'x'");
        Assert.False(first.IsCompleted);
        script.Send("40 02 00 02   40 08 00 01 10 04 1F 00 01 'r'");

        Assert.Equal((ReasonCode.Success, (ushort)2), Outcome(await second.Soon()));
        PublishResult result = await first.Soon();
        Assert.Equal((ReasonCode.NoMatchingSubscribers, (ushort)1), Outcome(result));
        Assert.Equal("r", result.ReasonString);
    }

    [Fact]
    [Statement("MQTT-4.3.3-1", "5.0")]
    [Statement("MQTT-4.3.3-1", "3.1.1")]
    [Statement("MQTT-4.3.3-2", "5.0")]
    [Statement("MQTT-4.3.3-3", "5.0")]
    [Statement("MQTT-4.3.3-4", "5.0")]
    [Statement("MQTT-4.3.3-5", "5.0")]
    [Statement("MQTT-2.2.1-5", "5.0")]
    [Statement("MQTT-2.3.1-6", "3.1.1")]
    [Statement("MQTT-4.6.0-4", "5.0")]
    [Statement("MQTT-4.6.0-4", "3.1.1")]
    public async Task PUBLISH_QoS2_EndsWithPubcomp()
    {
        Script script = Script.Connected();
        Task<PublishResult> first = script.PublishAsync("a", X, QoS.ExactlyOnce), second = script.PublishAsync("a", X, QoS.ExactlyOnce);
        script.Expect("34 07 00 01 'a' 00 01 00 'x'   34 07 00 01 'a' 00 02 00 'x'");

        script.Send("50 02 00 02   50 02 00 01");
        script.Expect("62 02 00 02   62 02 00 01");
        Assert.False(first.IsCompleted);
        script.Send("70 02 00 01   70 02 00 02");

        Assert.Equal((ReasonCode.Success, (ushort)1), Outcome(await first.Soon()));
        Assert.Equal((ReasonCode.Success, (ushort)2), Outcome(await second.Soon()));
    }

    [Fact]
    public async Task PUBCOMP_IdentifierNotFound_MeansThatTheServerWasDoneBefore()
    {
        Script script = Script.Connected(new MqttClientOptions { SessionExpiryInterval = 60 });
        Task<PublishResult> publishing = script.PublishAsync("a", X, QoS.ExactlyOnce);
        script.Run();
        script.Send("50 02 00 01");

        script.Reconnect(script.ConnackWithSession);
        script.Expect("62 02 00 01");
        script.Send("70 03 00 01 92");

        Assert.Equal((ReasonCode.Success, (ushort)1), Outcome(await publishing.Soon()));
    }

    [Fact]
    [Statement("MQTT-4.4.0-2", "5.0")]
    public async Task PUBREC_Refusal_EndsTheExchange()
    {
        Script script = Script.Connected();
        Task<PublishResult> publishing = script.PublishAsync("a", X, QoS.ExactlyOnce);
        script.Expect("34 07 00 01 'a' 00 01 00 'x'");

        script.Send("50 03 00 01 87");

        script.Expect("");
        Assert.Equal((ReasonCode.NotAuthorized, (ushort)1), Outcome(await publishing.Soon()));
    }

    [Fact]
    [Statement("MQTT-3.3.4-7", "5.0")]
    [Statement("MQTT-4.9.0-1", "5.0")]
    [Statement("MQTT-4.9.0-2", "5.0")]
    [Statement("MQTT-4.9.0-3", "5.0")]
    [Statement("MQTT-3.3.4-8", "5.0")]
    public void PUBLISH_ReceiveMaximumReached_WaitsWhileOtherPacketsGo()
    {
        Script script = Script.Connected(connack: "20 06 00 00 03 21 00 01");
        _ = script.PublishAsync("a", X, QoS.AtLeastOnce);
        _ = script.PublishAsync("b", X, QoS.AtLeastOnce);
        script.Expect("32 07 00 01 'a' 00 01 00 'x'");

        _ = script.Client.SubscribeAsync(new MqttSubscription("s"));
        script.Expect("82 07 00 02 00 00 01 's' 00");
        script.Send("32 06 00 01 'r' 00 09 00");
        script.Expect("40 02 00 09");
        script.Send("40 02 00 01");

        script.Expect("32 07 00 01 'b' 00 03 00 'x'");
    }

    [Fact]
    [Statement("MQTT-3.2.2-11", "5.0")]
    [Statement("MQTT-3.2.2-14", "5.0")]
    [Statement("MQTT-3.2.2-15", "5.0")]
    public async Task PUBLISH_BeyondTheServersLimits_FailsBeforeSending()
    {
        Script script = Script.Connected(connack: "20 0C 00 00 09 24 01 25 00 27 00 00 00 14");

        Task<PublishResult> qos = script.PublishAsync("a", X, QoS.ExactlyOnce), retain = script.PublishAsync("a", X, retain: true),
            large = script.PublishAsync("a", new byte[15]), fits = script.PublishAsync("a", new byte[14]);
        script.Expect("30 12 00 01 'a' 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");

        Assert.Equal(ReasonCode.QoSNotSupported, (await Assert.ThrowsAsync<MqttException>(() => qos.Soon())).ReasonCode);
        Assert.Equal(ReasonCode.RetainNotSupported, (await Assert.ThrowsAsync<MqttException>(() => retain.Soon())).ReasonCode);
        Assert.Equal(ReasonCode.PacketTooLarge, (await Assert.ThrowsAsync<MqttException>(() => large.Soon())).ReasonCode);
        await fits.Soon();
    }

    [Fact]
    [Statement("MQTT-3.2.2-17", "5.0")]
    [Statement("MQTT-3.3.2-8", "5.0")]
    [Statement("MQTT-3.3.2-9", "5.0")]
    public void PUBLISH_ServerTakesAliases_TopicGoesOnceAndNoAliasIsAboveTheMaximum()
    {
        Script script = Script.Connected(connack: "20 06 00 00 03 22 00 01");

        foreach (string topic in (string[])["a", "a", "b"]) _ = script.PublishAsync(topic, X);

        script.Expect("30 08 00 01 'a' 03 23 00 01 'x'   30 07 00 00 03 23 00 01 'x'   30 05 00 01 'b' 00 'x'");
    }

    [Fact]
    [Statement("MQTT-3.3.2-7", "5.0")]
    [Statement("MQTT-3.2.2-18", "5.0")]
    public void PUBLISH_AfterReconnect_AliasesBeginAnew()
    {
        Script script = Script.Connected(connack: "20 06 00 00 03 22 00 01");
        _ = script.PublishAsync("a", X);
        script.Run();

        script.Reconnect("20 03 00 00 00");
        _ = script.PublishAsync("a", X);

        script.Expect("30 05 00 01 'a' 00 'x'");
    }

    [Fact]
    [Statement("MQTT-3.3.4-6", "5.0")]
    [Statement("MQTT-3.3.2-1", "5.0")]
    public void PUBLISH_WithProperties_SendsThemWithoutSubscriptionIdentifier()
    {
        Script script = Script.Connected();

        _ = script.PublishAsync(new MqttMessage
        {
            Topic = "a",
            PayloadFormatIndicator = 1,
            MessageExpiryInterval = 9,
            ContentType = "t",
            ResponseTopic = "r",
            CorrelationData = "d"u8.ToArray(),
            UserProperties = [new UserProperty("n", "v")],
            SubscriptionIdentifiers = [5],
        });

        script.Expect("30 1E 00 01 'a' 1A 01 01 02 00 00 00 09 03 00 01 't' 08 00 01 'r' 09 00 01 'd' 26 00 01 'n' 00 01 'v'");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/+")]
    [InlineData("a/#")]
    [InlineData("a\0")]
    [Statement("MQTT-3.3.2-2", "5.0")]
    [Statement("MQTT-3.3.2-2", "3.1.1")]
    [Statement("MQTT-4.7.3-1", "5.0")]
    [Statement("MQTT-4.7.3-2", "5.0")]
    [Statement("MQTT-4.7.0-1", "5.0")]
    [Statement("MQTT-4.7.1-1", "3.1.1")]
    public async Task PUBLISH_BadTopic_IsNotSent(string topic)
    {
        Script script = Script.Connected();

        await Assert.ThrowsAsync<ArgumentException>(() => script.PublishAsync(topic, X));

        script.Expect("");
    }

    [Fact]
    [Statement("MQTT-3.3.2-14", "5.0")]
    public async Task PUBLISH_WildcardInResponseTopic_IsNotSent()
    {
        Script script = Script.Connected();

        await Assert.ThrowsAsync<ArgumentException>(() => script.PublishAsync(new MqttMessage { Topic = "a", ResponseTopic = "#" }));
    }

    [Fact]
    public async Task PUBLISH_NotConnected_Fails()
    {
        var script = new Script();

        Task<PublishResult> publishing = script.PublishAsync("a", X);
        script.Run();

        await Assert.ThrowsAsync<MqttException>(() => publishing.Soon());
    }

    [Fact]
    public async Task PUBLISH_QueueIsFull_WaitsForRoom()
    {
        Script script = Script.Connected(new MqttClientOptions { MaximumPendingPublishes = 1 });
        Task<PublishResult> first = script.PublishAsync("a", X, QoS.AtLeastOnce), second = script.PublishAsync("b", X);
        script.Expect("32 07 00 01 'a' 00 01 00 'x'");
        using var cancel = new CancellationTokenSource();
        Task<PublishResult> third = script.PublishAsync("c", X, cancellationToken: cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third.Soon());
        script.Send("40 02 00 01");
        await first.Soon();

        Assert.True((await script.WaitAsync(second)).IsSuccess);
        script.Expect("30 05 00 01 'b' 00 'x'");
    }

    [Fact]
    public async Task PUBLISH_CancelledWhileInFlight_KeepsItsIdentifierUntilPuback()
    {
        Script script = Script.Connected();
        using var cancel = new CancellationTokenSource();
        Task<PublishResult> publishing = script.PublishAsync("a", X, QoS.AtLeastOnce, cancellationToken: cancel.Token);
        script.Run();

        await cancel.CancelAsync();
        script.Run();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.Soon());
        script.Send("40 02 00 01");
        Assert.Equal(ConnectionState.Connected, script.Client.State);
    }

    [Fact]
    public async Task PUBLISH_CancelledWhileWaiting_IsNeverSent()
    {
        Script script = Script.Connected(connack: "20 06 00 00 03 21 00 01");
        _ = script.PublishAsync("a", X, QoS.AtLeastOnce);
        using var cancel = new CancellationTokenSource();
        Task<PublishResult> waiting = script.PublishAsync("b", X, QoS.AtLeastOnce, cancellationToken: cancel.Token);
        script.Expect("32 07 00 01 'a' 00 01 00 'x'");

        await cancel.CancelAsync();
        script.Run();
        script.Send("40 02 00 01");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        script.Expect("");
    }

    [Fact]
    public async Task PUBLISH_ResponseTimeoutPasses_FailsWithTimeout()
    {
        Script script = Script.Connected(new MqttClientOptions { ResponseTimeout = TimeSpan.FromMilliseconds(1) });

        Task<PublishResult> publishing = script.PublishAsync("a", X, QoS.AtLeastOnce);

        await Assert.ThrowsAsync<TimeoutException>(() => script.WaitAsync(publishing));
    }

    [Theory]
    [InlineData("50 02 00 01")]
    [InlineData("70 02 00 01")]
    public void PUBACK_OfAnotherKind_IsAProtocolError(string wrong)
    {
        Script script = Script.Connected();
        _ = script.PublishAsync("a", X, QoS.AtLeastOnce);
        script.Run();
        script.Peer.Take();

        script.Send(wrong);

        script.Expect("E0 01 82");
    }

    private static (ReasonCode, ushort) Outcome(PublishResult result) => (result.ReasonCode, result.PacketId);
}
