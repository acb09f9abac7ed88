using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport.Tests;

public sealed class ListenerTests
{
    public static TheoryData<TransportBackend> Backends => [TransportBackend.Epoll, TransportBackend.Sockets];

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Listen_PortInUse_MessageSaysWhereAndWhatToDo(TransportBackend backend)
    {
        await using EventLoopGroup group = Create(backend);
        Listener first = group.Listen(Pairs.Loopback, () => new TestHandler());
        int port = first.Port;
        var exception = Assert.Throws<ListenException>(() => group.Listen(first.LocalEndPoint, () => new TestHandler()));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketError);
        Assert.Equal(
            $"Cannot listen on 127.0.0.1 port {port}: the port is in use. Stop the program that uses it (ss -ltnp 'sport = :{port}' shows it) "
            + "or choose another port.",
            exception.Message);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Listen_ForeignAddress_MessageSaysSo(TransportBackend backend)
    {
        await using EventLoopGroup group = Create(backend);
        var exception = Assert.Throws<ListenException>(
            () => group.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1883), () => new TestHandler()));
        Assert.Equal(SocketError.AddressNotAvailable, exception.SocketError);
        Assert.StartsWith("Cannot listen on 192.0.2.1 port 1883: this machine has no such address.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.AccessDenied, "permission denied. Ports below 1024 need")]
    [InlineData(SocketError.AddressFamilyNotSupported, "the system does not support this kind of address")]
    public void ListenException_OtherErrors_SayWhatToDo(SocketError error, string expected) =>
        Assert.Contains(
            expected,
            ListenException.For(new IPEndPoint(IPAddress.IPv6Any, 883), new SocketException((int)error)).Message,
            StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Stop_Listener_FreesThePortAndKeepsConnections(TransportBackend backend)
    {
        await using EventLoopGroup group = Create(backend);
        var client = new TestHandler { Expected = 2 };
        Listener listener = group.Listen(Pairs.Loopback, TestHandler.Echo);
        group.Loops[0].Connect(listener.LocalEndPoint, client);
        TransportConnection connection = await client.OpenedTask;
        await connection.DoAsync(c => c.Write("a"u8));
        while (client.Bytes.Length == 0) await Task.Yield();
        await listener.StopAsync();

        var late = new TestHandler();
        group.Loops[0].Connect(listener.LocalEndPoint, late);
        Assert.Equal(CloseReason.ConnectFailed, (await late.ClosedTask).Reason);
        await connection.DoAsync(c => c.Write("b"u8));
        await client.Reached;
        await group.Listen(listener.LocalEndPoint, TestHandler.Echo).StopAsync();
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Accept_OutOfDescriptors_PausesLogsOnceAndRecovers(TransportBackend backend)
    {
        var log = new TestLog();
        int faults = 3;
        await using EventLoopGroup group = Create(backend, log);
        Listener listener = group.Listen(Pairs.Loopback, TestHandler.Echo, new ListenOptions
        {
            // The portable backend has accepted the connection before it fails, so its clients see an end and the next ones succeed.
            AcceptFault = () => Interlocked.Decrement(ref faults) >= 0 ? SocketError.TooManyOpenSockets : SocketError.Success,
        });
        while (true)
        {
            var client = new TestHandler { Expected = 1 };
            group.Loops[0].Connect(listener.LocalEndPoint, client);
            TransportConnection connection = await client.OpenedTask;
            await connection.DoAsync(c => c.Write("x"u8));
            if (await Task.WhenAny(client.Reached, client.ClosedTask) == client.Reached || client.Bytes.Length > 0) break;
        }
        Assert.True(faults < 0);
        Assert.Equal(1, log.CountOf(1002));
        Assert.Equal(1, log.CountOf(1003));
        Assert.Contains("ulimit -n", log.Entries.First(entry => entry.Id.Id == 1002).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Accept_ConnectionAbortedMeanwhile_IsIgnored(TransportBackend backend)
    {
        if (backend == TransportBackend.Sockets) return; // there the fault would cost the accepted connection
        var log = new TestLog();
        int faults = 5;
        await using EventLoopGroup group = Create(backend, log);
        Listener listener = group.Listen(Pairs.Loopback, TestHandler.Echo, new ListenOptions
        {
            AcceptFault = () => Interlocked.Decrement(ref faults) >= 0 ? SocketError.ConnectionAborted : SocketError.Success,
        });
        var client = new TestHandler { Expected = 1 };
        group.Loops[0].Connect(listener.LocalEndPoint, client);
        await (await client.OpenedTask).DoAsync(c => c.Write("x"u8));
        await client.Reached;
        Assert.Empty(log.Entries);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Accept_AcceptorThrows_ConnectionIsClosedAndListeningGoesOn(TransportBackend backend)
    {
        var log = new TestLog();
        int calls = 0;
        await using EventLoopGroup group = Create(backend, log);
        Listener listener = group.Listen(Pairs.Loopback, () =>
            Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("on purpose") : TestHandler.Echo());
        var refused = new TestHandler();
        group.Loops[0].Connect(listener.LocalEndPoint, refused);
        await refused.ClosedTask;
        var client = new TestHandler { Expected = 1 };
        group.Loops[0].Connect(listener.LocalEndPoint, client);
        await (await client.OpenedTask).DoAsync(c => c.Write("x"u8));
        await client.Reached;
        Assert.Equal(1, log.CountOf(1004));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Accept_ManyAtOnce_AllAreServed(TransportBackend backend)
    {
        await using EventLoopGroup group = Create(backend);
        Listener listener = group.Listen(Pairs.Loopback, TestHandler.Echo);
        TestHandler[] clients = [.. Enumerable.Range(0, 300).Select(i => new TestHandler { Expected = 4, Opened = c => c.Write("ping"u8) })];
        foreach (TestHandler client in clients) group.Loops[0].Connect(listener.LocalEndPoint, client);
        foreach (TestHandler client in clients) await client.Reached;
        int open = 0;
        foreach (EventLoop loop in group.Loops) open += await loop.AskAsync(() => loop.ConnectionCount);
        Assert.Equal(600, open);
    }

    private static EventLoopGroup Create(TransportBackend backend, TestLog? log = null)
    {
        var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 2, Backend = backend, Logger = log ?? new TestLog() });
        group.Start();
        return group;
    }
}
