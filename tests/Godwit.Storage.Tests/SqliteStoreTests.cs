using Godwit.Broker.Storage;
using Godwit.Storage.Tests.Contract;

namespace Godwit.Storage.Tests;

/// <summary>The contract, with the log being brought over on its own thread as in a broker.</summary>
public sealed class SqliteStoreContractTests : BrokerStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override IBrokerStore Open() => SqliteStore.Open(new SqliteStoreOptions { Directory = _directory.Path, LogBytes = 64 << 10 }, out _);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _directory.Dispose();
    }
}
