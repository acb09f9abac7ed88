// What a verb reads from and writes to. Output is bytes: payloads are printed as they are.
using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Godwit.Cli.CommandLine;

internal sealed class Terminal(Stream input, Stream output, TextWriter error, bool isErrorSeen = false) : IDisposable
{
    public Stream Input { get; } = input;

    public Stream Output { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>Whether somebody looks at <see cref="Error"/> while the program runs.</summary>
    public bool IsErrorSeen { get; } = isErrorSeen;

    /// <summary>Whether somebody is there who can be asked.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Columns of the terminal that the output goes to; 0 (default) if it goes elsewhere.</summary>
    public int Columns { get; init; }

    /// <summary>Has something done whenever the process is told to read its files again (SIGHUP), until what comes back is disposed of.</summary>
    public Func<Action, IDisposable> OnHangup { get; init; } = _ => Stream.Null;

    /// <summary>The environment variables; none by default.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess() => new(Console.OpenStandardInput(), StandardOutput.Open(), Console.Error, !Console.IsErrorRedirected)
    {
        OnHangup = reload => PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            reload();
        }),
        Environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? ""),
        IsInteractive = !Console.IsInputRedirected && !Console.IsOutputRedirected,
        Columns = Console.IsOutputRedirected ? 0 : Math.Max(40, Console.WindowWidth),
    };

    /// <summary>Writes text to the output.</summary>
    public void Write(string text) => Output.Write(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
        Error.Flush();
    }
}
