using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Scale;

/// <summary>A quiet client that publishes to itself at a fixed rate, by a socket; each message carries when it left.</summary>
internal sealed class LatencyProbe(EventLoop loop) : LoadClient(Wire.Connect("probe"))
{
    private const int PerSecond = 1000;

    private readonly byte[] _packet = Wire.Publish("$probe/time", new byte[8]);
    private readonly Lock _lock = new();
    private List<double> _latencies = [];
    private CallbackTimer? _timer;
    private long _next;

    /// <summary>Connects, and begins to measure.</summary>
    public static LatencyProbe Start(EventLoop loop, EndPoint broker)
    {
        var probe = new LatencyProbe(loop);
        loop.Connect(broker, probe);
        for (int i = 0; i < 10_000 && !probe.IsAccepted; i++) Thread.Sleep(1);
        if (!probe.IsAccepted) throw new TimeoutException("The broker does not answer.");
        probe.Begin();
        return probe;
    }

    /// <summary>What has been measured since the last time, in microseconds.</summary>
    public List<double> Reset()
    {
        lock (_lock)
        {
            List<double> latencies = _latencies;
            _latencies = [];
            return latencies;
        }
    }

    /// <summary>Reports what has been measured since the last time.</summary>
    public void Report(Report report, string when)
    {
        List<double> latencies = Reset();
        latencies.Sort();
        if (latencies.Count == 0) return;
        foreach ((string name, double part) in new[] { ("median", 0.5), ("99 %", 0.99), ("99.9 %", 0.999) })
            report.Add($"latency of {PerSecond:N0} messages/s of others {when}: {name}", latencies[(int)(part * (latencies.Count - 1))], "us");
        report.Add($"latency of {PerSecond:N0} messages/s of others {when}: worst of {latencies.Count:N0}", latencies[^1], "us");
    }

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (frame.Type != PacketType.Publish) return;
        double latency = Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64BigEndian(packet[^8..])).TotalMicroseconds;
        lock (_lock) _latencies.Add(latency);
    }

    private void Begin() => loop.Post(() =>
    {
        Transport!.Write(Wire.Subscribe(1, "$probe/time"));
        _next = Stopwatch.GetTimestamp();
        _timer = new CallbackTimer(_ => Tick());
        Tick();
    });

    private void Tick()
    {
        long now = Stopwatch.GetTimestamp();
        if (now - _next > Stopwatch.Frequency) _next = now;
        for (; _next <= now; _next += Stopwatch.Frequency / PerSecond)
        {
            BinaryPrimitives.WriteInt64BigEndian(_packet.AsSpan()[^8..], now);
            Transport!.Write(_packet);
        }
        loop.Schedule(_timer!, loop.Now + 1);
    }
}
