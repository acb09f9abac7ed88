using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

/// <summary>The files that a capture is written to; all of them are completed at the end, in whatever way it comes.</summary>
internal sealed class ExportFiles(bool isLive) : IDisposable
{
    private readonly List<IDisposable> _open = [];

    /// <summary>A new file; it is closed by whoever writes it, who is to be kept.</summary>
    public static Stream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be written: {failure.Message}");
        }
    }

    /// <summary>A new file for lines.</summary>
    public RecordOutput Open(string path)
    {
        Stream stream = Create(path);
        // From the last to the first: what is waiting is written before the file is closed.
        _open.Insert(0, stream);
        var output = new RecordOutput(stream, isLive);
        _open.Insert(0, output);
        return output;
    }

    /// <summary>Has something completed at the end.</summary>
    public T Keep<T>(T export) where T : IDisposable
    {
        _open.Insert(0, export);
        return export;
    }

    public void Dispose()
    {
        foreach (IDisposable open in _open) open.Dispose();
        _open.Clear();
    }
}
