// Brokers to measure: the real one, and one that does what a test tells it to.
using System.Net;
using Godwit.Broker;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Bench.Tests;

internal static class Brokers
{
    /// <summary>A broker with two loops on a free port of the loopback interface.</summary>
    public static Task<MqttBroker> StartAsync(BrokerOptions? options = null) =>
        MqttBroker.StartAsync((options ?? new BrokerOptions()) with { Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))], Loops = 2 });

    /// <summary>Options for a short run: no warm-up, little patience.</summary>
    public static BenchOptions Run(ScenarioKind scenario, int port) => new()
    {
        Scenario = scenario,
        Host = "127.0.0.1",
        Port = port,
        WarmUp = TimeSpan.Zero,
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>A figure of a report.</summary>
    public static double Figure(this BenchReport report, string section, string key) =>
        report.Sections.Single(candidate => candidate.Key == section).Figures.Single(figure => figure.Key == key).Value;
}

/// <summary>Relays QoS 0 messages to all subscribers through what the test makes of them.</summary>
internal sealed class FaultyBroker : IAsyncDisposable
{
    private readonly EventLoopGroup _group = new(new EventLoopGroupOptions { Count = 1 });
    private readonly Listener _listener;
    private readonly List<TransportConnection> _subscribers = [];
    private int _connects, _messages;

    public FaultyBroker()
    {
        _listener = _group.Listen(new IPEndPoint(IPAddress.Loopback, 0), () => new Peer(this));
        _group.Start();
    }

    public int Port => _listener.Port;

    /// <summary>The CONNACK code of the n-th connection; null: none at all.</summary>
    public Func<int, byte?> Connack { get; init; } = _ => 0;

    /// <summary>What becomes of the n-th message.</summary>
    public Func<int, byte[], IEnumerable<byte[]>> Relay { get; init; } = (_, packet) => [packet];

    /// <summary>Whether to cut off a publisher after the n-th message.</summary>
    public Func<int, bool> Cuts { get; init; } = _ => false;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private sealed class Peer(FaultyBroker broker) : IConnectionHandler
    {
        public void OnOpened(TransportConnection connection)
        {
        }

        public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
        {
            int consumed = 0;
            while (PacketFrame.Read(input[consumed..], ProtocolVersion.V311, 100_000, out PacketFrame frame, out _) == FrameStatus.Complete)
            {
                Answer(connection, frame, input.Slice(consumed, frame.Length));
                consumed += frame.Length;
            }
            return consumed;
        }

        public void OnOutputDrained(TransportConnection connection)
        {
        }

        public void OnMoved(TransportConnection connection)
        {
        }

        public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error) => broker._subscribers.Remove(connection);

        private void Answer(TransportConnection connection, in PacketFrame frame, ReadOnlySpan<byte> packet)
        {
            switch (frame.Type)
            {
                case PacketType.Connect:
                    if (broker.Connack(broker._connects++) is { } code) connection.Write([0x20, 2, 0, code]);
                    break;
                case PacketType.Subscribe:
                    broker._subscribers.Add(connection);
                    connection.Write([0x90, 3, packet[2], packet[3], packet[^1]]);
                    break;
                case PacketType.Publish:
                    int number = broker._messages++;
                    foreach (byte[] relayed in broker.Relay(number, packet.ToArray()))
                        foreach (TransportConnection subscriber in broker._subscribers) subscriber.Write(relayed);
                    if (broker.Cuts(number)) connection.Abort();
                    break;
            }
        }
    }
}
