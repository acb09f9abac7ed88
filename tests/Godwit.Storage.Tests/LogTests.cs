// The log stays short while somebody writes without a pause, and becomes short again after somebody has kept it long.
using Godwit.Storage.Sqlite;
using Godwit.Storage.Tests.Contract;

namespace Godwit.Storage.Tests;

public sealed class LogTests : IDisposable
{
    private const int Limit = 256 << 10;

    private readonly TemporaryDirectory _directory = new();

    private long LogLength => new FileInfo(_directory.File("godwit.db-wal")).Length;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Log_OfAWriterWithoutPause_IsBounded(bool inBackground)
    {
        using SqliteStore store = Open(inBackground);
        long highest = 0;
        for (int i = 1; i <= 600; i++)
        {
            Stores.Fill(store, (i * 10) - 9, i * 10);
            highest = Math.Max(highest, LogLength);
        }

        // Some twenty times the limit have been written.
        Assert.InRange(highest, Limit, 10 * Limit);
        Assert.Equal(6000, StoreDump.OfQueue(store, 1).Count);
    }

    [Fact]
    public void Log_ThatAReaderHasKept_GivesItsRoomBack()
    {
        using SqliteStore store = Open(inBackground: false);
        Stores.Fill(store, 1, 10);
        using (var reader = new SqliteDatabase(_directory.File("godwit.db"), SqliteAccess.Read))
        {
            reader.Execute("BEGIN");
            Assert.Equal(10, reader.QueryInteger("SELECT count(*) FROM message"));
            for (int i = 2; i <= 200; i++) Stores.Fill(store, (i * 10) - 9, i * 10);
            Assert.Equal(10, reader.QueryInteger("SELECT count(*) FROM message"));
        }
        Assert.True(LogLength > 4 * Limit);

        for (int i = 201; i <= 300; i++) Stores.Fill(store, (i * 10) - 9, i * 10);

        Assert.InRange(LogLength, 1, 2 * Limit);
    }

    private SqliteStore Open(bool inBackground) =>
        SqliteStore.Open(new SqliteStoreOptions { Directory = _directory.Path, LogBytes = Limit, CheckpointsInBackground = inBackground }, out _);
}
