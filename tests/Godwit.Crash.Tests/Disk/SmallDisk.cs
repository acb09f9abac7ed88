// Two ways to a disk without room that need no rights: a limit of the process for the size of its files, and a file system in memory in a
// user namespace of its own.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Godwit.Crash.Tests.Disk;

internal abstract class SmallDisk
{
    /// <summary>Starts a broker that is going to run out of room.</summary>
    public abstract BrokerProcess Start(string data);

    /// <summary>There is little room from now on.</summary>
    public abstract void Shrink(BrokerProcess broker, string data);

    /// <summary>There is none at all: the store cannot even make some by tidying up.</summary>
    public abstract void Exhaust(BrokerProcess broker, string data);

    /// <summary>There is enough again.</summary>
    public abstract void MakeRoom(BrokerProcess broker, string data);

    /// <summary>The store's directory as this process sees it.</summary>
    public abstract string Seen(BrokerProcess broker, string data);
}

/// <summary>Files cannot grow beyond a size: EFBIG, to SQLite an I/O error.</summary>
internal sealed partial class FileSizeLimit : SmallDisk
{
    private const int FileSize = 1; // RLIMIT_FSIZE
    private const ulong Room = 40_000;

    // A signal comes with the error; ignored by the shell it stays ignored.
    public override BrokerProcess Start(string data) => BrokerProcess.StartFrom("trap '' XFSZ; exec \"$@\"", data);

    public override void Shrink(BrokerProcess broker, string data) =>
        Limit(broker.Id, (ulong)new FileInfo(Path.Combine(data, "godwit.db-wal")).Length + Room);

    public override void Exhaust(BrokerProcess broker, string data) => Limit(broker.Id, 0);

    public override void MakeRoom(BrokerProcess broker, string data) => Limit(broker.Id, ulong.MaxValue);

    public override string Seen(BrokerProcess broker, string data) => data;

    private static void Limit(int process, ulong bytes)
    {
        var limit = new ResourceLimit { Soft = bytes, Hard = ulong.MaxValue };
        Assert.True(SetLimit(process, FileSize, limit, 0) == 0, $"prlimit: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int SetLimit(int process, int resource, in ResourceLimit limit, nint old);

    private struct ResourceLimit
    {
        public ulong Soft, Hard;
    }
}

/// <summary>A file system that is full: ENOSPC.</summary>
internal sealed class SmallFileSystem : SmallDisk
{
    private const string Ballast = "ballast", Rest = "rest";
    private const int Size = 6 << 20;

    /// <summary>Whether the system lets its users have such a thing; inside a container it may not.</summary>
    public static bool IsAvailable()
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/tmp"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    public override BrokerProcess Start(string data) => BrokerProcess.StartFrom(
        string.Create(
            CultureInfo.InvariantCulture,
            $"exec unshare -rm sh -c 'mount -t tmpfs -o size={Size} none {data}; head -c 4m /dev/zero >{data}/{Ballast}; exec \"$@\"' sh \"$@\""),
        data);

    public override void Shrink(BrokerProcess broker, string data)
    {
        // It is small from the beginning.
    }

    public override void Exhaust(BrokerProcess broker, string data)
    {
        byte[] page = new byte[4096];
        using var file = new FileStream(Path.Combine(Seen(broker, data), Rest), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        Assert.Throws<IOException>(() =>
        {
            for (int written = 0; written <= Size; written += page.Length) file.Write(page);
        });
    }

    public override void MakeRoom(BrokerProcess broker, string data)
    {
        foreach (string file in (string[])[Ballast, Rest]) File.Delete(Path.Combine(Seen(broker, data), file));
    }

    public override string Seen(BrokerProcess broker, string data) => $"/proc/{broker.Id}/root{data}";
}
