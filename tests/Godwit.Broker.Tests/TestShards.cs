using Godwit.Broker.Auth;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Testing;
using Godwit.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Godwit.Broker.Tests;

/// <summary>The inside of a broker without clients: shards on manual loops, sessions and subscriptions made by hand.</summary>
internal sealed class TestShards
{
    public TestShards(int loops = 1, BrokerOptions? options = null)
    {
        Time = new ManualTimeProvider();
        Loops = EventLoopGroup.Manual(Time, loops);
        Broker = new MqttBroker(options ?? new BrokerOptions { Listeners = [], SysInterval = TimeSpan.Zero }, NullLoggerFactory.Instance, Loops);
    }

    public ManualTimeProvider Time { get; }

    public EventLoopGroup Loops { get; }

    public MqttBroker Broker { get; }

    public BrokerState State => Broker.State;

    public ClientSession Session(string id, int shard = 0) => new(State.Shards[shard], new ClientIdentity(id, null), ClientLimits.Of(State.Options));

    public static Subscription Subscribe(ClientSession session, string filter, QoS qos = QoS.AtMostOnce, uint identifier = 0)
    {
        var subscription = new Subscription(session, Utf8(filter), new SubscriptionOptions(qos), identifier);
        session.Subscriptions.Add(subscription);
        session.Shard.AddSubscription(subscription);
        return subscription;
    }

    public static void Unsubscribe(Subscription subscription)
    {
        subscription.Session.Subscriptions.Remove(subscription);
        subscription.Session.Shard.RemoveSubscription(subscription);
    }

    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static PublicationView Message(string topic, string payload = "x", long expiresAt = PublicationView.Never) => new()
    {
        Topic = Utf8(topic),
        Payload = Utf8(payload),
        Retain = true,
        ExpiresAt = expiresAt,
    };
}
