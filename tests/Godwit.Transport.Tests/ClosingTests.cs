// How connections end, whatever carries them.
namespace Godwit.Transport.Tests;

public sealed class ClosingTests
{
    public static TheoryData<Carrier> Carriers => StreamTests.Carriers;

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Close_WithPendingOutput_SendsItFirst(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var payload = new byte[3_000_000];
        new Random(3).NextBytes(payload);
        var client = new TestHandler();
        var server = new TestHandler();
        (TransportConnection connection, TransportConnection accepted) = await pairs.ConnectAsync(client, server);
        await accepted.DoAsync(c =>
        {
            c.Write(payload);
            c.Close();
            Assert.True(c.IsClosing);
        });
        // What comes meanwhile is thrown away; it must not turn the end into a reset.
        await connection.DoAsync(c => c.Write(new byte[10_000]));

        Assert.Equal(CloseReason.Remote, (await client.ClosedTask).Reason);
        Assert.Equal(CloseReason.Local, (await server.ClosedTask).Reason);
        Assert.True(payload.AsSpan().SequenceEqual(client.Bytes));
        Assert.Empty(server.Bytes);
        Assert.Equal((1, 1), (client.ClosedCount, server.ClosedCount));
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Close_PeerDoesNotRead_EndsAfterTheLingerTime(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var server = new TestHandler();
        var client = new TestHandler();
        (TransportConnection connection, TransportConnection accepted) = await pairs.ConnectAsync(client, server);
        await connection.DoAsync(c => c.PauseReading());
        await accepted.DoAsync(c =>
        {
            c.WriteReference(new byte[20_000_000]);
            c.Close(50);
        });
        Assert.Equal(CloseReason.Local, (await server.ClosedTask).Reason);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Close_FromWithinOnReceived_EndsBothSides(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var client = new TestHandler();
        var server = new TestHandler
        {
            Received = static (connection, input) =>
            {
                connection.Write("bye"u8);
                connection.Close();
                return 1;
            },
        };
        (TransportConnection connection, _) = await pairs.ConnectAsync(client, server);
        await connection.DoAsync(c => c.Write("hello"u8));
        Assert.Equal(CloseReason.Remote, (await client.ClosedTask).Reason);
        Assert.Equal(CloseReason.Local, (await server.ClosedTask).Reason);
        Assert.Equal("bye", client.Text);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Abort_FromWithinOnReceived_ReportsTheEndOnceAndAfterwards(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var client = new TestHandler();
        var server = new TestHandler();
        int closedDuringCall = -1;
        server.Received = (connection, input) =>
        {
            connection.Write("lost"u8);
            connection.Abort();
            connection.Write("ignored"u8);
            connection.Close();
            connection.Abort();
            closedDuringCall = server.ClosedCount;
            return input.Length;
        };
        (TransportConnection connection, TransportConnection accepted) = await pairs.ConnectAsync(client, server);
        await connection.DoAsync(c => c.Write("hello"u8));
        Assert.Equal(CloseReason.Local, (await server.ClosedTask).Reason);
        Assert.Equal(CloseReason.Remote, (await client.ClosedTask).Reason);
        Assert.Equal(0, closedDuringCall);
        Assert.Equal(1, await accepted.Loop.AskAsync(() => server.ClosedCount));
        Assert.Equal(0, await accepted.Loop.AskAsync(() => accepted.PendingOutput));
        Assert.Empty(client.Bytes);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Handler_Throws_OnlyThatConnectionEndsAndItIsLogged(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var failing = new TestHandler { Received = static (_, _) => throw new InvalidOperationException("on purpose") };
        var other = new TestHandler { Expected = 2 };
        (TransportConnection first, _) = await pairs.ConnectAsync(new TestHandler(), failing);
        (TransportConnection second, _) = await pairs.ConnectAsync(new TestHandler(), other);
        await first.DoAsync(c => c.Write("x"u8));
        (CloseReason reason, Exception? error) = await failing.ClosedTask;
        Assert.Equal(CloseReason.HandlerFailed, reason);
        Assert.Equal("on purpose", error?.Message);
        await second.DoAsync(c => c.Write("ok"u8));
        await other.Reached;
        Assert.Equal(1, pairs.Log.CountOf(1000));
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Stop_OpenConnections_EndWithLoopStoppedAfterTheirOutput(Carrier carrier)
    {
        var pairs = new Pairs(carrier);
        var client = new TestHandler();
        var server = new TestHandler { Opened = static c => c.Write("greeting"u8) };
        await pairs.ConnectAsync(client, server);
        await pairs.DisposeAsync();
        Assert.Contains((await server.ClosedTask).Reason, new[] { CloseReason.LoopStopped, CloseReason.Remote });
        Assert.Contains((await client.ClosedTask).Reason, new[] { CloseReason.LoopStopped, CloseReason.Remote });
        Assert.All(pairs.Group.Loops, loop => Assert.Equal(0, loop.ConnectionCount));
        Assert.Equal((1, 1), (client.ClosedCount, server.ClosedCount));
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Loop_WorkThrows_IsLoggedAndTheLoopGoesOn(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        pairs.ExpectsLoopFailure = true;
        EventLoop loop = pairs.Group.Loops[0];
        loop.Post(static () => throw new InvalidOperationException("on purpose"));
        Assert.True(await loop.AskAsync(() => loop.IsCurrent));
        Assert.Equal(1, pairs.Log.CountOf(1001));
        Assert.False(loop.IsCurrent);
    }
}
