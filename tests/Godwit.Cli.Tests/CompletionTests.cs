// The scripts are tried in the shells themselves where these are installed; bash is everywhere.
using System.Diagnostics;

namespace Godwit.Cli.Tests;

public class CompletionTests
{
    [Theory]
    [InlineData("b", "broker ban bench")]
    [InlineData("pub --wi", "--will-topic --will-payload --will-qos --will-retain")]
    [InlineData("pub -V m", "mqttv31 mqttv311 mqttv5")]
    [InlineData("broker --backend ", "auto epoll sockets")]
    [InlineData("completion z", "zsh")]
    [InlineData("sessions d", "delete")]
    [InlineData("losses --reason queue", "queue-full")]
    [InlineData("store re", "restore")]
    [InlineData("pub -t ", "")]
    public async Task Bash_Words_AreCompleted(string typed, string expected)
    {
        string script = (await CommandLineResult.RunAsync("completion", "bash")).Output;
        // What bash does on TAB: the words so far in COMP_WORDS, then the function.
        string ask = $"COMP_WORDS=(godwit {typed}); [[ '{typed}' != *' ' ]] || COMP_WORDS+=(''); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _godwit; echo \"${{COMPREPLY[*]}}\"";

        Assert.Equal(expected, await RunBashAsync($"{script}\n{ask}"));
    }

    [Theory]
    [InlineData("zsh", "#compdef godwit")]
    [InlineData("fish", "complete -c godwit -n '__fish_seen_subcommand_from sub' -s t -l topic -x")]
    public async Task OtherShells_Script_IsPrinted(string shell, string expected)
    {
        CommandLineResult result = await CommandLineResult.RunAsync("completion", shell);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }

    private static async Task<string> RunBashAsync(string script)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        string output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        return output.Trim();
    }
}
