using System.Diagnostics;
using System.Net;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Scale.Subjects;

/// <summary>Connections that only ping, over real sockets from several loopback addresses, against a fresh broker with default settings.</summary>
internal static class ConnectionScale
{
    private const int AtOnce = 200, Sources = 4;

    private static readonly int[] Waits = [0, 5, 15, 30];

    public static void Run(Settings settings, Report report)
    {
        int count = settings.Count ?? 18_000;
        using var broker = new BrokerProcess(settings.GodwitProgram);
        var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });
        loops.Start();
        try
        {
            Thread.Sleep(2000);
            long resident = broker.ResidentBytes, cpu = broker.CpuNanoseconds, slab = Memory.KernelSlab();
            long started = Stopwatch.GetTimestamp();
            var opener = new Opener(loops.Loops[0], broker.EndPoint, count);
            loops.Loops[0].Post(opener.Begin);
            while (opener.Accepted + opener.Failed < count && Stopwatch.GetElapsedTime(started).TotalSeconds < 60) Thread.Sleep(1);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            report.Add($"connections from {Sources} addresses ({opener.Failed:N0} failed)", opener.Accepted, "");
            report.Add($"connects, {AtOnce} under way at a time", opener.Accepted / seconds, "/s");
            report.Add("the broker's CPU for a connect", (broker.CpuNanoseconds - cpu) / 1e3 / count, "us");
            report.Add("resident bytes of the broker before", resident, "bytes");
            int waited = 0;
            foreach (int wait in Waits)
            {
                Thread.Sleep((wait - waited) * 1000);
                waited = wait;
                report.Add($"resident bytes of a connection after {wait} seconds", (double)(broker.ResidentBytes - resident) / count, "bytes");
            }
            double each = (double)(broker.ResidentBytes - resident) / count, kernel = (Memory.KernelSlab() - slab) / 2.0 / count;
            cpu = broker.CpuNanoseconds;
            Thread.Sleep(5000);
            report.Add("idle CPU", (broker.CpuNanoseconds - cpu) / 5e7, "% of a core");
            report.Add("connections alive at the end", opener.Alive, "");
            report.Add("kernel tables for a connection, half of what both ends take", kernel, "bytes");
            report.Add("computed for 1,000,000 such connections: the broker", (resident + 1e6 * each) / 1e9, "GB");
            report.Add("computed for 1,000,000 such connections: the kernel", 1e6 * kernel / 1e9, "GB");
        }
        finally
        {
            loops.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Opens connections, a limited number at a time.</summary>
    private sealed class Opener(EventLoop loop, IPEndPoint broker, int count)
    {
        private readonly List<Idler> _all = [];
        private int _accepted, _failed;

        public int Accepted => Volatile.Read(ref _accepted);

        public int Failed => Volatile.Read(ref _failed);

        public int Alive => _all.Count(idler => idler is { IsAccepted: true, HasEnded: false });

        public void Begin()
        {
            for (int i = 0; i < AtOnce; i++) OpenNext();
        }

        private void OpenNext()
        {
            if (_all.Count == count) return;
            var idler = new Idler(this, $"idle-{_all.Count:D7}");
            var source = new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + _all.Count % Sources)]), 0);
            _all.Add(idler);
            loop.Connect(broker, idler, new ConnectOptions { LocalEndPoint = source });
        }

        private sealed class Idler(Opener opener, string clientId) : LoadClient(Wire.Connect(clientId, keepAlive: 600))
        {
            protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
            {
                if (frame.Type != PacketType.Connack) return;
                Volatile.Write(ref opener._accepted, opener._accepted + 1);
                opener.OpenNext();
            }

            public override void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
            {
                base.OnClosed(connection, reason, error);
                if (IsAccepted) return;
                Volatile.Write(ref opener._failed, opener._failed + 1);
                opener.OpenNext();
            }
        }
    }
}
