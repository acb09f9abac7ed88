using System.Runtime.InteropServices;

namespace Godwit.Testing;

/// <summary>Signals that <see cref="System.Diagnostics.Process"/> cannot send.</summary>
public static partial class Signals
{
    private const int Sighup = 1, Sigterm = 15, Sigstop = 19;

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int processId) => Send(processId, Sigterm);

    /// <summary>Tells a process to read its files again.</summary>
    public static void Hangup(int processId) => Send(processId, Sighup);

    /// <summary>Stops a process where it is: its connections stay, but nothing answers any more. Like a device that has lost its power.</summary>
    public static void Freeze(int processId) => Send(processId, Sigstop);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0) throw new InvalidOperationException($"kill({processId}, {signal}) failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
