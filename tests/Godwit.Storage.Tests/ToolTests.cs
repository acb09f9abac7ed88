// What `godwit store` does, below the command line.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Storage.Sqlite;
using Godwit.Storage.Tests.Contract;
using Godwit.Storage.Tools;

namespace Godwit.Storage.Tests;

public sealed class ToolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Data => _directory.File("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Check_SoundStore_HasNoProblems()
    {
        MakeRich();

        StoreCheckResult result = StoreChecker.Check(Data);

        Assert.Equal((Path.Combine(Data, "godwit.db"), 2), (result.File, result.Version));
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void Check_WhileABrokerWrites_SeesAWholeState()
    {
        using SqliteStore store = Stores.OpenSound(Data);
        Stores.Fill(store, 1, 10);
        store.Begin(isSynced: true);
        store.AddMessage(11, new StoredMessage { Topic = "t"u8 }, 1);

        Assert.Empty(StoreChecker.Check(Data).Problems);
        Assert.Equal(10, StoreStatistics.Read(Data).Queued);
    }

    [Theory]
    [InlineData("DELETE FROM message WHERE id = 7", "1 places in queues have lost their message")]
    [InlineData("DELETE FROM delivery WHERE sequence > 8", "2 messages stand in no queue")]
    [InlineData("DELETE FROM session", "1 subscriptions belong to no session")]
    [InlineData("INSERT INTO message_references VALUES (3, 2)", "1 messages have a wrong count of references")]
    public void Check_RowsThatDoNotFit_AreToldAndMendedAtTheNextStart(string harm, string problem)
    {
        Stores.Make(Data, 10);
        using (var database = new SqliteDatabase(Path.Combine(Data, "godwit.db"), SqliteAccess.ReadWrite)) database.Execute(harm);

        Assert.Contains(problem, StoreChecker.Check(Data).Problems);

        Stores.Open(Data, out StoreOpenReport report).Dispose();
        Assert.NotNull(report.Damage);
        Assert.Empty(StoreChecker.Check(Data).Problems);
    }

    [Fact]
    public void Stats_Store_IsCounted()
    {
        MakeRich();

        StoreStatistics store = StoreStatistics.Read(Data);

        Assert.Equal((2, 1, 1, 1), (store.Sessions, store.ConnectedSessions, store.Subscriptions, store.SharedQueues));
        Assert.Equal((22, 11, 1, 1, 1), (store.Queued, store.Messages, store.Received, store.Wills, store.Retained));
        Assert.Equal([new QueueStatistics("client", 1, 11, 10_050), new QueueStatistics("$share/group/a/#", 9, 11, 550)], store.LongestQueues);
        Assert.Equal(new FileInfo(store.File).Length, store.FileBytes);
    }

    [Fact]
    public void Backup_WhileABrokerWrites_IsWholeAndRestores()
    {
        string file = _directory.File("copy");
        IReadOnlyList<string> before;
        using (SqliteStore store = Stores.OpenSound(Data))
        {
            Stores.Fill(store, 1, 3000);
            before = StoreDump.Of(store);
            int written = 3000;
            var parts = new List<double>();
            StoreBackup.Create(Data, file, progress: part =>
            {
                parts.Add(part);
                Stores.Fill(store, ++written, written);
            });
            Assert.Equal(1, parts[^1]);
            Assert.True(parts.Count > 1);
            Assert.Throws<StoreException>(() => StoreBackup.Create(Data, file));
        }

        string restored = _directory.File("restored");
        StoreBackup.Restore(file, restored);

        Assert.Equal(before, Content(restored));
        Assert.Empty(StoreChecker.Check(restored).Problems);
    }

    [Fact]
    public void Restore_OverAStore_NeedsForce()
    {
        string file = _directory.File("copy");
        Stores.Make(Data, 5);
        StoreBackup.Create(Data, file);
        IReadOnlyList<string> before = Content(Data);
        Stores.Make(Data, 10);

        Assert.Contains("There is a store in", Assert.Throws<StoreException>(() => StoreBackup.Restore(file, Data)).Message, StringComparison.Ordinal);
        StoreBackup.Restore(file, Data, overwrite: true);

        Assert.Equal(before, Content(Data));
    }

    [Fact]
    public void ToolsThatWrite_WhileABrokerRuns_AreRefused()
    {
        string file = _directory.File("copy");
        using SqliteStore store = Stores.OpenSound(Data);
        Stores.Fill(store, 1, 5);
        StoreBackup.Create(Data, file);

        Assert.All<Action>(
            [() => StoreBackup.Restore(file, Data, overwrite: true), () => StoreCompaction.Run(Data), () => StoreExport.Read(new MemoryStream(), Data)],
            action => Assert.Equal(StoreFailure.Busy, Assert.Throws<StoreException>(action).Failure));
    }

    [Fact]
    public void Restore_WhatIsNoStore_IsRefusedAndLeavesWhatIsThere()
    {
        Stores.Make(Data, 5);
        string file = _directory.File("noise");
        File.WriteAllText(file, new string('x', 5000));

        Assert.Equal(StoreFailure.Damaged, Assert.Throws<StoreException>(() => StoreBackup.Restore(file, Data, overwrite: true)).Failure);

        Assert.Empty(StoreChecker.Check(Data).Problems);
        Assert.Empty(Directory.GetFiles(Data, "*.partial*"));
    }

    [Fact]
    public void Export_AndImport_GiveTheSameStore()
    {
        MakeRich();
        using var export = new MemoryStream();

        long rows = StoreExport.Write(Data, export);
        export.Position = 0;
        string copy = _directory.File("copy");
        Assert.Equal(rows, StoreExport.Read(export, copy));

        Assert.Equal(Content(Data), Content(copy));
        Assert.StartsWith("{\"format\":\"godwit-store\",\"version\":2}\n{\"table\":\"session\",\"queue\":1,\"client_id\":\"client\",", Encoding.UTF8.GetString(export.ToArray()), StringComparison.Ordinal);
        Assert.Empty(StoreChecker.Check(copy).Problems);
    }

    [Theory]
    [InlineData("", "The input is not an export of a store")]
    [InlineData("{\"format\":\"other\"}", "The input is not an export of a store")]
    [InlineData("{\"format\":\"godwit-store\",\"version\":99}", "The input has version 99, and this godwit knows versions up to 2")]
    [InlineData("{\"format\":\"godwit-store\",\"version\":1}\n\n{\"table\":\"session\"", "Line 2 of the input is not a row of a store")]
    [InlineData("{\"format\":\"godwit-store\",\"version\":1}\n{\"table\":\"nothing\"}", "Line 2 of the input is not a row of a store")]
    [InlineData("{\"format\":\"godwit-store\",\"version\":1}\n{\"table\":\"received\",\"queue\":1}", "Line 2 of the input is not a row of a store")]
    [InlineData("{\"format\":\"godwit-store\",\"version\":1}\n{\"table\":\"received\",\"queue\":1,\"packet_id\":\"x\"}", "Line 2 of the input is not a row of a store")]
    [InlineData("{\"format\":\"godwit-store\",\"version\":1}\n{\"table\":\"received\",\"queue\":1,\"packet_id\":1}", "The rows of the input do not fit together: 1 packet identifiers")]
    public void Import_WhatIsNoExport_SaysWhereAndLeavesNothing(string input, string expected)
    {
        var refused = Assert.Throws<StoreException>(() => StoreExport.Read(new MemoryStream(Encoding.UTF8.GetBytes(input)), Data));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Data, "godwit.db*"));
    }

    [Fact]
    public void Compact_AfterADrain_GivesRoomBack()
    {
        using (SqliteStore store = Stores.OpenSound(Data))
        {
            Stores.Fill(store, 1, 1000);
            store.Begin(isSynced: true);
            for (int i = 1; i <= 995; i++) store.RemoveDelivery(1, i, i);
            store.Commit();
        }
        IReadOnlyList<string> content = Content(Data);

        (long before, long after) = StoreCompaction.Run(Data);

        Assert.InRange(after, 1, before / 5);
        Assert.Equal(content, Content(Data));
    }

    private void MakeRich()
    {
        using SqliteStore store = Stores.OpenSound(Data);
        Stores.Fill(store, 1, 10);
        store.Begin(isSynced: true);
        store.PutSession(new StoredSession(2, "ünï \"quoted\"", "user", uint.MaxValue, 1, 2, true, 3));
        store.AddReceived(2, 65_535);
        store.PutWill(2, new StoredWill(1, 2, 3), new StoredMessage { Topic = "will"u8, Payload = new byte[] { 0, 255 }, Properties = new byte[] { 1 }, PublisherId = "p", ExpiresAt = 5 });
        store.PutSharedQueue(9, "group", "a/#"u8);
        store.AddMessage(11, new StoredMessage { Topic = "both"u8, Payload = new byte[] { 1 } }, 2);
        store.AddDelivery(new StoredDelivery { Queue = 1, Sequence = 11, MessageId = 11, Size = 50, Identifiers = [1, 2] });
        store.AddDelivery(new StoredDelivery { Queue = 9, Sequence = 11, MessageId = 11, Size = 50 });
        for (int i = 1; i <= 10; i++) store.AddDelivery(new StoredDelivery { Queue = 9, Sequence = i, Size = 50 });
        store.Commit();
    }

    private static IReadOnlyList<string> Content(string directory)
    {
        using SqliteStore store = Stores.OpenSound(directory);
        return StoreDump.Of(store);
    }
}
