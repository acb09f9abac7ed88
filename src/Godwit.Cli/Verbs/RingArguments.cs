// Where a trace is written to: one file, or a ring of files of which the oldest goes when there is another one.
using System.CommandLine;
using Godwit.Capture.Files;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class RingArguments
{
    private const long SmallestFile = 1 << 20, UsualFile = 100 << 20;
    private const int UsualFiles = 5;

    private readonly Option<string?> _write = OptionTypes.Text("--write", "FILE", "Write what is traced as a capture (pcapng), decrypted, which godwit capture and Wireshark open", "-w");
    private readonly Option<long?> _size = OptionTypes.Size("--ring-size", "With --write: begin another file at this size, 1M or more (default with --ring-files: 100M)");
    private readonly Option<long?> _files = OptionTypes.Number("--ring-files", "N", "With --write: keep the latest N files (default with --ring-size: 5)", 1, 100_000);

    public Option[] Options => [_write, _size, _files];

    /// <summary>Checks the options.</summary>
    /// <exception cref="UsageException">They do not fit together.</exception>
    public void Check(ParseResult arguments)
    {
        if (IsRing(arguments) && arguments.GetValue(_write) is null) throw new UsageException("--ring-size and --ring-files say how --write writes: give a FILE.");
        if (arguments.GetValue(_size) is < SmallestFile) throw new UsageException("--ring-size: a file has 1M or more.");
    }

    /// <summary>Opens it; null if nothing is to be written.</summary>
    /// <param name="arguments">The options.</param>
    /// <param name="consumers">Who else gets the streams; becomes what writes them on their way there.</param>
    /// <exception cref="UsageException">It cannot be opened.</exception>
    public PcapngWriter? Open(ParseResult arguments, ref IStreamConsumerFactory consumers)
    {
        if (arguments.GetValue(_write) is not { } path) return null;
        RingFile? ring = IsRing(arguments) ? new RingFile(path, arguments.GetValue(_size) ?? UsualFile, (int)(arguments.GetValue(_files) ?? UsualFiles)) : null;
        var writer = new PcapngWriter((Stream?)ring ?? ExportFiles.Create(path), comment: $"Recorded by godwit trace. Layers have been taken off, and the broker's port is written as {StreamRecorder.PlainPort}.");
        consumers = new StreamRecorder(writer, consumers, StreamRecorder.PlainPort);
        writer.Flush();
        ring?.EndHead();
        return writer;
    }

    private bool IsRing(ParseResult arguments) => arguments.GetValue(_size) is not null || arguments.GetValue(_files) is not null;
}
