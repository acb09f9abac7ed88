// Against the broker of this product, in this process, over TCP and in memory.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client.Tests;

public class BrokerTests : IAsyncLifetime
{
    private MqttBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await MqttBroker.StartAsync(new BrokerOptions
    {
        Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
        Loops = 1,
        SysInterval = TimeSpan.Zero,
    });

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    public static TheoryData<ProtocolVersion, QoS> VersionsAndQoS()
    {
        var data = new TheoryData<ProtocolVersion, QoS>();
        foreach (ProtocolVersion version in (ProtocolVersion[])[ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5])
            foreach (QoS qos in Enum.GetValues<QoS>()) data.Add(version, qos);
        return data;
    }

    [Theory]
    [MemberData(nameof(VersionsAndQoS))]
    public async Task PUBLISH_AnyVersionAndQoS_ComesBackToTheSubscriber(ProtocolVersion version, QoS qos)
    {
        await using MqttClient client = await ConnectAsync(new MqttClientOptions { Version = version });
        SubscribeResult subscribed = await client.SubscribeAsync(new MqttSubscription("a/+", QoS.ExactlyOnce)).Soon();

        PublishResult published = await client.PublishAsync("a/b", "hello"u8.ToArray(), qos).Soon();

        MqttMessage message = await client.NextAsync();
        Assert.Equal([ReasonCode.GrantedQoS2], subscribed.ReasonCodes);
        Assert.True(published.IsSuccess);
        Assert.Equal("a/b", message.Topic);
        Assert.Equal("hello", message.PayloadText);
        Assert.Equal(qos, message.QoS);
    }

    private Task<MqttClient> ConnectAsync(MqttClientOptions? options = null) => Clients.ConnectAsync(_broker, options);
}
