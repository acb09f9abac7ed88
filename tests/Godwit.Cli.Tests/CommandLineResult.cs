using System.Text;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Tests;

/// <summary>What a run of the program in this process printed, and its exit code.</summary>
internal sealed record CommandLineResult(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>Runs the program as the shell would.</summary>
    public static Task<CommandLineResult> RunAsync(params string[] arguments) => RunAsync([], default, arguments);

    /// <summary>Runs the program with a standard input, until it ends or is told to.</summary>
    public static async Task<CommandLineResult> RunAsync(byte[] input, CancellationToken stop, params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        int code = await Runner.RunAsync(arguments, new Terminal(new MemoryStream(input), output, error), stop);
        return new CommandLineResult(code, output.ToArray(), error.ToString());
    }
}
