using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Text;
using Godwit.Broker;
using Godwit.Broker.Routing;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Scale.Subjects;

/// <summary>Retained messages: what one takes, and how a `#` subscriber that gets them all is noticed by others. Real loops and sockets.</summary>
internal static class RetainedScale
{
    private const int PayloadBytes = 32, ProbesPerSecond = 1000;

    public static void Run(Settings settings, Report report)
    {
        int count = settings.Count ?? 1_000_000;
        var options = new BrokerOptions { Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))], SysInterval = TimeSpan.Zero };
        MqttBroker broker = MqttBroker.StartAsync(options).GetAwaiter().GetResult();
        var clients = new EventLoopGroup(new EventLoopGroupOptions { Count = 2 }); // the probe has one for itself
        clients.Start();
        try
        {
            Fill(broker, count, report);
            var probe = new Probe(clients.Loops[0]);
            clients.Loops[0].Connect(broker.EndPoints[0], probe);
            Await(() => probe.IsAccepted);
            probe.Start();
            Thread.Sleep(1000);
            probe.Reset();
            Thread.Sleep(3000);
            Describe(report, "while nobody asks", probe.Reset());

            long heap = Memory.Live(), highest = heap; // stops everybody: not part of what follows
            Thread.Sleep(1000);
            probe.Reset();
            long started = Stopwatch.GetTimestamp();
            var everything = new Collector();
            clients.Loops[1].Connect(broker.EndPoints[0], everything);
            while (Volatile.Read(ref everything.Received) < count && Stopwatch.GetElapsedTime(started).TotalSeconds < 60)
            {
                highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: false));
                Thread.Sleep(1);
            }
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            report.Add($"a '#' subscriber has {Volatile.Read(ref everything.Received):N0} of them after", took.TotalMilliseconds, "ms");
            report.Add("heap growth meanwhile, garbage included", (highest - heap) / 1048576.0, "MiB");
            Describe(report, "while it gets them", probe.Reset());
        }
        finally
        {
            broker.DisposeAsync().AsTask().GetAwaiter().GetResult();
            clients.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static void Fill(MqttBroker broker, int count, Report report)
    {
        byte[] payload = new byte[PayloadBytes];
        long before = Memory.Live();
        long started = Stopwatch.GetTimestamp();
        int topicBytes = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] topic = Encoding.UTF8.GetBytes($"site{i % 100}/device{i}/state");
            topicBytes += topic.Length;
            var view = new PublicationView { Topic = topic, Payload = payload, Retain = true, ExpiresAt = PublicationView.Never };
            broker.State.Retained.Set(ref view, count, now: 0);
        }
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double live = (double)(Memory.Live() - before) / count;
        report.Add($"live bytes of a retained message, among {count:N0}, topic and payload included", live, "bytes");
        report.Add("of which topic and payload", (double)topicBytes / count + PayloadBytes, "bytes");
        report.Add("setting one", seconds * 1e6 / count, "us");
    }

    private static void Describe(Report report, string when, List<double> latencies)
    {
        latencies.Sort();
        if (latencies.Count == 0) return;
        foreach ((string name, double part) in new[] { ("median", 0.5), ("99 %", 0.99), ("99.9 %", 0.999) })
            report.Add($"latency of {ProbesPerSecond:N0} messages/s of others {when}: {name}", latencies[(int)(part * (latencies.Count - 1))], "us");
        report.Add($"latency of {ProbesPerSecond:N0} messages/s of others {when}: worst of {latencies.Count:N0}", latencies[^1], "us");
    }

    private static void Await(Func<bool> condition)
    {
        for (int i = 0; i < 10_000 && !condition(); i++) Thread.Sleep(1);
        if (!condition()) throw new TimeoutException("The broker does not answer.");
    }

    /// <summary>Publishes to itself at a fixed rate; each message carries when it should have left.</summary>
    private sealed class Probe(EventLoop loop) : LoadClient(Wire.Connect("probe"))
    {
        private readonly byte[] _packet = Wire.Publish("$probe/time", new byte[8]);
        private readonly Lock _lock = new();
        private List<double> _latencies = [];
        private CallbackTimer? _timer;
        private long _next;

        public void Start() => loop.Post(() =>
        {
            Transport!.Write(Wire.Subscribe(1, "$probe/time"));
            _next = Stopwatch.GetTimestamp();
            _timer = new CallbackTimer(_ => Tick());
            Tick();
        });

        public List<double> Reset()
        {
            lock (_lock)
            {
                List<double> latencies = _latencies;
                _latencies = [];
                return latencies;
            }
        }

        protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
        {
            if (frame.Type != PacketType.Publish) return;
            double latency = Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64BigEndian(packet[^8..])).TotalMicroseconds;
            lock (_lock) _latencies.Add(latency);
        }

        private void Tick()
        {
            long now = Stopwatch.GetTimestamp();
            if (now - _next > Stopwatch.Frequency) _next = now;
            for (; _next <= now; _next += Stopwatch.Frequency / ProbesPerSecond)
            {
                BinaryPrimitives.WriteInt64BigEndian(_packet.AsSpan()[^8..], now);
                Transport!.Write(_packet);
            }
            loop.Schedule(_timer!, loop.Now + 1);
        }
    }

    private sealed class Collector() : LoadClient(Wire.Connect("collector"))
    {
        public int Received;

        protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
        {
            if (frame.Type == PacketType.Connack) Transport!.Write(Wire.Subscribe(1, "#"));
            else if (frame.Type == PacketType.Publish) Volatile.Write(ref Received, Received + 1);
        }
    }
}
