// godwit pub, sub and rr next to mosquitto_pub, mosquitto_sub and mosquitto_rr: the same arguments give the same output, the same exit
// code and the same packets at the broker, so that scripts need not change.
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Interop.Tests.Cli;

public partial class ToolComparisonTests
{
    /// <summary>Who must be let in with which password; anybody else without user name may come too.</summary>
    private sealed class Door : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) => new(
            client.UserName switch
            {
                null => AuthenticationResult.Success,
                "banned" => new AuthenticationResult(ReasonCode.Banned),
                "stranger" => AuthenticationResult.NotAuthorized,
                _ when client.Password is { } password && password.Span.SequenceEqual("secret"u8) => AuthenticationResult.Success,
                _ => AuthenticationResult.BadUserNameOrPassword,
            });
    }

    // Each line as it would be typed; '...' quotes. The messages that come are those of Feed.
    [Theory]
    [InlineData("-t live/1 -C 1")]
    [InlineData("-t live/# -C 4 -v")]
    [InlineData("-t live/1 -t live/3 -C 2 -v -q 1")]
    [InlineData("-t live/1 -C 1 -N")]
    [InlineData("-t live/# -C 4 -q 2 -F '%t|%q|%r|%m|%l|%p'")]
    [InlineData("-t live/# -C 4 -F %x")]
    [InlineData("-t live/# -C 4 -F %X")]
    [InlineData("-t live/# -C 4 -F '%% %t @@ \\t|\\n\\\\'")]
    [InlineData("-t live/# -C 4 -F '[%10t][%-10t][%5l][%05l][%3q]'")]
    [InlineData("-t live/# -C 4 -q 1 -F %j")]
    [InlineData("-t live/1 -C 1 -F %J")]
    [InlineData("-t live/3 -C 1 -F %J")]
    [InlineData("-t live/1 -C 1 -F '%U|%I|@Y-@m-@d'")]
    [InlineData("-t live/# -C 4 -q 2 -V 5 -F '%t %A %C %D %E %F %P %R %S'")]
    [InlineData("-t live/# -C 4 -q 2 -V 5 -F %j")]
    [InlineData("-t live/4 -C 1 -V 5 -D subscribe subscription-identifier 9 -F '%S %t'")]
    [InlineData("-t kept/# -C 2 -v")]
    [InlineData("-t kept/# -C 2 -F '%r %t %p'")]
    [InlineData("-t kept/# -t live/1 -C 1 -R -v")]
    [InlineData("-t kept/# -t live/1 --retained-only -v")]
    [InlineData("-t kept/# -C 1 -T kept/a -v")]
    [InlineData("-t live/# -T live/1 -T live/2 -C 2 -v")]
    [InlineData("-t live/1 -C 1 -V 31 -v")]
    [InlineData("-t live/1 -E")]
    [InlineData("-t nothing -W 1")]
    [InlineData("-t live/# -W 1 -v")]
    public Task Sub_Output_IsThatOfMosquittoSub(string arguments) => CompareAsync("sub", arguments);

    [Theory]
    [InlineData("-t live/1 -C 1 -u anna -P secret")]
    [InlineData("-t live/1 -C 1 -u anna -P wrong")]
    [InlineData("-t live/1 -C 1 -u stranger")]
    [InlineData("-t live/1 -C 1 -u anna -P wrong -V 5")]
    [InlineData("-t live/1 -C 1 -u stranger -V 5")]
    [InlineData("-t live/1 -C 1 -u banned -V 5")]
    [InlineData("-t a/#/b -C 1")]
    [InlineData("-t live/1 -q 3")]
    [InlineData("-t live/1 --no-such-option")]
    [InlineData("-t live/1 -F %")]
    [InlineData("-t live/1 -F %z")]
    public Task Sub_ExitCode_IsThatOfMosquittoSub(string arguments) => CompareAsync("sub", arguments);

    [Theory]
    [InlineData("-t room -m hello", null)]
    [InlineData("-t room -m hello -q 1 -r", null)]
    [InlineData("-t room -m hello -q 2 -V 5", null)]
    [InlineData("-t room -n -r", null)]
    [InlineData("-t room -l -q 1", "one\ntwo\n\nthree")]
    [InlineData("-t room -s -q 1", "one\ntwo\n")]
    [InlineData("-t room -m again --repeat 3", null)]
    [InlineData("-t room -m x -V 5 -q 1 -D publish user-property a b -D publish content-type text/plain", null)]
    [InlineData("-t room -l -V 5 -D publish topic-alias 1", "one\ntwo\n")]
    [InlineData("-t room -m x -u anna -P secret", null)]
    [InlineData("-t room -m x -u anna -P wrong", null)]
    [InlineData("-t room -m x -u anna -P wrong -V 5", null)]
    [InlineData("-t room -m x -u stranger -q 1", null)]
    [InlineData("-t room/# -m x", null)]
    [InlineData("-t room -m x -q 5", null)]
    [InlineData("-t room -f /no/such/file", null)]
    [InlineData("-t room -m x --no-such-option", null)]
    public Task Pub_PacketsAndExitCode_AreThoseOfMosquittoPub(string arguments, string? input) => CompareAsync("pub", arguments, input);

    // mosquitto's tools print their whole help to standard output then; ours say what is missing, on standard error.
    [Theory]
    [InlineData("pub", "-t room")]
    [InlineData("pub", "-m x")]
    [InlineData("sub", "-C 1 -v")]
    [InlineData("rr", "-t request -m question")]
    public async Task Tool_SomethingIsMissing_ExitCodeIsTheSame(string verb, string arguments)
    {
        (ToolResult theirs, _) = await RunAsync(Programs.MosquittoTool(verb), [], verb, arguments.Split(' '), null);
        (ToolResult ours, _) = await RunAsync(GodwitProgram.Path, [verb], verb, arguments.Split(' '), null);

        Assert.Equal(theirs.ExitCode, ours.ExitCode);
        Assert.Empty(ours.Output);
        Assert.NotEmpty(ours.Errors);
    }

    [Theory]
    [InlineData("-t request -e answer -m question")]
    [InlineData("-t request -e answer -m question -v -q 1")]
    [InlineData("-t request -e answer -m question -V 5 -F '%t %p'")]
    [InlineData("-t silence -e answer -m question -W 1")]
    public Task Rr_Output_IsThatOfMosquittoRr(string arguments) => CompareAsync("rr", arguments);

    private static async Task CompareAsync(string verb, string line, string? input = null)
    {
        string[] arguments = [.. WordPattern().Matches(line).Select(word => word.Value.Trim('\''))];
        (ToolResult theirs, string theirPackets) = await RunAsync(Programs.MosquittoTool(verb), [], verb, arguments, input);
        (ToolResult ours, string ourPackets) = await RunAsync(GodwitProgram.Path, [verb], verb, arguments, input);

        Assert.True(theirs.ExitCode == ours.ExitCode, $"exit code {ours.ExitCode}, mosquitto's is {theirs.ExitCode}\n{ours.Errors}\n{theirs.Errors}");
        Assert.Equal(WithoutTime(theirs.Output), WithoutTime(ours.Output));
        Assert.Equal(theirPackets, ourPackets);
    }

    /// <summary>Runs a tool against a broker of its own.</summary>
    private static async Task<(ToolResult Result, string Published)> RunAsync(
        string program, string[] first, string verb, string[] arguments, string? input)
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { Loops = 2, SysInterval = TimeSpan.Zero, Authenticator = new Door() });
        await broker.Broker.PublishAsync("kept/a", "first"u8.ToArray(), QoS.AtLeastOnce, retain: true);
        await broker.Broker.PublishAsync("kept/b", "second"u8.ToArray(), QoS.AtMostOnce, retain: true);

        await using var tool = new ToolRun(program, [.. first, "-h", "127.0.0.1", "-p", $"{broker.Port}", "-i", "tool", .. arguments], input);
        if (verb == "sub" && !arguments.Contains("-E")) await FeedAsync(broker, tool);
        else if (verb == "rr") await AnswerAsync(broker, tool);
        ToolResult result = await tool.ResultAsync();
        if (result.ExitCode == 0) await broker.LoggedAsync("Client tool "); // it has gone: what it sent is in the log
        return (result, string.Join('\n', PublishLine().Matches(broker.Log).Select(match => match.Value)));
    }

    private static async Task FeedAsync(TestBroker broker, ToolRun tool)
    {
        if (await Task.WhenAny(broker.LoggedAsync("Sending SUBACK to tool"), tool.Ended) == tool.Ended) return;
        await broker.Broker.PublishAsync("live/1", "plain text"u8.ToArray());
        await broker.Broker.PublishAsync("live/2", new byte[] { 1, 0x7F, 0xC3, 0xBC }, QoS.AtLeastOnce);
        await broker.PublishAsync(PeerKind.Mosquitto, ProtocolVersion.V5, "id=feeder", "topic=live/4", "payload=with properties", "qos=1",
            "content-type=text/plain", "response=answer/here", "correlation=c1", "property=a:1", "property=b:2"); // godwit's order in JSON
        // The last one: a tool may show it before or after what comes during its handshake.
        await broker.Broker.PublishAsync("live/3", Encoding.UTF8.GetBytes("""{"temperature":21.5,"tags":["a","ü"]}"""), QoS.ExactlyOnce);
    }

    private static async Task AnswerAsync(TestBroker broker, ToolRun tool)
    {
        if (await Task.WhenAny(broker.LoggedAsync("'request'"), tool.Ended) != tool.Ended)
            await broker.Broker.PublishAsync("answer", "forty-two"u8.ToArray());
    }

    // Seconds, dates and times of day: only their form is the same in two runs.
    private static string WithoutTime(string output) => TimePattern().Replace(output, match => DigitPattern().Replace(match.Value, "0"));

    [GeneratedRegex("'[^']*'|[^ ]+")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"^Received PUBLISH from tool .*$", RegexOptions.Multiline)]
    private static partial Regex PublishLine();

    [GeneratedRegex(@"20\d\d-\d\d-\d\d(T[\d:.]+([+-]\d+)?Z?)?|\b1\d{9}(\.\d+)?\b")]
    private static partial Regex TimePattern();

    [GeneratedRegex(@"\d")]
    private static partial Regex DigitPattern();
}
