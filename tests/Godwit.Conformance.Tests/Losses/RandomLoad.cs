// Clients that do everything which makes a broker lose messages: they stop reading, do not acknowledge, refuse, go away, come back, take
// over, let their sessions expire, and allow small packets only, while others publish. What should come of each message is counted when
// it is published, what has come of it when a client has it.
using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Hooks;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;
using Godwit.Protocol.Topics;
using Godwit.Session;

namespace Godwit.Conformance.Tests.Losses;

internal sealed class RandomLoad : IDisposable
{
    private static readonly string[] Topics = ["a", "b", "a/b", "a/b/c", "b/c", RefusingClients.Topic, HookedAway.Topic];
    private static readonly string[] Filters = ["a", "a/#", "+/b", "#", "b/+", "$share/g/a/#", "$share/g/#", "$share/h/a/#"];

    private readonly Random _random;
    private readonly TestBroker _broker;
    private readonly Peer[] _peers;
    private readonly string _payload = new('x', 300);

    public RandomLoad(int seed)
    {
        var random = _random = new Random(seed);
        int messages = random.Next(2, 9), bytes = random.Next(1000, 4000);
        _broker = new TestBroker(1 + seed % 3, options => options with
        {
            MaximumQueuedMessages = messages,
            MaximumStoredMessages = messages,
            MaximumQueuedBytes = bytes,
            MaximumStoredBytes = bytes,
            OverflowPolicy = (OverflowPolicy)random.Next(2),
            QueueQoS0Messages = random.Next(3) == 0,
            MaximumInflight = random.Next(1, 6),
            MaximumInflightBytes = random.Next(1000, 4000),
            OutputLimit = 1500,
            MaximumOfflineSessions = random.Next(2) == 0 ? random.Next(1, 5) : 100,
            MaximumLossEntries = random.Next(2) == 0 ? 16 : 1000,
            Authorizer = new RefusingClients(),
            MessageHooks = random.Next(2) == 0 ? [new HookedAway()] : [],
        });
        _peers = [.. Enumerable.Range(0, 8).Select(i => new Peer(_broker, random, _broker.ClientId($"peer{i}-", i)))];
    }

    /// <summary>Messages, once for each session and shared subscription that matched when they were published.</summary>
    public long Expected { get; private set; }

    /// <summary>What clients have: at QoS 0 what they have read, otherwise what they have acknowledged.</summary>
    public long Delivered => _peers.Sum(peer => peer.Delivered);

    /// <summary>Publishes that the broker has refused.</summary>
    public long Refused { get; private set; }

    /// <summary>What waits in queues, or is sent and not acknowledged.</summary>
    public long Held
    {
        get
        {
            ClientSession[] sessions = [.. _broker.Broker.State.Shards.SelectMany(shard => shard.Sessions)];
            long held = sessions.SelectMany(s => s.Subscriptions).Select(s => s.Member?.Group).OfType<Broker.Routing.SharedGroup>().Distinct().Sum(g => g.WaitingMessages);
            foreach (ClientSession session in sessions)
            {
                held += session.QueuedMessages;
                foreach (InFlightMessage<Delivery> entry in session.Deliveries.Outbound) held += entry.IsPubrel ? 0 : 1;
            }
            return held;
        }
    }

    /// <summary>What the store has, if there is one, for clients that have not acknowledged it.</summary>
    public long Stored => (_broker.Store as MemoryStore)?.Unacknowledged ?? 0;

    public Broker.Telemetry.BrokerStatistics Statistics => _broker.Statistics;

    public void Step()
    {
        Peer peer = _peers[_random.Next(_peers.Length)];
        switch (_random.Next(20))
        {
            case < 9:
                if (peer.IsReading) Publish(peer);
                break;
            case < 12:
                if (peer.IsConnected) peer.Subscribe(Filters[_random.Next(Filters.Length)]);
                break;
            case 12:
                if (peer.IsConnected) peer.Pause();
                break;
            case 13:
                if (peer.IsConnected) peer.Resume();
                break;
            case 14:
                if (peer.IsConnected) Leave(peer);
                break;
            case < 18:
                Connect(peer);
                break;
            case 18:
                _broker.Advance(TimeSpan.FromSeconds(_random.Next(1, 5)));
                break;
            default:
                if (peer.IsReading) peer.Unsubscribe();
                break;
        }
        foreach (Peer each in _peers) each.Settle();
    }

    /// <summary>All clients read on: what is on the wire at QoS 0 is neither here nor there.</summary>
    public void ReadAll()
    {
        foreach (Peer peer in _peers.Where(peer => peer.IsConnected)) peer.Resume();
        foreach (Peer peer in _peers) peer.Settle();
    }

    /// <summary>All clients say goodbye, and the broker stops: nothing waits any more.</summary>
    public async Task StopAsync()
    {
        foreach (Peer peer in _peers.Where(peer => peer.IsConnected)) peer.Disconnect();
        await _broker.Broker.StopAsync();
    }

    public async Task<IReadOnlyList<Loss>> ListLossesAsync()
    {
        Task<IReadOnlyList<Loss>> losses = _broker.Broker.ListLossesAsync();
        _broker.Run();
        return await losses;
    }

    public void Dispose() => _broker.Dispose();

    private void Publish(Peer peer)
    {
        for (int i = _random.Next(1, 9); i > 0; i--)
        {
            string topic = Topics[_random.Next(Topics.Length)];
            var qos = (QoS)_random.Next(3);
            peer.Publish(topic, _payload[.._random.Next(_payload.Length)], qos);
            Count(peer, topic, qos);
        }
        _broker.Run();
    }

    private void Leave(Peer peer)
    {
        if (_random.Next(2) == 0)
        {
            peer.Disconnect();
            return;
        }
        if (peer.MayHaveUnreadQoS0) peer.Resume(); // what is lost on the wire at QoS 0 nobody can count
        CountWill(peer);
        peer.Reset();
    }

    private void Connect(Peer peer)
    {
        if (peer.IsConnected) CountWill(peer);
        peer.Connect();
    }

    private void CountWill(Peer peer)
    {
        if (peer.Will is { } will) Count(peer, will.Topic, will.QoS);
    }

    private void Count(Peer publisher, string topic, QoS qos)
    {
        if (topic == RefusingClients.Topic)
        {
            Refused++;
            return;
        }
        HashSet<string> groups = [];
        foreach (Peer peer in _peers)
        {
            peer.ForgetEndedSession();
            bool matches = false;
            foreach ((string filter, (QoS granted, bool noLocal)) in peer.Filters)
            {
                bool isShared = TopicFilter.TrySplitShared(Encoding.UTF8.GetBytes(filter), out _, out ReadOnlySpan<byte> inner);
                if (!TopicFilter.Matches(isShared ? inner : Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic))) continue;
                if (noLocal && peer == publisher) continue;
                if (isShared) groups.Add(filter);
                else matches = true;
                if (qos == QoS.AtMostOnce || granted == QoS.AtMostOnce) peer.MayHaveUnreadQoS0 = true;
            }
            if (matches) Expected++;
        }
        Expected += groups.Count;
    }

    private sealed class RefusingClients : IAuthorizer
    {
        public const string Topic = "forbidden";

        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => !topic.SequenceEqual("forbidden"u8);

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => true;
    }

    private sealed class HookedAway : IMessageHook
    {
        public const string Topic = "hooked";

        public ReasonCode OnMessageIn(in HookedMessage message) => ReasonCode.Success;

        public bool OnMessageOut(in HookedMessage message) => !message.Topic.SequenceEqual("hooked"u8);
    }
}
