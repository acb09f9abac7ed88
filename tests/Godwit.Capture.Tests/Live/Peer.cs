// Other people's programs. A missing one fails the test and says what to install: a skipped comparison proves nothing.
using System.Diagnostics;
using Xunit.Sdk;

namespace Godwit.Capture.Tests.Live;

internal static class Peer
{
    /// <summary>Starts a program whose output can be read.</summary>
    public static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs a program, and gives what it prints.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        if (process.ExitCode != 0) throw new XunitException($"{program} {string.Join(' ', arguments)}: {await errors}");
        return await output;
    }

    private static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists)
        ?? throw new XunitException($"{program} is not installed: install {(program == "chromium" ? program : "tshark")} (Debian's name), or run ./test.sh Capture, which does it.");
}
