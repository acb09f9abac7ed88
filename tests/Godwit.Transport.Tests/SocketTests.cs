// What only happens on a network: against plain sockets, for both backends.
using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport.Tests;

public sealed class SocketTests
{
    public static TheoryData<Carrier> Backends => [Carrier.Epoll, Carrier.Sockets];

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Peer_ResetsTheConnection_EndIsReset(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var server = new TestHandler { Expected = 4 };
        using Socket peer = await ConnectPeerAsync(pairs, server);
        peer.Send("data"u8);
        await server.Reached;
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        (CloseReason reason, Exception? error) = await server.ClosedTask;
        Assert.Equal(CloseReason.Reset, reason);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error).SocketErrorCode);
        Assert.Equal("data", server.Text);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Peer_ResetsWhileReadingIsPaused_DoesNotSpin(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var server = new TestHandler { Opened = static c => c.PauseReading() };
        using Socket peer = await ConnectPeerAsync(pairs, server);
        TransportConnection accepted = await server.OpenedTask;
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        for (int i = 0; i < 20; i++) await accepted.Loop.AskAsync(() => true);
        long before = await accepted.Loop.AskAsync(() => accepted.Loop.Statistics.Turns);
        long after = await accepted.Loop.AskAsync(() => accepted.Loop.Statistics.Turns);
        Assert.InRange(after - before, 1, 10);
        await accepted.DoAsync(c => c.ResumeReading());
        Assert.Equal(CloseReason.Reset, (await server.ClosedTask).Reason);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Peer_FinishesSendingOnly_StillGetsWhatIsPending(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var answer = new byte[2_000_000];
        new Random(4).NextBytes(answer);
        var server = new TestHandler();
        server.Received = (connection, input) =>
        {
            connection.WriteReference(answer);
            return server.Take(input);
        };
        using Socket peer = await ConnectPeerAsync(pairs, server);
        peer.Send("request"u8);
        peer.Shutdown(SocketShutdown.Send);
        var received = new MemoryStream();
        var buffer = new byte[65_536];
        for (int count; (count = await peer.ReceiveAsync(buffer).WaitAsync(TestHandler.Patience)) > 0;) received.Write(buffer, 0, count);
        Assert.True(answer.AsSpan().SequenceEqual(received.ToArray()));
        Assert.Equal(CloseReason.Remote, (await server.ClosedTask).Reason);
        Assert.Equal("request", server.Text);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Peer_SendsItsLastBytesAndCloses_TheyAreDelivered(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        for (int i = 0; i < 20; i++)
        {
            // The server keeps writing to a peer that is gone: the failing sends must not lose what the peer said before.
            var server = new TestHandler { Opened = static c => c.Write(new byte[1000]) };
            server.Received = (connection, input) =>
            {
                connection.Write(new byte[100]);
                return server.Take(input[..1]);
            };
            using (Socket peer = await ConnectPeerAsync(pairs, server)) peer.Send("goodbye"u8);
            TransportConnection accepted = await server.OpenedTask;
            for (int j = 0; j < 3; j++) await accepted.DoAsync(static c => c.Write(new byte[100]));
            Assert.Contains((await server.ClosedTask).Reason, new[] { CloseReason.Remote, CloseReason.Reset });
            Assert.NotEmpty(server.Bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Connect_NobodyListens_EndIsConnectFailed(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(Pairs.Loopback); // bound, but not listening
        var client = new TestHandler();
        pairs.Group.Loops[0].Connect(reserved.LocalEndPoint!, client);
        (CloseReason reason, Exception? error) = await client.ClosedTask;
        Assert.Equal(CloseReason.ConnectFailed, reason);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(error).SocketErrorCode);
        Assert.Equal(0, await pairs.Group.Loops[0].AskAsync(() => pairs.Group.Loops[0].ConnectionCount));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Connect_AbortedBeforeItIsDone_EndIsLocal(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var client = new TestHandler();
        EventLoop loop = pairs.Group.Loops[0];
        await loop.AskAsync(() =>
        {
            loop.Connect(pairs.Address, client).Abort();
            return true;
        });
        Assert.Equal(CloseReason.Local, (await client.ClosedTask).Reason);
        Assert.Equal(0, await loop.AskAsync(() => loop.ConnectionCount));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Connect_FromAGivenAddress_IsSeenByTheServer(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var server = new TestHandler();
        var client = new TestHandler();
        pairs.Expect(server);
        var local = new IPEndPoint(IPAddress.Parse("127.0.0.77"), 0);
        pairs.Group.Loops[0].Connect(pairs.Address, client, new ConnectOptions { LocalEndPoint = local });
        TransportConnection accepted = await server.OpenedTask;
        TransportConnection connection = await client.OpenedTask;
        var seen = Assert.IsType<IPEndPoint>(accepted.RemoteEndPoint);
        Assert.Equal(local.Address, seen.Address);
        Assert.Equal(seen, await connection.Loop.AskAsync(() => connection.LocalEndPoint));
        Assert.Equal(pairs.Address, connection.RemoteEndPoint);
    }

    private static async Task<Socket> ConnectPeerAsync(Pairs pairs, TestHandler server)
    {
        pairs.Expect(server);
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(pairs.Address);
        await server.OpenedTask;
        return peer;
    }
}
