namespace Godwit.Scale;

/// <summary>Memory of a process, and what is alive on this one's heap.</summary>
internal static class Memory
{
    /// <summary>Bytes of live objects: everything else is collected first.</summary>
    public static long Live()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>Resident bytes of a process.</summary>
    public static long Resident(int processId) => Field($"/proc/{processId}/status", "VmRSS:");

    /// <summary>What the kernel holds in its own tables, sockets included.</summary>
    public static long KernelSlab() => Field("/proc/meminfo", "Slab:");

    private static long Field(string file, string name) =>
        long.Parse(File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
}
