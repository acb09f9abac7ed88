// What the program says to a command line that it cannot carry out, and its help.
namespace Godwit.Cli.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("'sbu' is not one of godwit's commands. Did you mean `godwit sub`?", "sbu")]
    [InlineData("'brocker' is not one of godwit's commands. Did you mean `godwit broker`?", "brocker")]
    [InlineData("'xyzzy' is not one of godwit's commands. `godwit --help` lists what there is.", "xyzzy")]
    [InlineData("Unknown option '--tpoic'. Did you mean --topic?", "pub", "--tpoic", "a")]
    [InlineData("Unknown option '--mesage'. Did you mean --message?", "pub", "-t", "a", "--mesage", "x")]
    [InlineData("Unknown option '-z'. `godwit pub --help` lists the options.", "pub", "-t", "a", "-z")]
    [InlineData("Unknown argument 'word'. `godwit pub --help` lists the options.", "pub", "word")]
    [InlineData("-t needs a value: -t TOPIC.", "pub", "-m", "x", "-t")]
    [InlineData("-D needs 4 values: -D COMMAND PROPERTY VALUE.", "pub", "-D", "publish", "user-property", "a")]
    [InlineData("There is no topic: give it by -t TOPIC.", "pub", "-m", "x")]
    [InlineData("There is no topic: give at least one by -t FILTER.", "sub")]
    [InlineData("There is no response topic: give it by -e TOPIC.", "rr", "-t", "a", "-m", "x")]
    [InlineData("There is no message:", "pub", "-t", "a")]
    [InlineData("There is more than one source of the message:", "pub", "-t", "a", "-m", "x", "-n")]
    [InlineData("-q takes a number from 0 to 2, not '3'.", "pub", "-t", "a", "-m", "x", "-q", "3")]
    [InlineData("-V takes 31, 311, 5, mqttv31, mqttv311 or mqttv5, not '4'.", "pub", "-t", "a", "-m", "x", "-V", "4")]
    [InlineData("a message cannot be published to a topic with + or #", "pub", "-t", "a/#", "-m", "x")]
    [InlineData("-t 'a/#/b' is not a valid topic filter", "sub", "-t", "a/#/b")]
    [InlineData("-c needs a client identifier of your own (-i ID)", "sub", "-t", "a", "-c")]
    [InlineData("A session that never expires (-x -1) needs a client identifier", "sub", "-V", "5", "-t", "a", "-x", "-1")]
    [InlineData("-i and -I cannot both be given.", "sub", "-t", "a", "-i", "x", "-I", "y")]
    [InlineData("A password (-P) needs a user name (-u)", "pub", "-t", "a", "-m", "x", "-P", "secret")]
    [InlineData("A will needs a topic: --will-topic TOPIC.", "pub", "-t", "a", "-m", "x", "--will-payload", "gone")]
    [InlineData("The CA certificate missing.pem cannot be read: there is no such file.", "pub", "-t", "a", "-m", "x", "--cafile", "missing.pem")]
    [InlineData("--unix says where to connect, so -h, -p and -L do not go with it.", "sub", "-t", "a", "--unix", "/tmp/s", "-p", "1883")]
    [InlineData("--control says where to connect, so -h, -p and -L do not go with it.", "reload", "--control", "/tmp/s", "-h", "localhost")]
    [InlineData("--insecure is about TLS, which --cafile, --capath, --tls-use-os-certs, port 8883 or -L mqtts:// ask for.", "sub", "-t", "a", "--insecure")]
    [InlineData("--cert is about TLS", "rr", "-t", "a", "-e", "b", "-m", "x", "--cert", "own.pem")]
    [InlineData("--key needs --cert", "pub", "-t", "a", "-m", "x", "--cafile", "ca.pem", "--key", "own.pem")]
    [InlineData("--no-tls does not go with", "pub", "-t", "a", "-m", "x", "--cafile", "ca.pem", "--no-tls")]
    [InlineData("--tls-version does not go with --no-tls.", "pub", "-t", "a", "-m", "x", "-p", "8883", "--no-tls", "--tls-version", "tlsv1.3")]
    [InlineData("--tls-version takes tlsv1.2, tlsv1.3, 1.2 or 1.3, not 'tlsv1.1'.", "pub", "-t", "a", "-m", "x", "--tls-version", "tlsv1.1")]
    [InlineData("--ws-path needs --ws.", "sub", "-t", "a", "--ws-path", "/x")]
    [InlineData("--ws-path takes a path that begins with /, not 'x'.", "sub", "-t", "a", "--ws", "--ws-path", "x")]
    [InlineData("-f: the file cannot be read.", "pub", "-t", "a", "-f", "/nonexistent/file")]
    [InlineData("--repeat cannot be combined with -l.", "pub", "-t", "a", "-l", "--repeat", "2")]
    [InlineData("The format has no conversion '%z'", "sub", "-t", "a", "-F", "%z")]
    [InlineData("--random-filter takes a percentage", "sub", "-t", "a", "--random-filter", "101")]
    [InlineData("--max-packet-size takes a size such as 65536, 64K or 16M (64 to 268435460), not '16Q'.", "broker", "--max-packet-size", "16Q")]
    [InlineData("--max-packet-size takes a size such as 65536, 64K or 16M (64 to 268435460), not '1'.", "broker", "--max-packet-size", "1")]
    [InlineData("--bind takes an IP address", "broker", "--bind", "example.org")]
    [InlineData("--listen 'http://*' begins with an unknown scheme", "broker", "--listen", "http://*")]
    [InlineData("--listen 'tls://*' needs a certificate and its key. Use --cert and --key.", "broker", "--listen", "tls://*")]
    [InlineData("--key must be there as often as --cert", "broker", "--listen", "tls://*", "--key", "a")]
    [InlineData("--require-certificate needs --cafile", "broker", "--require-certificate")]
    [InlineData("--proxy-protocol needs --trusted-proxy", "broker", "--proxy-protocol")]
    [InlineData("--unix-mode takes an octal number", "broker", "--listen", "unix:///tmp/x", "--unix-mode", "999")]
    [InlineData("The certificate missing.pem cannot be read: there is no such file.", "broker", "--listen", "tls://127.0.0.1:0", "--cert", "missing.pem")]
    [InlineData("--overflow takes drop-oldest, drop-newest or disconnect, not 'x'.", "broker", "--overflow", "x")]
    [InlineData("Which shell? bash, zsh or fish.", "completion")]
    [InlineData("What is to be done? check, stats, backup, restore, export, import or compact.", "store")]
    [InlineData("'chekc' is not one of its actions. Did you mean `godwit store check`?", "store", "chekc", "/tmp")]
    [InlineData("It is called as `godwit store backup DIR FILE`.", "store", "backup", "/tmp")]
    [InlineData("It is called as `godwit store export DIR [FILE]`.", "store", "export")]
    [InlineData("There is no store in /nonexistent: it has no file godwit.db.", "store", "check", "/nonexistent")]
    [InlineData("Which scenario? connect, p2p, fan-in, fan-out, shared, retained or reconnect.", "bench")]
    [InlineData("There is no scenario 'fanin'. Did you mean fan-in?", "bench", "fanin")]
    [InlineData("There is no scenario 'xyzzy', but connect, p2p, fan-in, fan-out, shared, retained or reconnect.", "bench", "xyzzy")]
    [InlineData("Unknown option '--duraton'. Did you mean --duration?", "bench", "p2p", "--duraton", "3")]
    [InlineData("--pairs is for p2p.", "bench", "fan-in", "--pairs", "3")]
    [InlineData("--publishers is for scenarios with publishers; p2p has --pairs.", "bench", "p2p", "--publishers", "3")]
    [InlineData("--window is for p2p, fan-in, fan-out and shared.", "bench", "connect", "--window", "3")]
    [InlineData("--rate (open loop) and --window (closed loop) cannot both be given.", "bench", "p2p", "--rate", "3", "--window", "3")]
    [InlineData("--messages and --duration cannot both be given.", "bench", "p2p", "-n", "3", "--duration", "3")]
    [InlineData("-c needs a prefix of your own for the client identifiers (-I PREFIX)", "bench", "reconnect", "-c")]
    [InlineData("--bind takes an IP address of this machine", "bench", "p2p", "-A", "here")]
    [InlineData("--psk: TLS with a pre-shared key is not served by this version of godwit.", "bench", "p2p", "--psk", "00")]
    [InlineData("--cert is about TLS", "bench", "p2p", "--cert", "own.pem")]
    [InlineData("--html: there is no directory for '/nonexistent/report.html'.", "bench", "p2p", "--html", "/nonexistent/report.html")]
    public async Task Usage_Wrong_SaysWhatIsWrongAndExits1(string expected, params string[] arguments)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(arguments);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("godwit", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("help")]
    public async Task Help_Program_ListsEveryVerb(params string[] arguments)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.All(["broker", "store", "pub", "sub", "rr", "bench", "losses", "sessions", "completion"], verb => Assert.Contains($"\n  {verb} ", result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pub", "--help")]
    [InlineData("sub", "-t", "x", "--help")]
    [InlineData("help", "rr")]
    [InlineData("broker", "--help")]
    [InlineData("losses", "--help")]
    [InlineData("sessions", "--help")]
    [InlineData("completion", "--help")]
    [InlineData("store", "--help")]
    [InlineData("bench", "--help")]
    public async Task Help_Verb_FitsIntoTheTerminalAndHasAnExample(params string[] arguments)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("\nExamples\n  godwit ", result.Output.Replace("source <(", "", StringComparison.Ordinal), StringComparison.Ordinal);
        string[] optionLines = result.Output[..result.Output.IndexOf("\nExamples", StringComparison.Ordinal)].Split('\n');
        Assert.All(optionLines, line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public async Task Help_AsAValue_IsTheValue()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("pub", "-m", "--help");

        Assert.Contains("There is no topic", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_IsPrinted() => Assert.Matches(@"^godwit \d+\.\d+\.\d+\n$", (await CommandLineResult.RunAsync("--version")).Output);
}
