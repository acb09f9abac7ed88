using System.Diagnostics;
using System.Net;
using Godwit.Broker;
using Godwit.Protocol;
using Godwit.Security.Access;
using Godwit.Transport;

namespace Godwit.Scale.Subjects;

/// <summary>Other rules for very many connected clients, each of which is asked about again; how long that takes, and what others notice. Real loops.</summary>
internal static class ReloadScale
{
    private const int Reloads = 6, Batch = 1000;

    public static void Run(Settings settings, Report report)
    {
        int count = settings.Count ?? 100_000;
        string rules = Path.GetTempFileName();
        var clients = new EventLoopGroup(new EventLoopGroupOptions { Count = 2 }); // the probe has one for itself
        MqttBroker? broker = null;
        try
        {
            BrokerOptions options = new()
            {
                Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
                SysInterval = TimeSpan.Zero,
                Authorizer = Rules(rules, "device/${clientid}/#"),
            };
            broker = MqttBroker.StartAsync(options).GetAwaiter().GetResult();
            options = options with { Listeners = [new ListenerOptions(broker.EndPoints[0])] };
            clients.Start();
            Fill(broker, clients.Loops[1], count);
            report.Add("clients connected, two subscriptions each", broker.Statistics.ClientsConnected, "");

            var probe = LatencyProbe.Start(clients.Loops[0], broker.EndPoints[0]);
            Thread.Sleep(1000);
            probe.Reset();
            Thread.Sleep(3000);
            probe.Report(report, "before");
            List<double> took = [];
            TimeSpan paused = GC.GetTotalPauseDuration();
            for (int i = 0; i < Reloads; i++)
            {
                long started = Stopwatch.GetTimestamp();
                bool isLast = i == Reloads - 1;
                ReloadReport done = broker.ReloadAsync(options with { Authorizer = Rules(rules, isLast ? "device/${clientid}/commands" : "device/${clientid}/#") }).GetAwaiter().GetResult();
                took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                if (isLast) report.Add("subscriptions taken away by the last of them, which half are not allowed by", done.Unsubscribed, "");
                Thread.Sleep(200);
            }
            report.Add("reloads that change the rules, everybody asked about: the fastest", took.Min(), "ms");
            report.Add("the slowest", took.Max(), "ms");
            report.Add("garbage collection in all of them", (GC.GetTotalPauseDuration() - paused).TotalMilliseconds, "ms");
            probe.Report(report, "during them");
        }
        finally
        {
            broker?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            clients.DisposeAsync().AsTask().GetAwaiter().GetResult();
            File.Delete(rules);
        }
    }

    private static PolicyAuthorizer Rules(string path, string pattern)
    {
        File.WriteAllText(path, $"everybody: {{rules: [{{allow: [publish, subscribe], topic: $probe/#}}, {{allow: subscribe, topic: '{pattern}'}}]}}\n");
        return PolicyAuthorizer.FromPolicyFile(path);
    }

    private static void Fill(MqttBroker broker, EventLoop loop, int count)
    {
        var clients = new Device[count];
        for (int i = 0; i < count; i++)
        {
            clients[i] = new Device($"device-{i:D7}");
            broker.ConnectInProcess(loop, clients[i]);
            if (i % Batch == Batch - 1) Await(clients[i]);
        }
        Array.ForEach(clients, Await);
    }

    private static void Await(Device client)
    {
        for (int i = 0; i < 10_000 && !client.IsReady; i++) Thread.Sleep(1);
        if (!client.IsReady) throw new TimeoutException("The broker does not answer.");
    }

    private sealed class Device(string id) : LoadClient(Wire.Connect(id))
    {
        public bool IsReady { get; private set; }

        protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
        {
            if (frame.Type == PacketType.Connack)
            {
                Transport!.Write(Wire.Subscribe(1, $"device/{id}/commands"));
                Transport.Write(Wire.Subscribe(2, $"device/{id}/updates"));
            }
            if (frame.Type == PacketType.Suback && packet[3] == 2) IsReady = true;
        }
    }
}
