using System.Globalization;

namespace Godwit.Cli.CommandLine;

/// <summary>Shows how far long work has come, on one line of a terminal that somebody looks at; a file or pipe gets nothing.</summary>
internal sealed class ProgressLine(Terminal terminal) : IDisposable
{
    private readonly bool _isWatched = ReferenceEquals(terminal.Error, Console.Error) && !Console.IsErrorRedirected;
    private int _shown = -1;

    /// <summary>Shows a part from 0 to 1.</summary>
    public void Show(double part)
    {
        int percent = (int)(100 * part);
        if (!_isWatched || percent == _shown) return;
        _shown = percent;
        terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{percent,3} %"));
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_shown >= 0) terminal.Error.Write("\r     \r");
    }
}
