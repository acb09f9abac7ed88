// Where the message of pub and rr comes from: exactly one of -m, -f, -n, -s (and -l for pub).
using System.CommandLine;
using System.Text;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class MessageArguments
{
    private readonly Option<string?> _message = OptionTypes.Text("--message", "TEXT", "The message", "-m");
    private readonly Option<string?> _file = OptionTypes.Text("--file", "FILE", "The content of a file", "-f");
    private readonly Option<bool> _null = OptionTypes.Flag("--null-message", "An empty message; with -r it removes the retained one", "-n");
    private readonly Option<bool> _standardInput = OptionTypes.Flag("--stdin-file", "All of standard input as one message", "-s");
    private readonly Option<bool> _lines = OptionTypes.Flag("--stdin-line", "Each line of standard input as a message", "-l");

    /// <summary>The options of both verbs.</summary>
    public Option[] Options => [_message, _file, _null, _standardInput];

    /// <summary>The option that only pub has.</summary>
    public Option LinesOption => _lines;

    /// <summary>Whether each line of the standard input is a message.</summary>
    public bool IsLines(ParseResult arguments) => arguments.GetValue(_lines);

    /// <summary>Checks that one source is given.</summary>
    /// <exception cref="UsageException">None is, or several are.</exception>
    public void Check(ParseResult arguments)
    {
        bool[] given =
        [
            arguments.GetValue(_message) is not null, arguments.GetValue(_file) is not null, arguments.GetValue(_null),
            arguments.GetValue(_standardInput), IsLines(arguments),
        ];
        switch (given.Count(isGiven => isGiven))
        {
            case 0: throw new UsageException("There is no message: give it by -m TEXT, -f FILE, -n (empty), -s or -l (standard input).");
            case > 1: throw new UsageException("There is more than one source of the message: -m, -f, -n, -s and -l exclude each other.");
        }
    }

    /// <summary>The one message.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public async Task<byte[]> ReadAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        if (arguments.GetValue(_message) is { } text) return Encoding.UTF8.GetBytes(text);
        if (arguments.GetValue(_file) is { } file) return await ReadFileAsync(file, stop).ConfigureAwait(false);
        if (arguments.GetValue(_null)) return [];

        using var content = new MemoryStream();
        await terminal.Input.CopyToAsync(content, stop).WaitAsync(stop).ConfigureAwait(false);
        return content.Length > 0
            ? content.ToArray()
            : throw new UsageException("-s: the standard input is empty. To publish an empty message use -n.");
    }

    private static async Task<byte[]> ReadFileAsync(string file, CancellationToken stop)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, stop).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"-f: the file cannot be read. {failure.Message}");
        }
    }
}
