using System.Diagnostics;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Scale.Subjects;

/// <summary>
/// 1,000 subscribe and 1,000 unsubscribe a second on filters that concern nobody, while 100 pairs exchange messages: the broker's CPU for
/// a message in phases with and without, in turn.
/// </summary>
internal static class ChurnScale
{
    private const int Pairs = 100, Window = 16, ChangesPerSecond = 1000, Phases = 5, PhaseMilliseconds = 2000;

    public static void Run(Settings settings, Report report)
    {
        using var broker = new BrokerProcess(settings.GodwitProgram);
        var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });
        loops.Start();
        EventLoop loop = loops.Loops[0];
        try
        {
            var pairs = new Pair[Pairs];
            for (int i = 0; i < Pairs; i++)
            {
                pairs[i] = new Pair(i);
                loop.Connect(broker.EndPoint, pairs[i]);
            }
            var churner = new Churner(loop, settings.Count ?? ChangesPerSecond);
            loop.Connect(broker.EndPoint, churner);
            Await(() => churner.IsAccepted && pairs.All(pair => pair.IsAccepted));
            Thread.Sleep(3000); // warm up

            List<double> quiet = [], churning = [];
            long changes = 0;
            for (int phase = 0; phase < 2 * Phases; phase++)
            {
                bool isChurning = phase % 2 == 1;
                loop.Post(() => churner.IsActive = isChurning);
                Thread.Sleep(200);
                long cpu = broker.CpuNanoseconds, messages = pairs.Sum(pair => pair.Received);
                Thread.Sleep(PhaseMilliseconds);
                double each = (broker.CpuNanoseconds - cpu) / 1e3 / (pairs.Sum(pair => pair.Received) - messages);
                (isChurning ? churning : quiet).Add(each);
                changes = churner.Changes;
            }
            report.Add($"subscribe and unsubscribe with churn, each ({Pairs} pairs, window {Window}, QoS 0)", changes / (Phases * (PhaseMilliseconds + 200) / 1e3), "/s");
            report.Add("the broker's CPU for a message without churn, median of the phases", Median(quiet), "us");
            report.Add("the broker's CPU for a message with churn, the churn's own included", Median(churning), "us");
            report.Add("churn costs publishers", 100 * (Median(churning) / Median(quiet) - 1), "%");
        }
        finally
        {
            loops.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Await(Func<bool> condition)
    {
        for (int i = 0; i < 10_000 && !condition(); i++) Thread.Sleep(1);
        if (!condition()) throw new TimeoutException("The broker does not answer.");
    }

    /// <summary>Publisher and subscriber of one topic in one client, with a window of messages under way.</summary>
    private sealed class Pair(int index) : LoadClient(Wire.Connect($"pair-{index}"))
    {
        private readonly byte[] _message = Wire.Publish($"bench/pairs/device{index}/data", new byte[64]);
        private long _received;

        public long Received => Volatile.Read(ref _received);

        protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
        {
            switch (frame.Type)
            {
                case PacketType.Connack:
                    Transport!.Write(Wire.Subscribe(1, $"bench/pairs/device{index}/data"));
                    break;
                case PacketType.Suback:
                    for (int i = 0; i < Window; i++) Transport!.Write(_message);
                    break;
                case PacketType.Publish:
                    Volatile.Write(ref _received, _received + 1);
                    Transport!.Write(_message);
                    break;
            }
        }
    }

    private sealed class Churner(EventLoop loop, int changesPerSecond) : LoadClient(Wire.Connect("churner"))
    {
        private CallbackTimer? _timer;
        private long _started, _changes;
        private int _filter;
        private bool _isActive;

        public long Changes => Volatile.Read(ref _changes);

        public bool IsActive
        {
            get => _isActive;
            set
            {
                _isActive = value;
                if (!value) return;
                _started = loop.Now;
                _timer ??= new CallbackTimer(_ => Tick());
                _filter = 0;
                Tick();
            }
        }

        private void Tick()
        {
            if (!_isActive) return;
            for (long due = (loop.Now - _started) * changesPerSecond / 1000; _filter < due; _filter++)
            {
                // Every third one with a wildcard behind two levels, as devices' filters usually are.
                string filter = $"churn/device{_filter % 5000}/{(_filter % 3 == 0 ? "+" : "data")}/{_filter}";
                Transport!.Write(Wire.Subscribe(1, filter));
                Transport!.Write(Wire.Unsubscribe(2, filter));
                Volatile.Write(ref _changes, _changes + 1);
            }
            loop.Schedule(_timer!, loop.Now + 1);
        }
    }
}
