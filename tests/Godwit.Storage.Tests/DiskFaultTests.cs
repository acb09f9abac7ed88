// A disk that is full or fails for a while: the transaction fails with its reason, everything before it stays, and later ones work again.
using Godwit.Broker.Storage;
using Godwit.Storage.Tests.Contract;
using Godwit.Storage.Tests.Faults;

namespace Godwit.Storage.Tests;

public sealed class DiskFaultTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData((int)DiskFault.Full, true)]
    [InlineData((int)DiskFault.Full, false)]
    [InlineData((int)DiskFault.InputOutput, true)]
    [InlineData((int)DiskFault.InputOutput, false)]
    public void Faults_NowAndThen_FailTheirTransactionOnly(int fault, bool isSynced)
    {
        int failed = 0;
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var disk = new FaultDisk(seed);
            using var vfs = new FaultVfs(disk);
            var options = new SqliteStoreOptions
            {
                Directory = _directory.Path, Vfs = vfs.Name, CheckpointsInBackground = false, LogBytes = 30 * 4096, CacheBytes = 100_000,
            };
            using var model = new ModelStore();
            var operations = new RandomOperations(seed);
            using (SqliteStore store = SqliteStore.Open(options, out _))
            {
                disk.NextFault = () => random.Next(40) == 0 ? (DiskFault)fault : DiskFault.None;
                for (int i = 0; i < 40; i++)
                {
                    try
                    {
                        operations.RunTransaction(model, store, isSynced);
                    }
                    catch (StoreException expected)
                    {
                        Assert.Equal(fault == (int)DiskFault.Full ? StoreFailure.Full : StoreFailure.InputOutput, expected.Failure);
                        Assert.True(expected.IsTransient);
                        store.Rollback();
                        model.Rollback();
                        failed++;
                    }
                }
                disk.NextFault = () => DiskFault.None;
                operations.RunTransaction(model, store, isSynced);
                Assert.Equal(StoreDump.Of(model), StoreDump.Of(store));
            }
            using SqliteStore reopened = SqliteStore.Open(options, out StoreOpenReport report);
            Assert.Null(report.Damage);
            Assert.Equal(StoreDump.Of(model), StoreDump.Of(reopened));
        }
        Assert.True(failed > 30);
    }

    [Fact]
    public void Open_FullDisk_SaysSo()
    {
        var disk = new FaultDisk(1) { NextFault = () => DiskFault.Full };
        using var vfs = new FaultVfs(disk);

        var failure = Assert.Throws<StoreException>(() => SqliteStore.Open(new SqliteStoreOptions { Directory = _directory.Path, Vfs = vfs.Name, CheckpointsInBackground = false }, out _));

        Assert.Equal(StoreFailure.Full, failure.Failure);
        Assert.Contains("There is no room left", failure.Message, StringComparison.Ordinal);
    }
}
