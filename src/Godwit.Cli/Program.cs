// The `godwit` program. Signals and the process's own streams are bound here and nowhere else, so that tests can run every verb in process.
using System.Runtime.InteropServices;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli;

internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        using var terminal = Terminal.OfProcess();
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await Runner.RunAsync(arguments, terminal, stop.Token).ConfigureAwait(false);

        void Stop(PosixSignalContext signal)
        {
            // The second signal ends the process at once, for somebody who does not want to wait for a clean end.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }
}
