using System.Text;
using BenchmarkDotNet.Attributes;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Godwit.Benchmarks;

/// <summary>Finding the subscribers of a topic among many filters: in the index, in the loop's cache, by the connection's last route.</summary>
[MemoryDiagnoser]
public class RoutingBenchmarks
{
    private readonly List<FilterEntry> _matches = [];
    private readonly byte[] _topic = Encoding.UTF8.GetBytes("plant/line7/sensor42/temperature");
    private readonly byte[] _exactTopic = Encoding.UTF8.GetBytes("office/door");
    private readonly byte[] _unknownTopic = Encoding.UTF8.GetBytes("plant/line7/sensor43/humidity/raw");
    private SubscriptionIndex _index = null!;
    private RouteCache _cache = null!;
    private Route? _last;

    /// <summary>Filters, a tenth of them with wildcards.</summary>
    [Params(1_000, 100_000)]
    public int Filters { get; set; }

    /// <summary>Fills the index.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var broker = new MqttBroker(new BrokerOptions { Listeners = [] }, NullLoggerFactory.Instance, EventLoopGroup.Manual(TimeProvider.System));
        Shard shard = broker.State.Shards[0];
        var session = new ClientSession(shard, new ClientIdentity("bench", null), ClientLimits.Of(shard.Options));
        for (int i = 0; i < Filters; i++) Add(i % 10 == 0 ? $"plant/line{i % 97}/+/kind{i}" : $"plant/line{i % 97}/sensor{i}/kind");
        foreach (string filter in new[] { "plant/line7/sensor42/temperature", "plant/+/sensor42/#", "plant/line7/#", "+/+/+/temperature", "office/door" }) Add(filter);
        _index = broker.State.Subscriptions;
        _cache = new RouteCache(_index, 0);

        void Add(string filter) => shard.AddSubscription(new Subscription(session, Encoding.UTF8.GetBytes(filter), new SubscriptionOptions(QoS.AtMostOnce), 0));
    }

    /// <summary>A topic seen for the first time: one exact filter and three with wildcards match.</summary>
    [Benchmark]
    public int MatchFour() => Match(_topic);

    /// <summary>The same, and one exact filter matches.</summary>
    [Benchmark]
    public int MatchExact() => Match(_exactTopic);

    /// <summary>The same, and one filter with a wildcard matches.</summary>
    [Benchmark]
    public int MatchWildcard() => Match(_unknownTopic);

    /// <summary>A topic that another publisher of the loop has used.</summary>
    [Benchmark]
    public int Cached() => _cache.Find(_topic).Local.Length;

    /// <summary>The topic that this publisher used last.</summary>
    [Benchmark]
    public int Last() => _cache.Find(_topic, ref _last).Local.Length;

    private int Match(byte[] topic)
    {
        _matches.Clear();
        _index.Match(topic, _matches);
        return _matches.Count;
    }
}
