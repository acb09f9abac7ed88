// godwit losses against a broker: tables, JSON, and what it says when there is nothing to show.
using System.Net;
using System.Net.Sockets;
using Godwit.Broker;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Testing;

namespace Godwit.Cli.Tests;

public class LossesVerbTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    [Fact]
    public async Task Losses_Table_ShowsWhatIsLostAndWhatToDo()
    {
        await LoseAsync("table", 3);

        CommandLineResult losses = await broker.RunAsync("losses", "--client", "table");

        Assert.Equal((0, ""), (losses.ExitCode, losses.Error));
        string[] lines = losses.Output.Split('\n');
        Assert.Matches("^COUNT  REASON   CLIENT  TOPIC    LAST    SAMPLE$", lines[0]);
        Assert.Matches("^    3  offline  table   table/a  0s ago  table/a/b, 1 byte, QoS 0, by godwit-pub-[0-9a-f]{8}$", lines[1]);
        Assert.Equal("3 messages: 3 offline.", lines[3]);
        Assert.Equal($"offline: {Advice.For(DropReason.Offline)}", lines[5]);
    }

    [Fact]
    public async Task Losses_Top_CountsTheRest()
    {
        await LoseAsync("top", 2);
        await broker.RunAsync("pub", "-t", "top/b", "-m", "x", "-q", "1");

        CommandLineResult losses = await broker.RunAsync("losses", "--client", "top", "--top", "1");

        Assert.Contains("top/a", losses.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("top/b", losses.Output, StringComparison.Ordinal);
        Assert.Contains("\nand 1 message in 1 smaller row; --top shows more of them\n\n3 messages: 3 offline.\n", losses.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Losses_Json_IsAnObjectALine()
    {
        await LoseAsync("json", 2);
        await broker.RunAsync("pub", "-t", "json/b", "-m", "x", "-q", "1");

        CommandLineResult losses = await broker.RunAsync("losses", "--client", "json", "--json");

        string[] lines = losses.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("""{"client":"json","topicPrefix":"json/a","reason":"offline","count":2,"bytes":2,"firstAt":"20""", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Losses_NoneOfThatReason_SaysSo() =>
        Assert.Equal("Nothing has been lost.\n", (await broker.RunAsync("losses", "--reason", "store-failed")).Output);

    [Fact]
    public async Task Losses_NoAdministrator_IsToldWhoMay()
    {
        CommandLineResult losses = await broker.RunAsync("losses", "-u", "guest");

        Assert.Equal((1, ""), (losses.ExitCode, losses.Output));
        Assert.Contains("does not let this client look at it or change it (Not authorized)", losses.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Losses_BrokerSaysNothing_SuspectsAnotherBroker()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        Task served = AcceptAndAcknowledgeAsync(other);

        CommandLineResult losses = await CommandLineResult.RunAsync(
            "losses", "-h", "127.0.0.1", "-p", $"{((IPEndPoint)other.LocalEndpoint).Port}", "-W", "0.2");

        Assert.Equal((1, ""), (losses.ExitCode, losses.Output));
        Assert.Equal("godwit losses: The broker did not answer within 0.2 seconds. Is it a Godwit broker? Others do not have what this command asks for.",
            losses.Error.Trim());
        await served;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Losses_Follow_PrintsWhatIsNewAndSurvivesARestart(bool isJson)
    {
        using var stop = new CancellationTokenSource();
        using var output = new WatchedOutput();
        using var error = new StringWriter();
        var options = new BrokerOptions { Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Parse(isJson ? "127.0.0.77" : "127.0.0.78"), 0))], Loops = 1 };
        MqttBroker first = await MqttBroker.StartAsync(options);
        IPEndPoint endPoint = first.EndPoints[0];
        string[] address = ["-h", $"{endPoint.Address}", "-p", $"{endPoint.Port}"];
        await LoseAsync(address, "away", 2);

        Task<int> verb = Runner.RunAsync(["losses", .. address, "-f", "--interval", "0.01", "-W", "0.5", .. isJson ? new[] { "--json" } : []],
            new Terminal(Stream.Null, output, TextWriter.Synchronized(error)), stop.Token);
        await output.WhenAsync(isJson ? "\"new\":0}" : "2 messages: 2 offline.");
        await first.DisposeAsync();
        await using MqttBroker second = await MqttBroker.StartAsync(options with { Listeners = [new ListenerOptions(endPoint)] });
        await LoseAsync(address, "again", 1);
        await output.WhenAsync(isJson ? "\"client\":\"again\"" : "+1 offline, again: again/a/b, 1 byte, QoS 0");
        await stop.CancelAsync();

        Assert.Equal(0, await verb);
    }

    [Fact]
    public void Changes_SmallerCount_IsThatOfABrokerThatHasStartedAgain()
    {
        var changes = new LossChanges([Of("a", 5), Of("b", 5)]);

        Assert.Equal([("a", 2L), ("c", 1L)], changes.Take([Of("a", 7), Of("b", 5), Of("c", 1)]).Select(c => (c.Loss.Client, c.More)));
        Assert.Equal([("a", 3L)], changes.Take([Of("a", 3)]).Select(c => (c.Loss.Client, c.More)));
        Assert.Empty(changes.Take([Of("a", 3)]));
    }

    [Fact]
    public void Advice_EveryReason_HasOneAndIsDocumented()
    {
        string documentation = File.ReadAllText(Repository.PathOf("docs/losses.md"));
        Assert.All(DropReasons.All, reason =>
        {
            Assert.NotEmpty(Advice.For(reason));
            Assert.Contains($"| `{reason.Name()}` |", documentation, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(0, "0s ago")]
    [InlineData(59, "59s ago")]
    [InlineData(3 * 60 + 4, "3m 4s ago")]
    [InlineData(2 * 3600, "2h ago")]
    [InlineData(3 * 86400 + 4 * 3600 + 59, "3d 4h ago")]
    public void Readable_Ago_HasTheTwoLargestUnits(int seconds, string expected) => Assert.Equal(expected, $"{Readable.Span(TimeSpan.FromSeconds(seconds))} ago");

    [Theory]
    [InlineData(1023, "1023")]
    [InlineData(1024, "1K")]
    [InlineData(1_300_000, "1.2M")]
    [InlineData(64L << 20, "64M")]
    public void Readable_Bytes_HaveAUnit(long bytes, string expected) => Assert.Equal(expected, Readable.Bytes(bytes));

    [Fact]
    public void Table_ControlCharacters_AreShownNotSent() => Assert.Equal("\\u001b[2J", TextTable.Plain("\u001b[2J"));

    private Task LoseAsync(string client, int count) => LoseAsync(["-h", "127.0.0.1", "-p", broker.Port], client, count);

    // A session that is away, and messages of QoS 0 for it.
    private static async Task LoseAsync(string[] address, string client, int count)
    {
        await CommandLineResult.RunAsync(["sub", .. address, "-t", $"{client}/#", "-c", "-i", client, "-E"]);
        await CommandLineResult.RunAsync(["pub", .. address, "-t", $"{client}/a/b", "-m", "x", "-q", "1", "--repeat", $"{count}"]);
    }

    // A broker that takes everything and answers nothing but CONNECT and the acknowledgement.
    private static async Task AcceptAndAcknowledgeAsync(TcpListener listener)
    {
        using Socket socket = await listener.AcceptSocketAsync();
        byte[] buffer = new byte[4096];
        await socket.ReceiveAsync(buffer);
        await socket.SendAsync(Hex.Bytes("20 03 00 00 00"));
        await socket.ReceiveAsync(buffer);
        await socket.SendAsync(Hex.Bytes("40 02 00 01"));
        while (await socket.ReceiveAsync(buffer) > 0)
        {
        }
    }

    private static Loss Of(string client, long count) => new()
    {
        Client = client, TopicPrefix = "t", Reason = DropReason.Offline, Count = count, Bytes = 0, FirstAt = default, LastAt = default, Samples = [],
    };
}
