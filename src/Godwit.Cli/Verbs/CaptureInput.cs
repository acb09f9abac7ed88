// Captures as the verbs take them: a file or standard input, and what goes wrong in words.
using Godwit.Capture;
using Godwit.Capture.Files;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal static class CaptureInput
{
    /// <summary>Reads a capture; says so if it breaks off.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static void Run(CaptureAnalysis analysis, string file, Terminal terminal, string verb, CancellationToken stop)
    {
        try
        {
            using FrameSource source = file == "-" ? CaptureFile.Open(terminal.Input) : CaptureFile.Open(file);
            analysis.Run(source, cancellation: stop);
            if (source.Damage is { } damage) terminal.Error.WriteLine($"godwit {verb}: {damage}");
        }
        catch (Exception failure) when (failure is CaptureFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException(failure.Message);
        }
    }

    /// <summary>Writes a file.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void WriteFile(string file, byte[] content)
    {
        try
        {
            File.WriteAllBytes(file, content);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be written: {failure.Message}");
        }
    }
}
