using System.Diagnostics;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Scale.Subjects;

/// <summary>
/// Subscriptions of sessions with a thousand each, a tenth of them with wildcards; matching cost by their number and by the topic's depth.
/// </summary>
internal static class SubscriptionScale
{
    private const int PerSession = 1000, Lines = 97;

    public static void Run(Settings settings, Report report)
    {
        int count = settings.Count ?? 1_000_000;
        for (int smaller = 1000; smaller < count; smaller *= 10) Measure(smaller, report, detailed: false);
        Measure(count, report, detailed: true);
    }

    private static void Measure(int count, Report report, bool detailed)
    {
        using var broker = new InMemoryBroker();
        var sessions = new ClientSession[Math.Max(1, count / PerSession)];
        for (int i = 0; i < sessions.Length; i++) sessions[i] = new ClientSession(broker.Shard, new ClientIdentity($"client-{i}", null), ClientLimits.Of(broker.Shard.Options));
        long before = Memory.Live();
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            ClientSession session = sessions[i % sessions.Length];
            var subscription = new Subscription(session, Encoding.UTF8.GetBytes(FilterOf(i)), new SubscriptionOptions(QoS.AtLeastOnce), 0);
            session.Subscriptions.Add(subscription);
            broker.Shard.AddSubscription(subscription);
        }
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long live = Memory.Live() - before;

        byte[][] topics = [.. Enumerable.Range(0, 20_000).Select(i => Encoding.UTF8.GetBytes(TopicOf((int)(i * 7919L % count))))];
        double match = MatchNanoseconds(broker.State.Subscriptions, topics, out double matches);
        report.Add($"matching a topic of 4 levels among {count:N0} subscriptions (finds {matches:N2})", match, "ns");
        if (!detailed) return;
        report.Add($"live bytes of a subscription, among {count:N0}, a tenth with wildcards, {PerSession:N0} a session", (double)live / count, "bytes");
        report.Add("adding one to the session and to the index", seconds * 1e6 / count, "us");
        for (int levels = 1; levels <= 32; levels *= 2)
        {
            string tail = string.Concat(Enumerable.Repeat("/level", levels - 1));
            byte[][] deep = [.. Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes($"other{i}{tail}"))];
            var subscription = new Subscription(sessions[0], Encoding.UTF8.GetBytes($"+{tail}"), new SubscriptionOptions(QoS.AtLeastOnce), 0);
            broker.Shard.AddSubscription(subscription);
            report.Add($"matching a topic of {levels} levels, the whole depth is walked", MatchNanoseconds(broker.State.Subscriptions, deep, out _), "ns");
            broker.Shard.RemoveSubscription(subscription);
        }
        started = Stopwatch.GetTimestamp();
        foreach (ClientSession session in sessions) session.End(DropReason.SessionEnded);
        report.Add("removing one, when its session ends", Stopwatch.GetElapsedTime(started).TotalSeconds * 1e6 / count, "us");
    }

    private static string FilterOf(int i) => i % 10 == 0 ? $"plant/line{i % Lines}/+/kind{i}" : $"plant/line{i % Lines}/sensor{i}/kind";

    private static string TopicOf(int i) => i % 10 == 0 ? $"plant/line{i % Lines}/any/kind{i}" : $"plant/line{i % Lines}/sensor{i}/kind";

    private static double MatchNanoseconds(SubscriptionIndex index, byte[][] topics, out double found)
    {
        var matches = new List<FilterEntry>();
        double best = double.MaxValue;
        long total = 0;
        for (int round = 0; round < 30; round++)
        {
            total = 0;
            long started = Stopwatch.GetTimestamp();
            foreach (byte[] topic in topics)
            {
                matches.Clear();
                index.Match(topic, matches);
                total += matches.Count;
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds / topics.Length);
        }
        found = (double)total / topics.Length;
        return best;
    }
}
