// Loaded into a broker that is measured (DOTNET_STARTUP_HOOKS), so that the product needs no code for it: looks fifty times a second whether
// the garbage collector has run, and keeps a record of its pauses in the file that GODWIT_GC_RECORD names. See bench/latency.sh gc.
using System.Globalization;

/// <summary>The runtime calls it by this name, in no namespace.</summary>
internal static class StartupHook
{
    private static readonly GCKind[] Kinds = [GCKind.Ephemeral, GCKind.FullBlocking, GCKind.Background];
    private static readonly long[] Seen = new long[Kinds.Length];
    private static TimeSpan _longest;
    private static TimeSpan _sum;
    private static string _longestKind = "none";

    /// <summary>Called before the program's own entry point.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("GODWIT_GC_RECORD") is { } path)
            new Thread(() => Watch(path)) { IsBackground = true, Name = "gc-watch" }.Start();
    }

    private static void Watch(string path)
    {
        int collections = 0;
        for (int turn = 0; ; turn++)
        {
            if (GC.CollectionCount(0) != collections)
            {
                collections = GC.CollectionCount(0);
                LookAtLast();
            }
            if (turn % 50 == 0) Write(path);
            Thread.Sleep(20);
        }
    }

    // The last collection of each kind; of two within a turn one is missed, which the sum of all pauses tells.
    private static void LookAtLast()
    {
        for (int i = 0; i < Kinds.Length; i++)
        {
            GCMemoryInfo info = GC.GetGCMemoryInfo(Kinds[i]);
            if (info.Index == Seen[i]) continue;
            Seen[i] = info.Index;
            foreach (TimeSpan pause in info.PauseDurations)
            {
                _sum += pause;
                if (pause <= _longest) continue;
                _longest = pause;
                _longestKind = $"generation {info.Generation}{(info.Concurrent ? ", concurrent" : info.Compacted ? ", compacting" : "")}, {info.PromotedBytes >> 20} MB kept";
            }
        }
    }

    private static void Write(string path)
    {
        TimeSpan total = GC.GetTotalPauseDuration();
        TimeSpan unseen = total > _sum ? total - _sum : TimeSpan.Zero;
        string record = string.Create(CultureInfo.InvariantCulture,
            $$"""{"collections":[{{Only(0)}},{{Only(1)}},{{GC.CollectionCount(2)}}],"longest_ms":{{_longest.TotalMilliseconds:F3}},"longest_kind":"{{_longestKind}}","total_ms":{{total.TotalMilliseconds:F3}},"unseen_ms":{{unseen.TotalMilliseconds:F3}}}""");
        File.WriteAllText(path + ".new", record);
        File.Move(path + ".new", path, overwrite: true);

        static int Only(int generation) => GC.CollectionCount(generation) - GC.CollectionCount(generation + 1);
    }
}
