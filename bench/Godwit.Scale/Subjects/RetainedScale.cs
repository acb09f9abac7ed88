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
    private const int PayloadBytes = 32;

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
            var probe = LatencyProbe.Start(clients.Loops[0], broker.EndPoints[0]);
            Thread.Sleep(1000);
            probe.Reset();
            Thread.Sleep(3000);
            probe.Report(report, "while nobody asks");

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
            probe.Report(report, "while it gets them");
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
