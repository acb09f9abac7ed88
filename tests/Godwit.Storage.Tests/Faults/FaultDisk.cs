// A disk in memory that loses power. What is written stands in the system's cache until it is synced: when the power goes, each write since
// then may have reached the medium or not, in any order, and in part. It can also be full, or fail.
//
// Simplified: files that are made or removed are so at once, as if each of these were followed by a sync of the directory.
namespace Godwit.Storage.Tests.Faults;

/// <summary>What a disk answers instead of doing what it is asked.</summary>
internal enum DiskFault
{
    None,

    /// <summary>No room: ENOSPC.</summary>
    Full,

    /// <summary>EIO.</summary>
    InputOutput,
}

internal sealed class FaultDisk(int seed)
{
    private readonly Random _random = new(seed);
    private Dictionary<string, DiskFile> _files = [];
    private long _operations;

    /// <summary>Writes, truncations and syncs so far.</summary>
    public long Operations => _operations;

    /// <summary>Before which of them the power goes.</summary>
    public long PowerLossAt { get; set; } = long.MaxValue;

    public bool IsOff { get; private set; }

    /// <summary>Asked before each of them: whether it fails.</summary>
    public Func<DiskFault> NextFault { get; set; } = () => DiskFault.None;

    public DiskFile? Find(string name) => _files.GetValueOrDefault(name);

    public DiskFile Create(string name) => _files[name] = new DiskFile(this);

    public void Delete(string name)
    {
        if (!IsOff) _files.Remove(name);
    }

    /// <summary>The disk after the power has come back.</summary>
    public FaultDisk Restart()
    {
        var restarted = new FaultDisk(_random.Next());
        foreach ((string name, DiskFile file) in _files) restarted._files[name] = file.AfterPowerLoss(restarted, _random);
        return restarted;
    }

    /// <summary>Counts an operation. The one during which the power goes may still reach the medium in part.</summary>
    public DiskFault BeginOperation()
    {
        if (IsOff) return DiskFault.InputOutput;
        DiskFault fault = NextFault();
        if (fault == DiskFault.None && ++_operations >= PowerLossAt) IsOff = true;
        return fault;
    }
}

/// <summary>A file, as programs see it and as the medium has it.</summary>
internal sealed class DiskFile(FaultDisk disk)
{
    private const int Sector = 512;

    private readonly List<(long Offset, byte[]? Bytes)> _pending = [];
    private byte[] _durable = [];
    private byte[] _content = [];

    public long Length { get; private set; }

    public int Read(long offset, Span<byte> target)
    {
        int count = (int)Math.Clamp(Length - offset, 0, target.Length);
        _content.AsSpan((int)Math.Min(offset, Length), count).CopyTo(target);
        return count;
    }

    public DiskFault Write(long offset, ReadOnlySpan<byte> bytes)
    {
        DiskFault fault = disk.BeginOperation();
        if (fault != DiskFault.None) return fault;
        _pending.Add((offset, bytes.ToArray()));
        if (_content.Length < offset + bytes.Length) _content = Resized(_content, 2 * (offset + bytes.Length));
        Apply(ref _content, offset, bytes);
        Length = Math.Max(Length, offset + bytes.Length);
        return disk.IsOff ? DiskFault.InputOutput : DiskFault.None;
    }

    public DiskFault Truncate(long length)
    {
        DiskFault fault = disk.BeginOperation();
        if (fault != DiskFault.None) return fault;
        _pending.Add((length, null));
        Length = length;
        _content = Resized(_content, length);
        return disk.IsOff ? DiskFault.InputOutput : DiskFault.None;
    }

    public DiskFault Sync()
    {
        DiskFault fault = disk.BeginOperation();
        if (fault != DiskFault.None) return fault;
        if (disk.IsOff) return DiskFault.InputOutput;
        _durable = Resized(_content, Length);
        _pending.Clear();
        return DiskFault.None;
    }

    public DiskFile AfterPowerLoss(FaultDisk restarted, Random random)
    {
        byte[] medium = [.. _durable];
        foreach ((long offset, byte[]? bytes) in _pending)
        {
            switch (random.Next(4))
            {
                case 0:
                    break;
                case 1 when bytes is not null:
                    Tear(ref medium, offset, bytes, random);
                    break;
                default:
                    if (bytes is null) medium = Resized(medium, offset);
                    else Apply(ref medium, offset, bytes);
                    break;
            }
        }
        return new DiskFile(restarted) { _durable = medium, _content = [.. medium], Length = medium.Length };
    }

    // Some sectors reach the medium; the last one of them perhaps only in part.
    private static void Tear(ref byte[] medium, long offset, byte[] bytes, Random random)
    {
        for (int start = 0; start < bytes.Length; start += Sector)
        {
            if (random.Next(2) == 0) continue;
            int length = Math.Min(Sector, bytes.Length - start);
            Apply(ref medium, offset + start, bytes.AsSpan(start, random.Next(8) == 0 ? random.Next(length) : length));
        }
    }

    private static void Apply(ref byte[] file, long offset, ReadOnlySpan<byte> bytes)
    {
        if (file.Length < offset + bytes.Length) file = Resized(file, offset + bytes.Length);
        bytes.CopyTo(file.AsSpan((int)offset));
    }

    private static byte[] Resized(byte[] file, long length)
    {
        byte[] resized = new byte[length];
        file.AsSpan(0, (int)Math.Min(file.Length, length)).CopyTo(resized);
        return resized;
    }
}
