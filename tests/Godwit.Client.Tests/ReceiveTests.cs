// PUBLISH from the server: sections 3.3.4, 4.3 and 4.6.
using Godwit.Protocol;

namespace Godwit.Client.Tests;

public class ReceiveTests
{
    [Fact]
    [Statement("MQTT-3.3.4-1", "5.0")]
    [Statement("MQTT-3.3.4-1", "3.1.1")]
    [Statement("MQTT-4.5.0-2", "5.0")]
    [Statement("MQTT-4.5.0-2", "3.1.1")]
    [Statement("MQTT-4.3.2-4", "5.0")]
    [Statement("MQTT-4.3.2-2", "3.1.1")]
    [Statement("MQTT-4.3.3-8", "5.0")]
    [Statement("MQTT-4.6.0-2", "5.0")]
    [Statement("MQTT-4.6.0-2", "3.1.1")]
    [Statement("MQTT-4.6.0-3", "5.0")]
    [Statement("MQTT-4.6.0-3", "3.1.1")]
    public void PUBLISH_EachQoS_IsAcknowledgedInOrderAlthoughNobodyReads()
    {
        Script script = Script.Connected();

        script.Send("30 05 00 01 'a' 00 'x'   32 07 00 01 'a' 00 03 00 'x'   34 07 00 01 'a' 00 02 00 'x'   32 07 00 01 'a' 00 01 00 'x'");

        script.Expect("40 02 00 03   50 02 00 02   40 02 00 01");
    }

    [Fact]
    [Statement("MQTT-4.3.3-10", "5.0")]
    [Statement("MQTT-4.3.3-11", "5.0")]
    [Statement("MQTT-4.3.3-12", "5.0")]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    public async Task PUBLISH_QoS2Repeated_IsDeliveredOnceUntilPubrel()
    {
        Script script = Script.Connected();

        script.Send("34 07 00 01 'a' 00 01 00 '1'   3C 07 00 01 'a' 00 01 00 '1'");
        script.Expect("50 02 00 01   50 02 00 01");
        script.Send("62 02 00 01");
        script.Expect("70 02 00 01");
        script.Send("34 07 00 01 'a' 00 01 00 '2'");

        Assert.Equal(["1", "2"], (await script.Client.NextAsync(2)).Select(message => message.PayloadText));
    }

    [Fact]
    public void PUBREL_UnknownIdentifier_IsAnsweredAllTheSame()
    {
        Script script = Script.Connected();

        script.Send("62 02 00 07");

        script.Expect("70 03 00 07 92");
    }

    [Fact]
    [Statement("MQTT-4.3.2-5", "5.0")]
    public async Task PUBLISH_QoS1SameIdentifierAfterPuback_IsANewMessage()
    {
        Script script = Script.Connected();

        script.Send("32 07 00 01 'a' 00 01 00 '1'   3A 07 00 01 'a' 00 01 00 '2'");

        Assert.Equal(["1", "2"], (await script.Client.NextAsync(2)).Select(message => message.PayloadText));
    }

    [Fact]
    public async Task PUBLISH_WithProperties_ComesOutWhole()
    {
        Script script = Script.Connected();

        script.Send("3B 27 00 01 'a' 00 07 1F 01 01 02 00 00 00 09 03 00 01 't' 08 00 01 'r' 09 00 01 'd' 26 00 01 'n' 00 01 'v' 0B 05 0B 80 01 'xy'");

        MqttMessage message = await script.Client.NextAsync();
        Assert.Equal(("a", "xy", QoS.AtLeastOnce, true, true, (ushort)7), (message.Topic, message.PayloadText, message.QoS, message.Retain, message.Dup, message.PacketId));
        Assert.Equal(((byte)1, 9u, "t", "r"), (message.PayloadFormatIndicator!.Value, message.MessageExpiryInterval!.Value, message.ContentType, message.ResponseTopic));
        Assert.Equal("d"u8.ToArray(), message.CorrelationData!.Value.ToArray());
        Assert.Equal([new UserProperty("n", "v")], message.UserProperties);
        Assert.Equal([5u, 128u], message.SubscriptionIdentifiers);
    }

    [Fact]
    [Statement("MQTT-3.3.2-10", "5.0")]
    public async Task PUBLISH_WithTopicAlias_GetsItsTopic()
    {
        var script = new Script(new MqttClientOptions(), topicAliasMaximum: 2);
        _ = script.Client.ConnectAsync();
        script.Run();
        script.Send(script.Connack);

        script.Send("30 08 00 01 'a' 03 23 00 02 '1'   30 07 00 00 03 23 00 02 '2'");

        Assert.Equal([("a", (ushort)2), ("a", (ushort)2)], (await script.Client.NextAsync(2)).Select(message => (message.Topic, message.TopicAlias!.Value)));
    }

    [Theory]
    [InlineData("30 08 00 01 'a' 03 23 00 01 'x'", "E0 01 94")] // no aliases were allowed
    [InlineData("36 07 00 01 'a' 00 01 00 'x'", "E0 01 81")] // QoS 3
    [InlineData("30 06 00 02 C3 28 00 'x'", "E0 01 81")] // not UTF-8
    [InlineData("90 03 00 01 00", "E0 01 81")] // SUBACK without codes
    [InlineData("90 04 00 01 00 00", "E0 01 82")] // SUBACK for nothing
    [InlineData("C0 00", "E0 01 82")] // PINGREQ
    [InlineData("20 03 00 00 00", "E0 01 82")] // a second CONNACK
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    [Statement("MQTT-1.5.4-1", "5.0")]
    [Statement("MQTT-3.3.1-4", "5.0")]
    public void Packet_AgainstTheProtocol_IsAnsweredByDisconnect(string packet, string answer)
    {
        Script script = Script.Connected();

        script.Send(packet);

        script.Expect(answer);
        Assert.NotNull(script.Peer.Closed);
        Assert.Equal((ConnectionState.Reconnecting, DisconnectReason.ProtocolError), (script.Client.State, script.LastCause?.Reason));
    }

    [Fact]
    public void PUBLISH_MoreThanReceiveMaximum_IsAnsweredByDisconnect()
    {
        Script script = Script.Connected(new MqttClientOptions { ReceiveMaximum = 1 });

        script.Send("34 07 00 01 'a' 00 01 00 'x'   34 07 00 01 'a' 00 02 00 'x'");

        script.Expect("50 02 00 01   E0 01 93");
    }

    [Fact]
    public async Task PUBLISH_QueueIsFull_ReadingStopsUntilThereIsRoom()
    {
        Script script = Script.Connected(new MqttClientOptions { ReceiveQueueCapacity = 2 });

        script.Send("32 07 00 01 'a' 00 01 00 '1'   32 07 00 01 'a' 00 02 00 '2'   32 07 00 01 'a' 00 03 00 '3'   30 05 00 01 'a' 00 '4'");
        script.Expect("40 02 00 01   40 02 00 02");
        List<MqttMessage> first = await script.Client.NextAsync(2);
        script.Expect("40 02 00 03");

        Assert.Equal(["1", "2", "3", "4"], [.. first.Select(message => message.PayloadText), .. (await script.Client.NextAsync(2)).Select(message => message.PayloadText)]);
        Assert.Equal(0, script.Client.DroppedMessages);
    }

    [Fact]
    public async Task PUBLISH_QueueIsFullWhileTheApplicationAwaitsPuback_PubackIsRead()
    {
        Script script = Script.Connected(new MqttClientOptions { ReceiveQueueCapacity = 1 });
        script.Send("30 05 00 01 'a' 00 '1'   32 07 00 01 'a' 00 09 00 '2'");
        script.Expect("");

        Task<PublishResult> publishing = script.PublishAsync("b", default, QoS.AtLeastOnce);
        script.Expect("32 06 00 01 'b' 00 01 00");
        script.Send("30 05 00 01 'a' 00 '3'   40 02 00 01");

        Assert.True((await publishing.Soon()).IsSuccess);
        Assert.Equal(1, script.Client.DroppedMessages);
        Assert.Equal("1", (await script.Client.NextAsync()).PayloadText);
        script.Expect("40 02 00 09"); // held, and acknowledged once it is in the queue
        Assert.Equal("2", (await script.Client.NextAsync()).PayloadText);
    }

    [Fact]
    public async Task PUBLISH_PublishingFromWithinHandling_DoesNotDeadlock()
    {
        Script script = Script.Connected(new MqttClientOptions { ReceiveQueueCapacity = 1 });
        var handled = new List<string>();
        Task handling = Task.Run(async () =>
        {
            await foreach (MqttMessage message in script.Client.Messages())
            {
                await script.Client.PublishAsync("answer", message.Payload, QoS.AtLeastOnce);
                handled.Add(message.PayloadText);
                if (handled.Count == 3) return;
            }
        });

        script.Send("32 07 00 01 'a' 00 01 00 '1'   32 07 00 01 'a' 00 02 00 '2'   32 07 00 01 'a' 00 03 00 '3'");
        ushort acknowledged = 0;
        await script.UntilAsync(() =>
        {
            foreach (byte[] publish in Packets(script.Peer.Take()).Where(packet => packet[0] == 0x32))
                script.Peer.Send($"40 02 00 {++acknowledged:X2}");
            return handling.IsCompleted;
        });

        await handling.Soon();
        Assert.Equal(["1", "2", "3"], handled);
    }

    private static IEnumerable<byte[]> Packets(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length; at += 2 + bytes[at + 1]) yield return bytes[at..(at + 2 + bytes[at + 1])];
    }
}
