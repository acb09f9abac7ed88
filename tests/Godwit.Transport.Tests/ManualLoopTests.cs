// Loops that are turned by hand: everything happens in a known order, on manual time.
using Godwit.Testing;

namespace Godwit.Transport.Tests;

public sealed class ManualLoopTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly EventLoopGroup _group;

    public ManualLoopTests() => _group = EventLoopGroup.Manual(_time, count: 2);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Input_SplitAnywhere_ComesAgainWithWhatFollows(int chunk)
    {
        var server = new TestHandler();
        var packets = new List<string>();
        server.Received = (_, input) =>
        {
            int consumed = 0;
            while (consumed < input.Length && input.Length - consumed > input[consumed])
            {
                packets.Add(System.Text.Encoding.ASCII.GetString(input.Slice(consumed + 1, input[consumed])));
                consumed += input[consumed] + 1;
            }
            return consumed;
        };
        (TransportConnection client, _) = Pair(new TestHandler(), server, new MemoryPairOptions { InputChunk = chunk });
        client.Write("\u0005hello\u0000\u0001a\u000cgood morning"u8);
        _group.RunUntilIdle();
        Assert.Equal(["hello", "", "a", "good morning"], packets);
    }

    [Fact]
    public void RequireInput_Small_CallsOnlyWhenEverythingIsThere()
    {
        var offers = new List<int>();
        var server = new TestHandler();
        server.Received = (connection, input) =>
        {
            offers.Add(input.Length);
            if (input.Length == 100)
            {
                Assert.Null(connection.InputBuffer); // lies in the loop's own buffer
                return 100;
            }
            connection.RequireInput(100);
            return 0;
        };
        (TransportConnection client, _) = Pair(new TestHandler(), server, new MemoryPairOptions { InputChunk = 1 });
        client.Write(new byte[200]);
        _group.RunUntilIdle();
        Assert.Equal([1, 100, 1, 100], offers);
    }

    [Fact]
    public void RequireInput_HugeAnnouncement_ClaimsMemoryOnlyAsBytesArrive()
    {
        var server = new TestHandler
        {
            Received = static (connection, _) =>
            {
                connection.RequireInput(256 * 1024 * 1024);
                return 0;
            },
        };
        (TransportConnection client, _) = Pair(new TestHandler(), server);
        client.Write(new byte[10]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _group.RunUntilIdle();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 200_000);
    }

    [Fact]
    public async Task Reset_BothSides_EndWithReset()
    {
        var (a, b) = (new TestHandler(), new TestHandler());
        (TransportConnection client, _) = Pair(a, b);
        MemoryConnection.Reset(client);
        _group.RunUntilIdle();
        Assert.Equal(CloseReason.Reset, (await a.ClosedTask).Reason);
        Assert.Equal(CloseReason.Reset, (await b.ClosedTask).Reason);
        Assert.All(_group.Loops, loop => Assert.Equal(0, loop.ConnectionCount));
    }

    [Fact]
    public void Write_PeerIsPaused_StaysPendingBeyondTheTransitLimit()
    {
        var server = new TestHandler { Expected = 100_000 };
        var options = new MemoryPairOptions { TransitLimit = 10_000 };
        (TransportConnection client, TransportConnection accepted) = Pair(new TestHandler(), server, options);
        client.OutputLimit = 50_000;
        accepted.PauseReading();
        client.Write(new byte[100_000]);
        _group.RunUntilIdle();
        Assert.Equal(90_000, client.PendingOutput);
        Assert.True(client.IsOutputFull);
        accepted.ResumeReading();
        _group.RunUntilIdle();
        Assert.Equal(0, client.PendingOutput);
        Assert.Equal(100_000, server.Bytes.Length);
    }

    [Fact]
    public void Close_PeerStaysOpenAndPaused_EndsWhenLingerTimeIsOver()
    {
        var client = new TestHandler();
        (TransportConnection a, TransportConnection b) = Pair(client, new TestHandler());
        b.PauseReading();
        a.Close(1000);
        _group.RunUntilIdle();
        _time.AdvanceMilliseconds(999);
        _group.RunUntilIdle();
        Assert.Equal(0, client.ClosedCount);
        _time.AdvanceMilliseconds(1);
        _group.RunUntilIdle();
        Assert.Equal(1, client.ClosedCount);
    }

    [Fact]
    public void TurnEnd_Hook_RunsAfterTheInboxAndBeforeOutputIsSent()
    {
        var server = new TestHandler();
        (TransportConnection client, _) = Pair(new TestHandler(), server);
        var hook = new Hook(client);
        EventLoop loop = _group.Loops[0];
        loop.AddTurnEnd(hook);
        long sends = loop.Statistics.Sends;
        loop.Post(() => client.Write("inbox "u8));
        loop.Schedule(new CallbackTimer(_ => client.Write("timer "u8)), loop.Now);
        loop.Turn(0);
        Assert.Equal(1, loop.Statistics.Sends - sends);
        _group.RunUntilIdle();
        Assert.StartsWith("inbox timer hook ", server.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_Throws_ComesOutOfTheTurnAndTheRestStays()
    {
        int later = 0;
        EventLoop loop = _group.Loops[0];
        loop.Post(static () => throw new InvalidOperationException("on purpose"));
        loop.Post(() => later++);
        Assert.Throws<InvalidOperationException>(() => loop.Turn(0));
        loop.Turn(0);
        Assert.Equal(1, later);
    }

    [Fact]
    public void RunUntilIdle_NeverIdle_Throws()
    {
        EventLoop loop = _group.Loops[0];
        Action again = null!;
        again = () => loop.Post(again);
        loop.Post(again);
        Assert.Throws<InvalidOperationException>(_group.RunUntilIdle);
    }

    [Fact]
    public async Task Stop_ManualLoops_EndTheirConnections()
    {
        var (a, b) = (new TestHandler(), new TestHandler());
        Pair(a, b);
        await _group.StopAsync();
        Assert.Equal((1, 1), (a.ClosedCount, b.ClosedCount));
    }

    private (TransportConnection A, TransportConnection B) Pair(TestHandler a, TestHandler b, MemoryPairOptions? options = null)
    {
        var pair = MemoryConnection.CreatePair(_group.Loops[0], a, _group.Loops[1], b, options);
        _group.RunUntilIdle();
        return pair;
    }

    private sealed class Hook(TransportConnection connection) : ITurnEnd
    {
        private bool _done;

        public void OnTurnEnd(EventLoop loop)
        {
            if (!_done) connection.Write("hook "u8);
            _done = true;
        }
    }
}
