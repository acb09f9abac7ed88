// Random sequences of everything that changes routes and sessions, compared with a model that fits on one page.
using Godwit.Protocol.Topics;

namespace Godwit.Conformance.Tests.Mqtt5;

public class RandomTrafficTests
{
    private static readonly string[] Levels = ["a", "b", "", "$c"];

    [Theory]
    [Statement("MQTT-4.5.0-1", "5.0")]
    [Statement("MQTT-3.8.4-3", "5.0")]
    [Statement("MQTT-3.10.4-2", "5.0")]
    [Statement("MQTT-4.7.1-1", "5.0")]
    [Statement("MQTT-4.7.1-2", "5.0")]
    [Statement("MQTT-4.7.2-1", "5.0")]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    [InlineData(3, 4)]
    public void PUBLISH_AmongRandomSubscriptions_ReachesExactlyThoseThatMatch(int loops, int seed)
    {
        var random = new Random(seed);
        using var broker = new TestBroker(loops);
        var peers = new Peer[6];
        for (int i = 0; i < peers.Length; i++) peers[i] = new Peer(broker, broker.ClientId($"c{i}-", i));
        for (int step = 0; step < 600; step++)
        {
            Peer peer = peers[random.Next(peers.Length)];
            switch (random.Next(10))
            {
                case < 3: peer.Subscribe(Filter(random), (QoS)random.Next(3), noLocal: random.Next(4) == 0); break;
                case 3: peer.Unsubscribe(random); break;
                case 4: peer.Reconnect(random.Next(5) == 0); break;
                default:
                    string topic = Topic(random);
                    var qos = (QoS)random.Next(3);
                    peer.Client.Publish(topic, $"{step}", qos, (ushort)(qos == QoS.AtMostOnce ? 0 : 1));
                    if (qos == QoS.ExactlyOnce) peer.Client.Pubrel(1);
                    foreach (Peer receiver in peers) receiver.ExpectAfterPublish(topic, $"{step}", qos, receiver == peer);
                    break;
            }
        }
    }

    private static string Topic(Random random)
    {
        string topic = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(i => Levels[random.Next(i == 0 ? 4 : 3)]));
        return topic.Length > 0 ? topic : "a";
    }

    private static string Filter(Random random)
    {
        string[] levels = [.. Topic(random).Split('/').Select(level => random.Next(3) == 0 ? "+" : level)];
        return random.Next(4) == 0 ? string.Join('/', [.. levels[..^1], "#"]) : string.Join('/', levels);
    }

    /// <summary>A client and what it ought to be subscribed to.</summary>
    private sealed class Peer(TestBroker broker, string id)
    {
        private readonly Dictionary<string, (QoS QoS, bool NoLocal)> _filters = [];

        public TestClient Client { get; private set; } = broker.Connect5(id, V5.Hour);

        public void Subscribe(string filter, QoS qos, bool noLocal)
        {
            Client.Subscribe(filter, qos, options: (byte)(noLocal ? 4 : 0));
            _filters[filter] = (qos, noLocal);
        }

        public void Unsubscribe(Random random)
        {
            if (_filters.Count == 0) return;
            string filter = _filters.Keys.ElementAt(random.Next(_filters.Count));
            Client.Unsubscribe(filter);
            _filters.Remove(filter);
        }

        public void Reconnect(bool cleanStart)
        {
            Client.Reset();
            if (cleanStart) _filters.Clear();
            Client = cleanStart ? broker.Connect5(id, V5.Hour) : broker.Resume5(id);
        }

        public void ExpectAfterPublish(string topic, string payload, QoS published, bool isPublisher)
        {
            byte[] name = Packets.Utf8(topic);
            QoS[] granted = [.. _filters
                .Where(f => TopicFilter.Matches(Packets.Utf8(f.Key), name) && !(isPublisher && f.Value.NoLocal)).Select(f => f.Value.QoS)];
            string[] messages = [.. Client.Take().Where(p => p.StartsWith("PUBLISH", StringComparison.Ordinal))];
            if (granted.Length == 0)
            {
                Assert.Empty(messages);
                return;
            }
            var qos = (QoS)Math.Min((int)published, (int)granted.Max());
            string message = Assert.Single(messages);
            Assert.StartsWith($"PUBLISH {topic}={payload} q{(int)qos}", message);
            if (qos == QoS.AtMostOnce) return;
            ushort packetId = ushort.Parse(message.Split(" m")[1]);
            if (qos == QoS.AtLeastOnce) Client.Puback(packetId);
            else
            {
                Client.Pubrec(packetId);
                Client.Pubcomp(packetId);
                Client.ExpectPackets($"PUBREL m{packetId}");
            }
        }
    }
}
