// Tells the log when memory becomes short and when it is over: what it is used for, and by whom. Each shard names its largest users; the one that
// comes last writes the line.
using System.Globalization;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Memory;

internal sealed class MemoryReport(BrokerState broker)
{
    private const int MostNamed = 3;

    /// <summary>Not more often for the same stage, however often it comes and goes.</summary>
    private const int Pause = 10_000;

    // Sessions of a shard that are looked at: below a millisecond.
    private const int MostSessions = 20_000;

    private readonly Lock _lock = new();
    private readonly long[] _toldAt = [long.MinValue / 2, long.MinValue / 2, long.MinValue / 2];

    /// <summary>A stage has begun. From any loop.</summary>
    public void OnStage(MemoryStage before, MemoryUse use)
    {
        Shard first = broker.Shards[0];
        long now = first.Loop.Now;
        lock (_lock)
        {
            if (now - _toldAt[(int)use.Stage] < Pause) return;
            _toldAt[(int)use.Stage] = now;
        }
        if (use.Stage < before) // nobody is to be named
        {
            if (use.Stage == MemoryStage.Normal) broker.Log.MemoryNormal(Megabytes(use.Used), Megabytes(use.Budget));
            return;
        }
        string kinds = string.Join(", ", use.Kinds.Where(k => k.Bytes > 0).OrderByDescending(k => k.Bytes).Take(MostNamed).Select(k => $"{k.Name} {Megabytes(k.Bytes)}"));
        List<(string Name, long Bytes)> users = [];
        int missing = broker.Shards.Length;
        foreach (Shard shard in broker.Shards)
        {
            shard.Loop.Post(() =>
            {
                (string Name, long Bytes)[] largest =
                [
                    .. shard.Sessions.Take(MostSessions).Select(s => (s.ClientId, Bytes: UsedBy(s))).Where(s => s.Bytes > 0).OrderByDescending(s => s.Bytes).Take(MostNamed),
                ];
                lock (users) users.AddRange(largest);
                if (Interlocked.Decrement(ref missing) == 0) Write(use, kinds, users);
            });
        }
    }

    /// <summary>Bytes that wait for a client, in queue, flight and output.</summary>
    public static long UsedBy(ClientSession session) => session.BytesInMemory + session.InFlightBytes + (session.Connection?.Transport.PendingOutput ?? 0);

    private void Write(MemoryUse use, string kinds, List<(string Name, long Bytes)> users)
    {
        string names = string.Join(", ", users.OrderByDescending(u => u.Bytes).Take(MostNamed).Select(u => $"{u.Name} {Megabytes(u.Bytes)}"));
        string by = names.Length > 0 ? $" Most waits for: {names}." : "";
        if (use.Stage == MemoryStage.Slow) broker.Log.MemorySlow(Megabytes(use.Used), Megabytes(use.Budget), kinds, by);
        else broker.Log.MemoryShed(Megabytes(use.Used), Megabytes(use.Budget), kinds, by);
    }

    private static string Megabytes(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture) + " MB";
}
