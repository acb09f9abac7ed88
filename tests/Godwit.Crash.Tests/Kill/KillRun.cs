// A broker under load that is killed again and again, at any moment: while it starts, while it loads its store, under full load. After the
// last time everything is drained, and what was promised is looked at.
using System.Diagnostics;
using System.Globalization;
using Godwit.Storage.Tools;

namespace Godwit.Crash.Tests.Kill;

internal sealed class KillRun : IAsyncDisposable
{
    private const int Publishers = 3, MostErrors = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly string _data = Directory.CreateTempSubdirectory("godwit-kill-").FullName;
    private readonly Random _random;
    private readonly CancellationTokenSource _over = new();
    private readonly List<string> _errors = [];
    private readonly LoadPublisher[] _publishers;
    private readonly LoadSubscriber[] _subscribers;
    private readonly Receipts[] _receipts;
    private readonly RetainedWatcher _watcher;
    private readonly List<Task> _clients = [];
    private BrokerProcess? _broker;
    private volatile BrokerLife _life = new();
    private volatile bool _isEnding;

    public KillRun(int seed)
    {
        _random = new Random(seed);
        _publishers = [.. Enumerable.Range(0, Publishers).Select(i => new LoadPublisher(this, i, i == 1 ? ProtocolVersion.V5 : ProtocolVersion.V311, _random.Next()))];
        Receipts all1 = new("all-1", QoS.AtLeastOnce), all2 = new("all-2", QoS.ExactlyOnce), one = new("one", QoS.ExactlyOnce, topic: 0);
        Receipts away = new("away", QoS.ExactlyOnce), shared = new("shared", QoS.ExactlyOnce, isShared: true);
        _receipts = [all1, all2, one, away, shared];
        _subscribers =
        [
            Subscriber("all-1", ProtocolVersion.V311, "load/+", all1, QoS.AtLeastOnce, 20),
            Subscriber("all-2", ProtocolVersion.V5, "load/+", all2, QoS.ExactlyOnce, 20),
            Subscriber("one", ProtocolVersion.V311, "load/0", one, QoS.ExactlyOnce, 100),
            Subscriber("away", ProtocolVersion.V311, "load/#", away, QoS.ExactlyOnce, 1000),
            Subscriber("shared-1", ProtocolVersion.V5, "$share/group/load/+", shared, QoS.ExactlyOnce, 20),
            Subscriber("shared-2", ProtocolVersion.V311, "$share/group/load/+", shared, QoS.ExactlyOnce, 20),
        ];
        _watcher = new RetainedWatcher(this, _publishers);
    }

    /// <summary>The broker that runs now, or is the next to.</summary>
    public BrokerLife Life => _life;

    /// <summary>Whether the last kill is over: nothing new is published, nobody goes away.</summary>
    public bool IsEnding => _isEnding;

    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>Ends what clients wait for.</summary>
    public CancellationToken Over => _over.Token;

    public KillFigures Figures { get; private set; } = new();

    /// <summary>Something is wrong.</summary>
    public void Fail(string error)
    {
        lock (_errors)
        {
            if (_errors.Count < MostErrors) _errors.Add(error);
        }
    }

    /// <summary>Kills the broker so many times, and once more when everything has been published.</summary>
    public async Task RunAsync(int kills)
    {
        long start = Stopwatch.GetTimestamp();
        await StartAsync();
        _clients.AddRange(_subscribers.Select(client => Task.Run(client.RunAsync)));
        await UntilAsync(() => _subscribers.All(subscriber => subscriber.IsSubscribed), "the subscribers have subscribed");
        _clients.AddRange(_publishers.Select(client => Task.Run(client.RunAsync)));
        _clients.Add(Task.Run(_watcher.RunAsync));

        for (int i = 1; i < kills; i++)
        {
            await Task.Delay(_random.Next(_random.Next(50, 1800)));
            await KillAsync();
            // Now and then the next one dies before it listens.
            if (_random.Next(4) == 0 && i + 1 < kills)
            {
                i++;
                _broker = StartBroker();
                await Task.Delay(_random.Next(300));
                await KillAsync();
            }
            await StartAsync();
        }
        _isEnding = true;
        await UntilAsync(() => _publishers.All(publisher => publisher.IsDone), "everything has been published");
        int looks = _watcher.Looks;
        await KillAsync();
        await StartAsync();
        await DrainAsync(looks);
        Figures = new KillFigures
        {
            Kills = kills,
            Published = _publishers.Sum(publisher => publisher.Published),
            Received = _receipts.Sum(receipts => receipts.Received),
            Repeated = _receipts.Sum(receipts => receipts.Repeated),
            Lost = _receipts.Sum(receipts => receipts.Lost),
            Doubled = _receipts.Sum(receipts => receipts.Doubled),
            RetainedLooks = _watcher.Looks,
            Time = Stopwatch.GetElapsedTime(start),
        };
    }

    /// <summary>Ends everything and gives what was wrong.</summary>
    public async Task<IReadOnlyList<string>> FinishAsync()
    {
        await _over.CancelAsync();
        _life.End();
        await Task.WhenAll(_clients).WaitAsync(Limit);
        await _broker!.StopAsync();
        StoreStatistics store = StoreStatistics.Read(_data);
        long retained = _publishers.Count(publisher => publisher.RetainedPublished > 0);
        var found = (store.Sessions, store.Subscriptions, store.SharedQueues, store.Queued, store.Messages, store.Received, store.Retained);
        var expected = ((long)Publishers + _subscribers.Length, (long)_subscribers.Length, 1L, 0L, 0L, 0L, retained);
        if (found != expected) Fail($"the store has {found} sessions, subscriptions, shared queues, places, messages, identifiers and retained messages, not {expected}");
        foreach (string problem in StoreChecker.Check(_data).Problems) Fail($"the store is not sound: {problem}");
        return [.. _errors, .. _receipts.SelectMany(receipts => receipts.Errors)];
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _life.End();
        if (_broker is not null) await _broker.DisposeAsync();
        await Task.WhenAll(_clients).WaitAsync(Limit);
        _over.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private LoadSubscriber Subscriber(string clientId, ProtocolVersion version, string filter, Receipts receipts, QoS qos, int away) =>
        new(this, clientId, version, _random.Next(), filter, qos, receipts, away);

    private BrokerProcess StartBroker() => BrokerProcess.Start(
        _data, "--loops", Any("1", "2"), "--loop-threads", Any("elastic", "fixed"), "--ack-level", Any("os", "fsync"), "--commit-delay", Any("0", "0.002", "0.02"));

    private string Any(params string[] values) => values[_random.Next(values.Length)];

    private async Task StartAsync()
    {
        _broker = StartBroker();
        _life.Listen(await _broker.ListensAsync());
    }

    private async Task KillAsync()
    {
        BrokerLife ending = _life;
        _life = new BrokerLife();
        ending.End();
        await _broker!.KillAsync();
        await _broker.DisposeAsync();
        foreach (string line in _broker.Log.Split('\n'))
            if (line.Contains("Error", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal)) Fail($"the broker says: {line}");
    }

    private async Task DrainAsync(int looks)
    {
        Dictionary<MessageStream, int> published = _publishers.SelectMany(publisher => publisher.Streams).ToDictionary();
        try
        {
            await UntilAsync(() => _receipts.All(receipts => receipts.Has(published)), "everything has arrived");
            await UntilAsync(() => StoreStatistics.Read(_data) is { Queued: 0, Received: 0 }, "the queues are empty");
            await UntilAsync(() => _watcher.Looks > looks, "all retained messages have been seen");
        }
        catch (TimeoutException late)
        {
            Fail(late.Message);
        }
        foreach (Receipts receipts in _receipts) receipts.Close(published);
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit) throw new TimeoutException($"not within {Limit.TotalSeconds} s: {what}");
            await Task.Delay(PollInterval);
        }
    }
}

/// <summary>What a run did, and what it found.</summary>
internal sealed record KillFigures
{
    public long Kills { get; init; }

    public long Published { get; init; }

    public long Received { get; init; }

    public long Repeated { get; init; }

    public long Lost { get; init; }

    public long Doubled { get; init; }

    public long RetainedLooks { get; init; }

    public TimeSpan Time { get; init; }

    public static KillFigures operator +(KillFigures one, KillFigures other) => new()
    {
        Kills = one.Kills + other.Kills,
        Published = one.Published + other.Published,
        Received = one.Received + other.Received,
        Repeated = one.Repeated + other.Repeated,
        Lost = one.Lost + other.Lost,
        Doubled = one.Doubled + other.Doubled,
        RetainedLooks = one.RetainedLooks + other.RetainedLooks,
        Time = one.Time + other.Time,
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kills} kills in {Time.TotalSeconds:N0} s, {Published:N0} messages published, {Received:N0} received, {Lost} lost, {Doubled} doubled at QoS 2, "
        + $"{Repeated:N0} repeated at QoS 1, {RetainedLooks} looks at the retained messages");
}
