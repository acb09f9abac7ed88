// godwit ban against a broker: list, add, remove, and what is wrong with a command line.
using System.Text.Json.Nodes;

namespace Godwit.Cli.Tests;

public class BanVerbTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    [Fact]
    public async Task Ban_AddListRemove_HoldsInBetween()
    {
        CommandLineResult added = await broker.RunAsync("ban", "add", "--client", "banned-1", "--for", "1h", "--reason", "floods us");
        CommandLineResult refused = await broker.RunAsync("pub", "-i", "banned-1", "-t", "a", "-m", "x");
        CommandLineResult list = await broker.RunAsync("ban");
        CommandLineResult removed = await broker.RunAsync("ban", "remove", "--client", "banned-1");
        CommandLineResult accepted = await broker.RunAsync("pub", "-i", "banned-1", "-t", "a", "-m", "x");

        Assert.Equal((0, "Banned: client banned-1, for 1h. The broker has no data directory: the ban ends with it.\n"), (added.ExitCode, added.Output));
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Matches(@"(?m)^CLIENT +USER +ADDRESS +ENDS +BY +REASON *$", list.Output);
        Assert.Matches(@"(?m)^banned-1 +in 59m 59s|in 1h +godwit-ban-[0-9a-f]{8} +floods us$", list.Output);
        Assert.Equal((0, "Removed 1 ban.\n"), (removed.ExitCode, removed.Output));
        Assert.Equal(0, accepted.ExitCode);
    }

    [Fact]
    public async Task Ban_Json_IsAnObjectALine()
    {
        await broker.RunAsync("ban", "add", "--user", "json-user", "--address", "203.0.113.0/24");

        string[] lines = (await broker.RunAsync("ban", "list", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        JsonNode ban = lines.Select(line => JsonNode.Parse(line)!).Single(node => (string?)node["userName"] == "json-user");
        Assert.Equal(("203.0.113.0/24", "administrator", null), ((string)ban["address"]!, (string)ban["origin"]!, (string?)ban["until"]));
    }

    [Fact]
    public async Task Ban_RemoveWhatIsNotThere_SaysSo() =>
        Assert.Equal((1, "godwit ban: The broker says: There is no ban of client nobody."),
            await broker.RunAsync("ban", "remove", "--client", "nobody") is var result ? (result.ExitCode, result.Error.Trim()) : default);

    [Theory]
    [InlineData("add", "Whom? `godwit ban add` needs --client, --user or --address.")]
    [InlineData("add sensor", "'sensor': whom to ban is said with --client, --user or --address.")]
    [InlineData("list --client a", "list takes no --client, --user or --address")]
    [InlineData("remove --client a --for 1h", "--for and --reason go with add only.")]
    [InlineData("add --client a --for 0.5", "--for takes a second or more.")]
    [InlineData("add --address here", "--address takes an address or a network")]
    [InlineData("drop", "'drop' is not one of list, add and remove.")]
    public async Task Ban_Wrong_SaysWhatIsWrong(string arguments, string expected)
    {
        CommandLineResult result = await broker.RunAsync(["ban", .. arguments.Split(' ')]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }
}
