using System.Diagnostics;
using System.Net;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Scale.Subjects;

/// <summary>
/// Connects that come all at once. What the kernel cannot queue it drops, and the client's second try comes a second later: those are
/// counted as delayed.
/// </summary>
internal static class BurstScale
{
    private const int Bursts = 5, Sources = 4, Delayed = 900;

    public static void Run(Settings settings, Report report)
    {
        int count = settings.Count ?? 10_000;
        using var broker = new BrokerProcess(settings.GodwitProgram);
        var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });
        loops.Start();
        try
        {
            for (int burst = 1; burst <= Bursts; burst++) Measure(broker, loops.Loops[0], count, burst, report);
        }
        finally
        {
            loops.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static void Measure(BrokerProcess broker, EventLoop loop, int count, int burst, Report report)
    {
        long overflows = ListenOverflows(), cpu = broker.CpuNanoseconds;
        long started = Stopwatch.GetTimestamp();
        var clients = new Client[count];
        for (int i = 0; i < count; i++) clients[i] = new Client($"burst{burst}-{i:D6}");
        int done = 0, failed = 0;
        var all = new ManualResetEventSlim();
        loop.Post(() =>
        {
            for (int i = 0; i < count; i++)
            {
                clients[i].Done = isAccepted =>
                {
                    if (!isAccepted) failed++;
                    if (++done == count) all.Set();
                };
                clients[i].Started = Stopwatch.GetTimestamp();
                var source = new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + i % Sources)]), 0);
                loop.Connect(broker.EndPoint, clients[i], new ConnectOptions { LocalEndPoint = source });
            }
        });
        all.Wait(TimeSpan.FromSeconds(20));
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        double[] milliseconds = [.. clients.Where(c => c.IsAccepted).Select(c => c.Milliseconds).Order()];
        string name = $"burst {burst} of {count:N0}";
        report.Add($"{name}: refused or never answered", count - milliseconds.Length, "");
        report.Add($"{name}: delayed, CONNACK after more than {Delayed} ms", milliseconds.Count(ms => ms > Delayed), "");
        report.Add($"{name}: dropped by the kernel, its queue being full", ListenOverflows() - overflows, "");
        report.Add($"{name}: median from the burst's begin to CONNACK", milliseconds.Length == 0 ? 0 : milliseconds[milliseconds.Length / 2], "ms");
        report.Add($"{name}: slowest", milliseconds.LastOrDefault(), "ms");
        report.Add($"{name}: rate", milliseconds.Length / took.TotalSeconds, "/s");
        report.Add($"{name}: the broker's CPU for a connect", (broker.CpuNanoseconds - cpu) / 1e3 / count, "us");
        loop.Post(() =>
        {
            foreach (Client client in clients) client.Transport?.Abort();
        });
        Thread.Sleep(2000);
    }

    // TcpExt's counter of connections dropped because a listening socket's queue was full.
    private static long ListenOverflows()
    {
        string[] lines = [.. File.ReadLines("/proc/net/netstat").Where(line => line.StartsWith("TcpExt:", StringComparison.Ordinal))];
        int column = Array.IndexOf(lines[0].Split(' '), "ListenOverflows");
        return long.Parse(lines[1].Split(' ')[column]);
    }

    private sealed class Client(string clientId) : LoadClient(Wire.Connect(clientId))
    {
        public Action<bool>? Done { get; set; }

        public long Started { get; set; }

        public double Milliseconds { get; private set; }

        protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
        {
            Milliseconds = Stopwatch.GetElapsedTime(Started).TotalMilliseconds;
            Done?.Invoke(IsAccepted);
        }

        public override void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
        {
            base.OnClosed(connection, reason, error);
            if (!IsAccepted) Done?.Invoke(false);
        }
    }
}
