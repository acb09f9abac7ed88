// godwit sessions against a broker: lists, one session, and deletion with and without a question.
using System.Text;
using System.Text.Json.Nodes;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;

namespace Godwit.Cli.Tests;

public class SessionsVerbTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    [Fact]
    public async Task Sessions_List_HasTheOneWithMostWaitingFirst()
    {
        await LeaveAsync("list-few", 1);
        await LeaveAsync("list-many", 20);

        CommandLineResult sessions = await broker.RunAsync("sessions", "--offline", "--top", "2");

        Assert.Equal((0, ""), (sessions.ExitCode, sessions.Error));
        string[] lines = sessions.Output.Split('\n');
        Assert.Matches("^CLIENT +USER +STATE +CONNECTS +SUBSCRIPTIONS +IN FLIGHT +WAITING +BYTES +LOST$", lines[0]);
        Assert.Matches("^list-many +away [0-9]+s +1 +1 +0 +20 +2.1K +0$", lines[1]);
        Assert.Equal(5, lines.Length);
        Assert.Matches(@"^\d+ sessions, \d+ away; \d+ messages \(.*\) wait\.$", lines[3]);
    }

    [Fact]
    public async Task Sessions_Json_IsAnObjectALine()
    {
        await LeaveAsync("json", 1);

        CommandLineResult sessions = await broker.RunAsync("sessions", "list", "--json", "-u", "operator");

        JsonNode[] lines = [.. sessions.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        Assert.False((bool)lines.Single(line => (string)line["clientId"]! == "json")["connected"]!);
        Assert.Equal("operator", (string)lines.Single(line => ((string)line["clientId"]!).StartsWith("godwit-sessions-", StringComparison.Ordinal))["userName"]!);
    }

    [Fact]
    public async Task Sessions_OlderThan_LeavesOutWhatIsYounger()
    {
        await LeaveAsync("young", 0);

        Assert.StartsWith("0 sessions, 0 away; 0 messages (0) wait.", (await broker.RunAsync("sessions", "--older-than", "1h")).Output, StringComparison.Ordinal);
        Assert.Contains("young", (await broker.RunAsync("sessions", "--older-than", "0")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_Show_TellsEverythingOfOne()
    {
        await LeaveAsync("show", 2);

        CommandLineResult session = await broker.RunAsync("sessions", "show", "show");

        Assert.Equal((0, ""), (session.ExitCode, session.Error));
        Assert.Matches(
            """
            ^show: away [0-9]+s
            It has connected 1 time; the session lasts for ever\.
            2 messages \(206\) wait, 0 are in flight, 0 were lost\.

            SUBSCRIPTION  QOS
            show/#          1

            WAITS FIRST  BYTES  QOS  PUBLISHER
            show/a           1    1  godwit-pub-[0-9a-f]{8}
            show/a           1    1  godwit-pub-[0-9a-f]{8}

            ENDED   LASTED  HOW
            0s ago  0s      client-disconnected
            $
            """.ReplaceLineEndings("\n"), session.Output);
        JsonNode json = JsonNode.Parse((await broker.RunAsync("sessions", "show", "show", "--json")).Output)!;
        Assert.Equal("""[{"filter":"show/#","qos":1}]""", json["subscriptions"]!.ToJsonString());
    }

    [Fact]
    public async Task Sessions_ShowUnknown_SaysSo() =>
        Assert.Equal((1, "godwit sessions: The broker says: There is no session 'nobody'."),
            await broker.RunAsync("sessions", "show", "nobody") is var result ? (result.ExitCode, result.Error.Trim()) : default);

    [Fact]
    public async Task Sessions_DeleteYes_DeletesEachAndFailsIfOneIsMissing()
    {
        await LeaveAsync("gone1", 0);
        await LeaveAsync("gone2", 0);

        CommandLineResult result = await broker.RunAsync("sessions", "delete", "gone1", "missing", "gone2", "--yes");

        Assert.Equal((1, "Deleted gone1.\nDeleted gone2.\n"), (result.ExitCode, result.Output));
        Assert.Contains("There is no session 'missing'", result.Error, StringComparison.Ordinal);
        Assert.Contains("There is no session 'gone1'", (await broker.RunAsync("sessions", "show", "gone1")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y\n", 0, "Deleted asked.\n")]
    [InlineData("n\n", 1, "")]
    [InlineData("", 1, "")]
    public async Task Sessions_DeleteOnATerminal_AsksFirst(string answer, int code, string output)
    {
        await LeaveAsync("asked", 0);
        using var written = new MemoryStream();
        using var error = new StringWriter();
        var terminal = new Terminal(new MemoryStream(Encoding.UTF8.GetBytes(answer)), written, error) { IsInteractive = true };

        int result = await Runner.RunAsync(["sessions", "delete", "asked", "-h", "127.0.0.1", "-p", broker.Port], terminal);

        Assert.Equal((code, $"Delete 1 session with what waits for it: asked? [y/N] {output}"), (result, Encoding.UTF8.GetString(written.ToArray())));
    }

    [Theory]
    [InlineData("show", "Which session? `godwit sessions show ID`")]
    [InlineData("show a b", "Which session? `godwit sessions show ID`")]
    [InlineData("delete", "Which session? `godwit sessions delete ID...`")]
    [InlineData("delete a", "There is no terminal to ask whether to delete: --yes says so.")]
    [InlineData("list a", "'a': list takes no client identifier")]
    [InlineData("drop a", "'drop' is not one of list, show and delete.")]
    [InlineData("--older-than soon", "--older-than takes a time such as 90, 15m, 12h or 30d, not 'soon'.")]
    public async Task Sessions_Wrong_SaysWhatIsWrong(string arguments, string expected)
    {
        CommandLineResult result = await broker.RunAsync(["sessions", .. arguments.Split(' ')]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("30d", 2_592_000)]
    [InlineData("5s", 5)]
    [InlineData("", null)]
    [InlineData("d", null)]
    [InlineData("-1", null)]
    [InlineData("40000d", null)]
    public void Duration_Text_IsRead(string text, int? seconds) => Assert.Equal(seconds, Units.Duration(text)?.TotalSeconds);

    // A session whose client is away, and messages that wait for it.
    private async Task LeaveAsync(string id, int messages)
    {
        await broker.RunAsync("sub", "-t", $"{id}/#", "-q", "1", "-c", "-i", id, "-E");
        if (messages > 0) await broker.RunAsync("pub", "-t", $"{id}/a", "-m", "x", "-q", "1", "--repeat", $"{messages}");
    }
}
