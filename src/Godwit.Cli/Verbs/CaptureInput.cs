// Captures as the verbs take them: a file or standard input, and what goes wrong in words.
using Godwit.Capture;
using Godwit.Capture.Conversations;
using Godwit.Capture.Files;
using Godwit.Capture.Live;
using Godwit.Capture.Tcp;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal static class CaptureInput
{
    /// <summary>Does something with captures.</summary>
    /// <exception cref="UsageException">It fails for a reason that the user can do something about.</exception>
    public static T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is CaptureFormatException or LiveCaptureException or UnauthorizedAccessException or (IOException and not NobodyReadsException))
        {
            throw new UsageException(failure.Message);
        }
    }

    /// <inheritdoc cref="Try{T}"/>
    public static void Try(Action read) => Try(() =>
    {
        read();
        return true;
    });

    /// <summary>Opens a file or, by the name -, standard input.</summary>
    public static FrameSource Open(string file, Terminal terminal) => Try(() => file == "-" ? CaptureFile.Open(terminal.Input) : CaptureFile.Open(file));

    /// <summary>Reads a capture to its end; says so if it breaks off.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static void Run(CaptureReader capture, Terminal terminal, string verb, CancellationToken stop)
    {
        Try(() => capture.Run(stop));
        if (capture.Source.Damage is { } damage) terminal.Error.WriteLine($"godwit {verb}: {damage}");
    }

    /// <summary>Reads a capture to its end for somebody who looks at its conversations and segments.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static CaptureReader Record<TRecorder>(TRecorder recorder, string file, string? keyLog, Terminal terminal, string verb, CancellationToken stop)
        where TRecorder : IConversationObserver, ISegmentObserver
    {
        var capture = new CaptureReader(Open(file, terminal), new CaptureReaderOptions
        {
            Secrets = CaptureArguments.OpenKeyLog(keyLog, isLive: false),
            Conversations = [recorder],
            Segments = [recorder],
            HasStatistics = false,
        });
        try
        {
            Run(capture, terminal, verb, stop);
            return capture;
        }
        catch
        {
            capture.Dispose();
            throw;
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
