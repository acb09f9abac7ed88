// The limit of open files, which bounds the connections. .NET raises the soft limit to the hard one at start, so it is only read here.
using System.Runtime.InteropServices;

namespace Godwit.Transport;

/// <summary>The limit of open files of this process.</summary>
public static partial class DescriptorLimit
{
    // Runtime, listeners, epoll sets and log have some descriptors themselves, and now and then need others: for a file, for a look at the memory
    // that is left. A process that cannot have them is ended by the runtime, so connections never take the last ones.
    private const ulong Reserved = 200, Spare = 64;

    /// <summary>The limit; null where it cannot be read.</summary>
    public static ulong? Read() => OperatingSystem.IsLinux() && GetLimit(7, out ResourceLimit limit) == 0 ? limit.Soft : null;

    /// <summary>How many connections a limit leaves room for.</summary>
    public static ulong Connections(ulong descriptors) => descriptors > Reserved ? descriptors - Reserved : 0;

    /// <summary>
    /// How many of them a listener leaves to connections whose clients have not said who they are: half, so that those never take the descriptors of
    /// all others.
    /// </summary>
    internal static int MostOpening { get; } = Read() is { } limit ? (int)Math.Clamp(limit / 2, 1, int.MaxValue) : int.MaxValue;

    /// <summary>
    /// The first descriptor that is not for connections. The system gives out the lowest that is free, so whoever gets this one knows that all others are
    /// in use.
    /// </summary>
    internal static long FirstSpare { get; } = Read() is { } limit and < int.MaxValue ? (long)(limit - Math.Min(Spare, limit / 4)) : long.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
