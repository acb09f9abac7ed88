// The power goes at any moment: what was synced is there, and of the rest whole transactions in their order or nothing.
using Godwit.Broker.Storage;
using Godwit.Storage.Tests.Contract;
using Godwit.Storage.Tests.Faults;

namespace Godwit.Storage.Tests;

public sealed class PowerLossTests : IDisposable
{
    private const int Transactions = 25;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void PowerLoss_AtAnyMoment_KeepsWhatWasSynced(int part)
    {
        const int seeds = 100;
        int lostTransactions = 0;
        for (int seed = part * seeds; seed < (part + 1) * seeds; seed++)
        {
            var random = new Random(seed);
            // Once without a loss, to know how many operations there are; the first ones make the file.
            var disk = new FaultDisk(seed);
            long afterOpening = Run(disk, seed, history: null);
            disk = new FaultDisk(seed) { PowerLossAt = random.NextInt64(afterOpening + 1, disk.Operations) };
            var history = new History();
            Run(disk, seed, history);
            Assert.True(disk.IsOff);

            disk = disk.Restart();
            int found = CommitFound(disk, history, seed);

            Assert.InRange(found, history.LastSynced, history.Contents.Count - 1);
            lostTransactions += history.Contents.Count - 1 - found;
        }
        // Otherwise nothing was tried.
        Assert.True(lostTransactions > seeds / 10);
    }

    [Fact]
    public void PowerLoss_WhileTheStoreIsMade_LeavesAnEmptyOne()
    {
        for (int moment = 1; moment < 40; moment++)
        {
            var disk = new FaultDisk(moment) { PowerLossAt = moment };
            using (var vfs = new FaultVfs(disk))
            {
                try
                {
                    Open(vfs, out _).Dispose();
                }
                catch (StoreException lost)
                {
                    Assert.Equal(StoreFailure.InputOutput, lost.Failure);
                }
            }
            using var restarted = new FaultVfs(disk.Restart());
            using SqliteStore store = Open(restarted, out StoreOpenReport report);
            Assert.Null(report.Damage);
            Assert.Empty(StoreDump.Of(store));
        }
    }

    /// <summary>What the model held after each commit, and which of them was the last that had been synced before the power went.</summary>
    private sealed class History
    {
        public List<string> Contents { get; } = [""];

        public int LastSynced { get; set; }
    }

    // Returns how many operations opening took.
    private long Run(FaultDisk disk, int seed, History? history)
    {
        var operations = new RandomOperations(seed);
        var random = new Random(seed);
        using var model = new ModelStore();
        using var vfs = new FaultVfs(disk);
        using SqliteStore store = Open(vfs, out _);
        long opened = disk.Operations;
        for (int i = 0; i < Transactions && !disk.IsOff; i++)
        {
            bool isSynced = random.Next(3) == 0;
            try
            {
                operations.RunTransaction(model, store, isSynced);
            }
            catch (StoreException) when (disk.IsOff)
            {
                // The commit itself may have reached the disk; what happened before it is gone.
                model.Commit();
                isSynced = false;
            }
            history?.Contents.Add(Text(model));
            if (isSynced && !operations.WasRolledBack) history?.LastSynced = i + 1;
        }
        return opened;
    }

    private int CommitFound(FaultDisk disk, History history, int seed)
    {
        using var vfs = new FaultVfs(disk);
        using SqliteStore store = Open(vfs, out StoreOpenReport report);
        Assert.Null(report.Damage);
        int found = history.Contents.LastIndexOf(Text(store));
        Assert.True(found >= 0, $"After the loss of seed {seed} the store holds what was never committed.");
        return found;
    }

    private SqliteStore Open(FaultVfs vfs, out StoreOpenReport report) => SqliteStore.Open(
        new SqliteStoreOptions { Directory = _directory.Path, Vfs = vfs.Name, CheckpointsInBackground = false, LogBytes = 30 * 4096, CacheBytes = 100_000 }, out report);

    private static string Text(IBrokerStore store) => string.Join('\n', StoreDump.Of(store));
}
