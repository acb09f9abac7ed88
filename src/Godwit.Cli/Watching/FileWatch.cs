// Sees that files have changed, by looking at them every two seconds. The system's notifications would be faster, but they are about names in
// directories: a link in the middle of a path that leads elsewhere, a network drive or a full table of watches makes them silent, and what has to be
// looked at anyway need not be announced. Some twenty files cost some hundred microseconds.
namespace Godwit.Cli.Watching;

/// <summary>Calls when files have changed and then are left alone for one look: whoever writes several of them is not interrupted.</summary>
internal sealed class FileWatch : IDisposable
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Func<FileStamps> _read;
    private readonly Func<Task> _changed;
    private readonly ITimer _timer;
    private FileStamps _seen;
    private int _isBusy;

    /// <param name="read">The files as they were when they were read last, with success or without: which, and how.</param>
    /// <param name="changed">Reads them again. If that fails it is not called again before another change.</param>
    /// <param name="time">The clock.</param>
    public FileWatch(Func<FileStamps> read, Func<Task> changed, TimeProvider time)
    {
        (_read, _changed, _seen) = (read, changed, read());
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0) return;
        try
        {
            FileStamps read = _read(), now = read.Again();
            bool isQuiet = !now.Differences(_seen).Any();
            _seen = now;
            if (isQuiet && now.Differences(read).Any()) await _changed().ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }
}
