// pub, sub and rr against a broker: what they print and how they end.
using System.Text;

namespace Godwit.Cli.Tests;

public class PubSubTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    [Fact]
    public async Task Pub_Retained_IsPrintedBySub()
    {
        Assert.Equal(0, (await broker.RunAsync("pub", "-t", "one/a", "-m", "hello", "-r", "-q", "1")).ExitCode);

        CommandLineResult sub = await broker.RunAsync("sub", "-t", "one/#", "-C", "1", "-v");

        Assert.Equal((0, "one/a hello\n", ""), (sub.ExitCode, sub.Output, sub.Error));
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("-q")]
    [InlineData("--topic=x")]
    [InlineData("@file")]
    [InlineData("a=b:c")]
    [InlineData("--")]
    [InlineData("é \"quoted\"")]
    public async Task Pub_AnyText_IsTheMessageAsItIs(string text)
    {
        string topic = $"verbatim/{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}";

        CommandLineResult pub = await broker.RunAsync("pub", "-t", topic, "-m", text, "-r", "-q", "1");
        CommandLineResult sub = await broker.RunAsync("sub", "-t", topic, "-C", "1", "-N");

        Assert.Equal((0, text), (pub.ExitCode, sub.Output));
    }

    [Fact]
    public async Task Pub_EmptyMessage_RemovesTheRetainedOne()
    {
        await broker.RunAsync("pub", "-t", "removed", "-m", "x", "-r", "-q", "1");
        await broker.RunAsync("pub", "-t", "removed", "-n", "-r", "-q", "1");

        CommandLineResult sub = await broker.RunAsync("sub", "-t", "removed", "-W", "0.2");

        Assert.Equal((27, ""), (sub.ExitCode, sub.Output));
    }

    [Fact]
    public async Task Pub_Lines_BecomeMessagesInOrder()
    {
        Assert.Equal(0, (await broker.RunAsync("sub", "-t", "lines", "-q", "1", "-c", "-i", "lines-reader", "-E")).ExitCode);

        CommandLineResult pub = await broker.RunWithInputAsync("first\n\nsecond\r\nlast", "pub", "-t", "lines", "-q", "1", "-l");
        CommandLineResult sub = await broker.RunAsync("sub", "-t", "lines", "-q", "1", "-c", "-i", "lines-reader", "-C", "4", "-v");

        Assert.Equal((0, "lines first\nlines (null)\nlines second\r\nlines last\n"), (pub.ExitCode, sub.Output));
    }

    [Fact]
    public async Task Pub_StandardInput_IsOneMessage()
    {
        await broker.RunWithInputAsync("one\ntwo\n", "pub", "-t", "stdin", "-s", "-r", "-q", "1");

        Assert.Equal("one\ntwo\n", (await broker.RunAsync("sub", "-t", "stdin", "-C", "1", "-N")).Output);
    }

    [Fact]
    public async Task Pub_EmptyStandardInput_IsRefused() =>
        Assert.Equal((1, "godwit pub: -s: the standard input is empty. To publish an empty message use -n."),
            await broker.RunAsync("pub", "-t", "stdin", "-s") is var result ? (result.ExitCode, result.Error.Trim()) : default);

    [Fact]
    public async Task Pub_Repeat_PublishesSoOften()
    {
        await broker.RunAsync("sub", "-t", "repeat", "-q", "2", "-c", "-i", "repeat-reader", "-E");

        await broker.RunAsync("pub", "-t", "repeat", "-m", "x", "-q", "2", "--repeat", "3", "--repeat-delay", "0.01");

        Assert.Equal("x\nx\nx\n", (await broker.RunAsync("sub", "-t", "repeat", "-q", "2", "-c", "-i", "repeat-reader", "-C", "3")).Output);
    }

    [Fact]
    public async Task Pub_Url_NamesHostPortAndTopic()
    {
        CommandLineResult pub = await CommandLineResult.RunAsync("pub", "-L", $"mqtt://me:secret@127.0.0.1:{broker.Port}/by/url", "-m", "x", "-r", "-q", "1");

        Assert.Equal((0, "x\n"), (pub.ExitCode, (await broker.RunAsync("sub", "-t", "by/url", "-C", "1")).Output));
    }

    [Fact]
    public async Task Pub_Properties_ArriveWithTheMessage()
    {
        await broker.RunAsync("pub", "-V", "5", "-t", "props", "-m", "x", "-r", "-q", "1", "-D", "publish", "content-type", "text/plain",
            "-D", "publish", "user-property", "unit", "C", "-D", "publish", "correlation-data", "id", "-D", "publish", "response-topic", "answer");

        CommandLineResult sub = await broker.RunAsync("sub", "-V", "5", "-t", "props", "-C", "1", "-F", "%C|%P|%D|%R|%S", "-D", "subscribe", "subscription-identifier", "7");

        Assert.Equal("text/plain|unit:C|id|answer|7\n", sub.Output);
    }

    [Theory]
    [InlineData("31", 4)]
    [InlineData("311", 4)]
    [InlineData("5", 134)]
    public async Task Connect_Refused_ExitsWithTheCodeOfConnack(string version, int code)
    {
        CommandLineResult pub = await broker.RunAsync("pub", "-V", version, "-u", "nobody", "-P", "wrong", "-t", "a", "-m", "x");

        Assert.Equal(code, pub.ExitCode);
        Assert.Contains("User name or password is wrong", pub.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_Quiet_SaysNothing()
    {
        CommandLineResult pub = await broker.RunAsync("pub", "--quiet", "-u", "nobody", "-t", "a", "-m", "x");

        Assert.Equal((4, "", ""), (pub.ExitCode, pub.Output, pub.Error));
    }

    [Fact]
    public async Task Pub_NotAuthorized_Fails()
    {
        CommandLineResult pub = await broker.RunAsync("pub", "-V", "5", "-q", "1", "-t", "forbidden/a", "-m", "x");

        Assert.Equal(1, pub.ExitCode);
        Assert.StartsWith("godwit pub: The broker refused the message to 'forbidden/a': Not authorized (0x87).", pub.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sub_AllRefused_Fails()
    {
        CommandLineResult sub = await broker.RunAsync("sub", "-V", "5", "-t", "forbidden/#");

        Assert.Equal((1, "godwit sub: The broker refused the subscription to 'forbidden/#': Not authorized (0x87)."), (sub.ExitCode, sub.Error.Trim()));
    }

    [Fact]
    public async Task Sub_Timeout_Exits27()
    {
        CommandLineResult sub = await broker.RunAsync("sub", "-t", "silence", "-W", "0.1");

        Assert.Equal((27, "godwit sub: Timed out"), (sub.ExitCode, sub.Error.Trim()));
    }

    [Fact]
    public async Task Sub_UserStops_Exits0()
    {
        using var stop = new CancellationTokenSource();
        Task<CommandLineResult> sub = CommandLineResult.RunAsync([], stop.Token, "sub", "-h", "127.0.0.1", "-p", broker.Port, "-t", "until/stopped");
        await broker.WhenSubscribedAsync("until/stopped");

        await stop.CancelAsync();

        Assert.Equal(0, (await sub).ExitCode);
    }

    [Fact]
    public async Task Sub_Retained_IsSkippedFilteredOrTheOnlyOne()
    {
        await broker.RunAsync("pub", "-t", "ret/a", "-m", "1", "-r", "-q", "1");
        await broker.RunAsync("pub", "-t", "ret/b", "-m", "2", "-r", "-q", "1");

        Assert.Equal("", (await broker.RunAsync("sub", "-t", "ret/#", "-R", "-W", "0.2")).Output);
        Assert.Equal("", (await broker.RunAsync("sub", "-V", "5", "-t", "ret/#", "-R", "-W", "0.2")).Output);
        Assert.Equal("ret/b 2\n", (await broker.RunAsync("sub", "-t", "ret/#", "-T", "ret/a", "-v", "-W", "0.2")).Output);
    }

    [Fact]
    public async Task Sub_RetainedOnly_EndsAtTheFirstOtherMessage()
    {
        await broker.RunAsync("pub", "-t", "only/a", "-m", "kept", "-r", "-q", "1");
        Task<CommandLineResult> sub = broker.RunAsync("sub", "-t", "only/#", "--retained-only");
        await broker.WhenSubscribedAsync("only/#");

        await broker.RunAsync("pub", "-t", "only/b", "-m", "live");

        Assert.Equal((0, "kept\n"), ((await sub).ExitCode, (await sub).Output));
    }

    [Fact]
    public async Task Sub_RemoveRetained_RemovesWhatItPrints()
    {
        await broker.RunAsync("pub", "-t", "gone/a", "-m", "x", "-r", "-q", "1");

        Assert.Equal("x\n", (await broker.RunAsync("sub", "-t", "gone/#", "--remove-retained", "-C", "1")).Output);
        Assert.Equal(27, (await broker.RunAsync("sub", "-t", "gone/#", "-W", "0.2")).ExitCode);
    }

    [Fact]
    public async Task Sub_BinaryPayload_IsPrintedUnchanged()
    {
        string file = Path.GetTempFileName();
        byte[] payload = [0, 0xFF, 0x0A, 0x80, 0];
        await File.WriteAllBytesAsync(file, payload);

        await broker.RunAsync("pub", "-t", "binary", "-f", file, "-r", "-q", "1");
        File.Delete(file);

        Assert.Equal(payload, (await broker.RunAsync("sub", "-t", "binary", "-C", "1", "-N")).OutputBytes);
    }

    [Fact]
    public async Task Sub_Debug_ShowsThePacketsInMosquittosWords()
    {
        await broker.RunAsync("pub", "-t", "debug", "-m", "hello", "-r", "-q", "1");

        CommandLineResult sub = await broker.RunAsync("sub", "-i", "me", "-t", "debug", "-q", "1", "-C", "1", "-d");

        Assert.Equal(
            [
                "Client me received CONNACK (0)", "Client me received PUBLISH (d0, q1, r1, m1, 'debug', ... (5 bytes))", "Client me received SUBACK",
                "Client me sending CONNECT", "Client me sending DISCONNECT", "Client me sending PUBACK (m1)",
                "Client me sending SUBSCRIBE (Mid: 1, Topic: debug, QoS: 1, Options: 0x00)", "hello",
            ],
            // Packets and messages are printed by different threads, and -C may end the program before "Subscribed" is printed.
            sub.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("Subscribed", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rr_Request_PrintsTheResponse()
    {
        Task<CommandLineResult> responder = broker.RunAsync("sub", "-V", "5", "-t", "rr/ask", "-C", "1", "-F", "%R %D %p");
        await broker.WhenSubscribedAsync("rr/ask");
        Task<CommandLineResult> rr = broker.RunAsync("rr", "-t", "rr/ask", "-e", "rr/answer", "-m", "state", "-D", "publish", "correlation-data", "c1", "-v");

        Assert.Equal("rr/answer c1 state\n", (await responder).Output);
        await broker.RunAsync("pub", "-t", "rr/answer", "-m", "on");

        Assert.Equal((0, "rr/answer on\n"), ((await rr).ExitCode, (await rr).Output));
    }

    [Fact]
    public async Task Rr_NoResponse_Exits27() =>
        Assert.Equal(27, (await broker.RunAsync("rr", "-t", "rr/nobody", "-e", "rr/nothing", "-m", "x", "-W", "0.2")).ExitCode);

    [Fact]
    public async Task Will_ConnectionLost_HasItsProperties()
    {
        // The will is not published on a clean end; that it is accepted shows that it was sent well-formed.
        CommandLineResult pub = await broker.RunAsync("pub", "-V", "5", "-t", "w", "-m", "x", "--will-topic", "w/will", "--will-payload", "gone",
            "--will-qos", "1", "-D", "will", "will-delay-interval", "5", "-D", "will", "user-property", "a", "b");

        Assert.Equal((0, ""), (pub.ExitCode, pub.Error));
    }

    [Fact]
    public async Task Connect_NobodyListens_SaysSo()
    {
        // Port 1 (tcpmux) is free everywhere.
        CommandLineResult pub = await CommandLineResult.RunAsync("pub", "-h", "127.0.0.1", "-p", "1", "-t", "a", "-m", "x");

        Assert.Equal(1, pub.ExitCode);
        Assert.Contains("127.0.0.1", pub.Error, StringComparison.Ordinal);
        Assert.Contains("Is it running", pub.Error, StringComparison.Ordinal);
    }
}
