// Measures the store: rate, restart, drain. docs/store.md has the figures; run it as
//
//   dotnet run -c Release --project bench/Godwit.Storage.Bench -- SUBJECT [DIRECTORY] [MESSAGES]
using System.Diagnostics;
using Godwit.Broker.Storage;
using Godwit.Storage;
using Godwit.Storage.Bench;

if (args.Length == 0)
{
    Console.Error.WriteLine("SUBJECT is rate, fill, load or drain; DIRECTORY is where to write (default: a new one below the temporary directory).");
    return 1;
}
string directory = args.Length > 1 ? args[1] : Directory.CreateTempSubdirectory("godwit-bench-").FullName;
int messages = args.Length > 2 ? int.Parse(args[2]) : 1_000_000;
double longest = 0; // milliseconds of a transaction, from Begin to the end of Commit
switch (args[0])
{
    case "rate": Rate(); break;
    case "fill": Fill(); break;
    case "load": Load(); break;
    case "drain": Drain(); break;
    default: throw new ArgumentException($"There is no subject '{args[0]}'.");
}
return 0;

// In turn, so that both meet the same moments of the disk.
void Rate()
{
    const int rounds = 3;
    foreach (int queues in new[] { 1, 1000 })
    {
        foreach (int group in new[] { 100, 1000, 10_000 })
        {
            Rows.Queues = queues;
            int count = Math.Min(messages, group * 200);
            var ratios = new List<double>();
            var rates = new List<double>();
            var unsynced = new List<double>();
            longest = 0;
            for (int round = 0; round < rounds; round++)
            {
                string place = Path.Combine(directory, $"{queues}-{group}-{round}");
                double bare = BareLoop.Run(place, count, group).TotalSeconds;
                using (SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Directory = Path.Combine(place, "store") }, out _))
                {
                    double stored = Write(store, 1, count, group, isSynced: true).TotalSeconds;
                    ratios.Add(bare / stored);
                    rates.Add(count / stored);
                    unsynced.Add(count / Write(store, count + 1, count, group, isSynced: false).TotalSeconds);
                }
                Directory.Delete(place, recursive: true);
            }
            Console.WriteLine($"queues {queues,5}  group {group,6}: {Median(rates),9:N0} msg/s synced, {Median(ratios):P0} of the bare loop; {Median(unsynced),9:N0} msg/s not synced; longest transaction {longest:F0} ms");
        }
    }
}

// A store as a broker with many clients leaves it: sessions with two subscriptions each, and messages for a thousand of them or for one.
void Fill()
{
    Rows.Queues = args.Length > 3 ? int.Parse(args[3]) : 1000;
    int sessions = args.Length > 4 ? int.Parse(args[4]) : 100_000;
    using SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Directory = directory }, out _);
    store.Begin(isSynced: true);
    for (int i = 1; i <= sessions; i++)
    {
        store.PutSession(new StoredSession(i, $"client-{i:D8}", null, 3600, Rows.Now, Rows.Now, false, 0));
        store.PutSubscription(i, System.Text.Encoding.UTF8.GetBytes($"devices/{i}/commands/#"), 1, 0);
        store.PutSubscription(i, "announcements/+"u8, 1, 0);
    }
    store.Commit();
    TimeSpan time = Write(store, 1, messages, 10_000, isSynced: false);
    Console.WriteLine($"{sessions:N0} sessions, {messages:N0} messages in {Rows.Queues:N0} queues: {messages / time.TotalSeconds:N0} msg/s; longest transaction {longest:F0} ms; {Memory()}");
}

void Load()
{
    var clock = Stopwatch.StartNew();
    using SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Directory = directory }, out StoreOpenReport report);
    TimeSpan opened = clock.Elapsed;
    var reader = new CountingReader();
    StoreCounters counters = store.Load(reader);
    Console.WriteLine($"opened in {opened.TotalSeconds:F2} s, loaded in {(clock.Elapsed - opened).TotalSeconds:F2} s: {reader}; last message {counters.LastMessage:N0}; {Memory()}; {report}");
}

// As a session does that comes back: reads a portion, sends it, and takes it out when it is acknowledged.
void Drain()
{
    using SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Directory = directory }, out _);
    var clock = Stopwatch.StartNew();
    var reader = new DrainReader();
    int count = 0;
    while (count < messages)
    {
        reader.Clear();
        store.ReadQueue(1, reader.Last, 1000, 1 << 20, reader);
        if (reader.Places.Count == 0) break;
        store.Begin(isSynced: false);
        foreach ((long sequence, long message) in reader.Places) store.RemoveDelivery(1, sequence, message);
        store.Commit();
        count += reader.Places.Count;
    }
    Console.WriteLine($"drained {count:N0} in order: {count / clock.Elapsed.TotalSeconds:N0} msg/s; {Memory()}");
}

TimeSpan Write(SqliteStore store, int first, int count, int group, bool isSynced)
{
    var clock = Stopwatch.StartNew();
    for (int i = first; i < first + count;)
    {
        double start = clock.Elapsed.TotalMilliseconds;
        store.Begin(isSynced);
        for (int n = 0; n < group && i < first + count; n++, i++)
        {
            store.AddMessage(i, Rows.Message, 1);
            store.AddDelivery(Rows.Delivery(i));
        }
        store.Commit();
        longest = Math.Max(longest, clock.Elapsed.TotalMilliseconds - start);
    }
    return clock.Elapsed;
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

static string Memory() => File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Replace("VmHWM:", "at most", StringComparison.Ordinal)
    .Replace("\t", "", StringComparison.Ordinal) + " resident";
