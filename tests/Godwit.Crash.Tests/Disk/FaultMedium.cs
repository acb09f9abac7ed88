using Godwit.Broker.Storage;
using Godwit.Conformance.Tests.Durability;
using Godwit.Storage;
using Godwit.Storage.Tests.Faults;

namespace Godwit.Crash.Tests.Disk;

/// <summary>A SQLite store on a disk that loses power, is full now and then, or fails.</summary>
/// <param name="seed">Of all that is random about it.</param>
/// <param name="losesPower">Whether the power goes with each broker, and sometimes before it; otherwise only the process dies.</param>
/// <param name="fault">What the disk answers now and then instead of writing.</param>
internal sealed class FaultMedium(int seed, bool losesPower, DiskFault fault) : ICrashMedium
{
    private const int FaultEvery = 40, PowerLossWithin = 400;

    private readonly TemporaryDirectory _directory = new();
    private readonly Random _random = new(seed);
    private FaultDisk _disk = new(seed);
    private FaultVfs? _vfs;
    private SqliteStore? _store;
    private bool _isArmed;

    public bool MayFail => true;

    public bool IsLost => _disk.IsOff;

    /// <summary>How often the power has gone.</summary>
    public int PowerLosses { get; private set; }

    /// <summary>How often the disk has refused to write.</summary>
    public int Faults { get; private set; }

    public IBrokerStore Open()
    {
        _vfs = new FaultVfs(_disk);
        _store = SqliteStore.Open(
            new SqliteStoreOptions
            {
                Directory = _directory.Path, Vfs = _vfs.Name, CheckpointsInBackground = false, LogBytes = 30 * 4096, CacheBytes = 100_000,
            },
            out StoreOpenReport report);
        Assert.Null(report.Damage);
        if (_isArmed) Arm();
        return _store;
    }

    public void Arm()
    {
        _isArmed = true;
        if (losesPower && _random.Next(2) == 0) _disk.PowerLossAt = _disk.Operations + _random.Next(1, PowerLossWithin);
        if (fault != DiskFault.None) _disk.NextFault = NextFault;
    }

    public void Crash()
    {
        if (losesPower)
        {
            // What the store writes when it is disposed of comes too late.
            _disk.PowerLossAt = _disk.Operations;
            PowerLosses++;
        }
        Close();
        if (losesPower) _disk = _disk.Restart();
    }

    public void Dispose()
    {
        Close();
        _directory.Dispose();
    }

    private void Close()
    {
        _disk.NextFault = () => DiskFault.None;
        _store?.Dispose();
        _vfs?.Dispose();
        (_store, _vfs) = (null, null);
    }

    private DiskFault NextFault()
    {
        if (_random.Next(FaultEvery) > 0) return DiskFault.None;
        Faults++;
        return fault;
    }
}
