// Random subscribing, publishing, coming and going, compared with the plainest possible model: whoever has a matching filter gets the
// message once, with the QoS of its best filter; retained messages are a table of topics.
using System.Text;
using Godwit.Protocol.Topics;

namespace Godwit.Conformance.Tests.Mqtt311;

public class RoutingModelTests
{
    private static readonly string[] Levels = ["a", "b", "", "$x"];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    [InlineData(3, 4)]
    [InlineData(3, 5)]
    [InlineData(5, 6)]
    [Statement("MQTT-3.3.2-3", "3.1.1")]
    [Statement("MQTT-3.3.5-1", "3.1.1")]
    [Statement("MQTT-4.5.0-1", "3.1.1")]
    public void RandomTraffic_GoesWhereTheModelSays(int loops, int seed)
    {
        var random = new Random(seed);
        using var broker = new TestBroker(loops);
        var retained = new Dictionary<string, (string Payload, QoS QoS)>();
        Peer[] peers = [.. Enumerable.Range(0, 6).Select(i => new Peer(broker, broker.ClientId($"peer {i}", i)))];
        for (int step = 0; step < 600; step++)
        {
            Peer peer = peers[random.Next(peers.Length)];
            switch (random.Next(10))
            {
                case 0 or 1:
                    peer.Subscribe(Filter(random), (QoS)random.Next(3), retained);
                    break;
                case 2:
                    peer.Unsubscribe(random.Next(2) == 0 && peer.Filters.Count > 0 ? peer.Filters.Keys.First() : Filter(random));
                    break;
                case 3:
                    peer.Reconnect(isClean: random.Next(4) == 0);
                    break;
                default:
                    Publish(peer, Topic(random), random.Next(8) == 0 ? "" : $"{step}", (QoS)random.Next(3), random.Next(3) == 0);
                    break;
            }
        }

        void Publish(Peer publisher, string topic, string payload, QoS qos, bool retain)
        {
            publisher.Publish(topic, payload, qos, retain);
            if (retain && payload.Length == 0) retained.Remove(topic);
            else if (retain) retained[topic] = (payload, qos);
            foreach (Peer peer in peers)
            {
                QoS[] granted = [.. peer.Filters.Where(f => Matches(f.Key, topic)).Select(f => f.Value)];
                string[] expected = granted.Length == 0 ? [] : [$"{topic}={payload} q{Math.Min((int)granted.Max(), (int)qos)}"];
                Assert.Equal(expected, peer.TakeMessages());
            }
        }
    }

    private static bool Matches(string filter, string topic) => TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic));

    private static string Topic(Random random)
    {
        string topic = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Levels[random.Next(Levels.Length)]));
        return topic.Length == 0 ? "/" : topic;
    }

    private static string Filter(Random random)
    {
        string[] levels = Topic(random).Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            if (random.Next(3) == 0) levels[i] = "+";
        }
        if (random.Next(3) == 0) levels[^1] = "#";
        return string.Join('/', levels);
    }

    private sealed class Peer
    {
        private readonly TestBroker _broker;
        private readonly string _id;
        private TestClient _client;

        public Peer(TestBroker broker, string id)
        {
            (_broker, _id) = (broker, id);
            _client = broker.Connect(id, cleanSession: false);
        }

        public SortedDictionary<string, QoS> Filters { get; } = new(StringComparer.Ordinal);

        public void Subscribe(string filter, QoS qos, Dictionary<string, (string Payload, QoS QoS)> retained)
        {
            _client.Subscribe(filter, qos);
            Filters[filter] = qos;
            string[] expected = [.. retained.Where(r => Matches(filter, r.Key)).Select(r => $"{r.Key}={r.Value.Payload} q{Math.Min((int)r.Value.QoS, (int)qos)} retain")];
            Assert.Equal(expected.Order(StringComparer.Ordinal), TakeMessages().Order(StringComparer.Ordinal));
        }

        public void Unsubscribe(string filter)
        {
            _client.Unsubscribe(filter);
            Filters.Remove(filter);
        }

        public void Reconnect(bool isClean)
        {
            _client.Reset();
            _client = _broker.Connect(_id, cleanSession: isClean, sessionPresent: !isClean);
            if (!isClean) return;
            Filters.Clear();
            _client = _broker.Connect(_id, cleanSession: false); // takes over, so that the session lasts from here on
        }

        public void Publish(string topic, string payload, QoS qos, bool retain)
        {
            _client.Publish(topic, payload, qos, (ushort)(qos == QoS.AtMostOnce ? 0 : 1), retain);
            if (qos == QoS.ExactlyOnce) _client.Pubrel(1);
        }

        /// <summary>The messages received, without identifiers; all of them are acknowledged.</summary>
        public string[] TakeMessages()
        {
            string[] publishes = [.. _client.Take().Where(text => text.StartsWith("PUBLISH", StringComparison.Ordinal))];
            foreach (string publish in publishes) Acknowledge(publish);
            return [.. publishes.Select(text => string.Join(' ', text["PUBLISH ".Length..].Split(' ').Where(word => word[0] != 'm')))];
        }

        private void Acknowledge(string publish)
        {
            if (publish.Split(' ').FirstOrDefault(word => word[0] == 'm') is not { } word) return;
            ushort id = ushort.Parse(word[1..]);
            if (publish.Contains(" q1 ", StringComparison.Ordinal))
            {
                _client.Puback(id);
                return;
            }
            _client.Pubrec(id);
            _client.Pubcomp(id);
            _client.ExpectPackets($"PUBREL m{id}");
        }
    }
}
