// The limit of open files, which bounds the connections. .NET raises the soft limit to the hard one at start, so it is only read here.
using System.Runtime.InteropServices;

namespace Godwit.Transport;

/// <summary>The limit of open files of this process.</summary>
public static partial class DescriptorLimit
{
    // Runtime, listeners, epoll sets and log need some descriptors themselves.
    private const ulong Reserved = 200;

    /// <summary>The limit; null where it cannot be read.</summary>
    public static ulong? Read() => OperatingSystem.IsLinux() && GetLimit(7, out ResourceLimit limit) == 0 ? limit.Soft : null;

    /// <summary>How many connections a limit leaves room for.</summary>
    public static ulong Connections(ulong descriptors) => descriptors > Reserved ? descriptors - Reserved : 0;

    /// <summary>
    /// How many of them a listener leaves to connections whose clients have not said who they are: half, so that those never take the descriptors of
    /// all others.
    /// </summary>
    internal static int MostOpening { get; } = Read() is { } limit ? (int)Math.Clamp(limit / 2, 1, int.MaxValue) : int.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
