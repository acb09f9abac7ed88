// Files that are not what they should be: the store opens all the same, keeps what can be read, and says what it did.
using Godwit.Broker.Storage;
using Godwit.Storage.Tests.Contract;

namespace Godwit.Storage.Tests;

public sealed class DamageTests : IDisposable
{
    private const int PageSize = 4096;
    private const int Messages = 300;

    private readonly TemporaryDirectory _directory = new();

    private string DatabaseFile => _directory.File("godwit.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_Garbage_IsMovedAsideUnchanged()
    {
        byte[] garbage = new byte[50_000];
        new Random(1).NextBytes(garbage);
        File.WriteAllBytes(DatabaseFile, garbage);

        StoreDamage damage = OpenDamaged(out IReadOnlyList<string> content);

        Assert.Equal(garbage, File.ReadAllBytes(damage.MovedTo));
        Assert.StartsWith(DatabaseFile + ".damaged-", damage.MovedTo, StringComparison.Ordinal);
        Assert.Empty(content);
        Assert.Contains("file is not a database", damage.ToString(), StringComparison.Ordinal);
        Assert.Contains("nothing could be saved", damage.ToString(), StringComparison.Ordinal);
        Stores.OpenSound(_directory.Path).Dispose();
    }

    [Fact]
    public void Open_EmptyFile_IsReported()
    {
        File.WriteAllBytes(DatabaseFile, []);

        Assert.Contains("the file is empty", OpenDamaged(out _).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public void Open_TruncatedToNothing_IsReported(int length)
    {
        Stores.Make(_directory.Path, Messages);
        Truncate(DatabaseFile, length);

        OpenDamaged(out IReadOnlyList<string> content);

        Assert.Empty(content);
    }

    [Fact]
    public void Open_Truncated_KeepsWhatIsLeft()
    {
        Stores.Make(_directory.Path, 5 * Messages);
        Truncate(DatabaseFile, (int)(new FileInfo(DatabaseFile).Length * 8 / 10));

        OpenDamaged(out IReadOnlyList<string> content);

        Assert.Contains(content, line => line.StartsWith("StoredSession", StringComparison.Ordinal));
        Assert.InRange(Deliveries(content), Messages, (5 * Messages) - 1);
    }

    [Fact]
    public void Open_FirstPageOverwritten_KeepsEverything()
    {
        Stores.Make(_directory.Path, Messages);
        IReadOnlyList<string> before = Content();
        Overwrite(0, new byte[PageSize]);

        OpenDamaged(out IReadOnlyList<string> content);

        Assert.Equal(before, content);
    }

    [Fact]
    public void Open_PagesOverwritten_LosesThoseOnly()
    {
        Stores.Make(_directory.Path, Messages);
        IReadOnlyList<string> before = Content();
        byte[] noise = new byte[PageSize];
        for (int seed = 0; seed < 10; seed++)
        {
            using var copy = new TemporaryDirectory();
            File.Copy(DatabaseFile, copy.File("godwit.db"));
            var random = new Random(seed);
            random.NextBytes(noise);
            // Beyond the small tables: leaves and inner pages of messages and queue.
            int pages = (int)(new FileInfo(DatabaseFile).Length / PageSize);
            using (FileStream file = File.OpenWrite(copy.File("godwit.db")))
            {
                file.Position = (long)random.Next(15, pages) * PageSize;
                file.Write(noise);
            }

            using SqliteStore store = Stores.Open(copy.Path, out StoreOpenReport report);
            Assert.NotNull(report.Damage);
            IReadOnlyList<string> content = StoreDump.Of(store);
            // A page of the queue has up to 200 places.
            Assert.InRange(Deliveries(content), 50, Messages - 1);
            Assert.Empty(content.Where(line => !line.StartsWith("StoredQueue", StringComparison.Ordinal)).Except(before));
            Assert.Contains(content, line => line.StartsWith("StoredSession", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Open_BitsFlipped_OpensWhateverIsHit()
    {
        Stores.Make(_directory.Path, Messages);
        byte[] sound = File.ReadAllBytes(DatabaseFile);
        for (int seed = 0; seed < 60; seed++)
        {
            using var copy = new TemporaryDirectory();
            var random = new Random(seed);
            byte[] damaged = [.. sound];
            // Half of the hits on page headers and cell pointers, where they hurt.
            for (int i = 0; i < 5; i++)
            {
                int at = random.Next(2) == 0 ? random.Next(damaged.Length) : (random.Next(damaged.Length / PageSize) * PageSize) + random.Next(120);
                damaged[at] ^= (byte)(1 << random.Next(8));
            }
            File.WriteAllBytes(copy.File("godwit.db"), damaged);

            try
            {
                using SqliteStore store = Stores.Open(copy.Path, out StoreOpenReport report);
                IReadOnlyList<string> content = StoreDump.Of(store);
                if (report.Damage is null) Assert.Equal(Messages, Deliveries(content));
            }
            catch (StoreException refused)
            {
                // A hit on the version's number: it says that a newer program has written it.
                Assert.Equal(StoreFailure.TooNew, refused.Failure);
            }
        }
    }

    [Fact]
    public void Open_LogWithGarbageAtItsBeginning_KeepsTheDatabase()
    {
        using var crashed = new TemporaryDirectory();
        using (SqliteStore store = Stores.OpenSound(_directory.Path))
        {
            Stores.Fill(store, 1, Messages);
            Stores.CopyAsAfterCrash(_directory.Path, crashed.Path);
        }
        using (FileStream log = File.OpenWrite(crashed.File("godwit.db-wal"))) log.Write("garbage garbage garbage garbage garbage"u8);

        using SqliteStore opened = Stores.Open(crashed.Path, out StoreOpenReport report);

        Assert.Contains("godwit.db-wal is garbage", report.Damage!.Reason, StringComparison.Ordinal);
        Assert.True(File.Exists(report.Damage.MovedTo + "-wal"));
    }

    [Fact]
    public void Open_LogWithItsEndCutOff_HasEveryTransactionBefore()
    {
        using var crashed = new TemporaryDirectory();
        using (SqliteStore store = Stores.OpenSound(_directory.Path))
        {
            Stores.Fill(store, 1, 100);
            Stores.Fill(store, 101, 200);
            Stores.CopyAsAfterCrash(_directory.Path, crashed.Path);
        }
        string log = crashed.File("godwit.db-wal");
        Truncate(log, (int)new FileInfo(log).Length - 10);

        using SqliteStore opened = Stores.OpenSound(crashed.Path);

        Assert.Equal(100, Deliveries(StoreDump.Of(opened)));
    }

    [Fact]
    public void Salvage_LogThatIsNotInTheDatabaseYet_IsRead()
    {
        Stores.Make(_directory.Path, Messages);
        using var crashed = new TemporaryDirectory();
        using (SqliteStore store = Stores.OpenSound(_directory.Path))
        {
            Stores.Fill(store, Messages + 1, Messages + 100);
            Stores.CopyAsAfterCrash(_directory.Path, crashed.Path);
        }
        using (FileStream file = File.OpenWrite(crashed.File("godwit.db")))
        {
            file.Position = 30 * PageSize;
            file.Write(new byte[PageSize]);
        }

        using SqliteStore opened = Stores.Open(crashed.Path, out StoreOpenReport report);

        Assert.NotNull(report.Damage);
        IReadOnlyList<string> content = StoreDump.Of(opened);
        Assert.Equal(100, content.Count(line => line.StartsWith("delivery", StringComparison.Ordinal) && PlaceOf(line) > Messages));
    }

    [Fact]
    public void Salvage_WhatWasDelivered_DoesNotComeBack()
    {
        using (SqliteStore store = Stores.OpenSound(_directory.Path))
        {
            Stores.Fill(store, 1, Messages);
            store.Begin(isSynced: true);
            for (int i = 1; i <= Messages - 3; i++) store.RemoveDelivery(1, i, i);
            store.Commit();
        }
        // The first bytes of the header, but not the list of free pages.
        Overwrite(0, new byte[16]);

        OpenDamaged(out IReadOnlyList<string> content);

        Assert.Equal(3, Deliveries(content));
    }

    [Fact]
    public void Read_DamageWhileOpen_IsSalvagedAtTheNextStart()
    {
        Stores.Make(_directory.Path, Messages);
        using (SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Directory = _directory.Path, CacheBytes = 0 }, out _))
        {
            byte[] noise = new byte[PageSize];
            noise.AsSpan().Fill(0xEE);
            int pages = (int)(new FileInfo(DatabaseFile).Length / PageSize);
            for (int page = pages / 2; page < pages; page++) Overwrite((long)page * PageSize, noise);

            var failure = Assert.Throws<StoreException>(() => StoreDump.OfQueue(store, 1));
            Assert.Equal((StoreFailure.Damaged, false), (failure.Failure, failure.IsTransient));
            Assert.True(File.Exists(_directory.File("godwit.suspect")));
        }

        OpenDamaged(out _);
        Assert.False(File.Exists(_directory.File("godwit.suspect")));
    }

    private static long PlaceOf(string line) => long.Parse(line.Split(' ')[2], null);

    private static void Truncate(string path, int length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static int Deliveries(IEnumerable<string> content) => content.Count(line => line.StartsWith("delivery", StringComparison.Ordinal));

    private void Overwrite(long offset, byte[] bytes)
    {
        using FileStream file = File.OpenWrite(DatabaseFile);
        file.Position = offset;
        file.Write(bytes);
    }

    private IReadOnlyList<string> Content()
    {
        using SqliteStore store = Stores.OpenSound(_directory.Path);
        return StoreDump.Of(store);
    }

    // The store must then be sound, hold the same after a restart, and take new messages.
    private StoreDamage OpenDamaged(out IReadOnlyList<string> content)
    {
        StoreOpenReport report;
        using (SqliteStore store = Stores.Open(_directory.Path, out report))
        {
            content = StoreDump.Of(store);
        }
        Assert.NotNull(report.Damage);
        Assert.Equal(content, Content());
        using SqliteStore usable = Stores.OpenSound(_directory.Path);
        Stores.Fill(usable, 1000, 1001);
        return report.Damage;
    }
}
