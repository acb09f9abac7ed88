// The hot path must not allocate: loops turned by hand on the test's own thread, so that its allocations are counted exactly.
using System.Net.Sockets;
using Godwit.Testing;

namespace Godwit.Transport.Tests;

public sealed class AllocationTests
{
    private const int Rounds = 2000, Blocks = 10;

    [Fact]
    public void Echo_SteadyOverMemory_AllocatesNothing()
    {
        EventLoopGroup group = EventLoopGroup.Manual(new ManualTimeProvider());
        EventLoop loop = group.Loops[0];
        (TransportConnection client, _) = MemoryConnection.CreatePair(loop, new Counter(), loop, new Counter(echo: true));
        group.RunUntilIdle();
        AssertNoAllocation(() =>
        {
            client.Write("sixteen byte msg"u8);
            group.RunUntilIdle();
        });
        Assert.True(((Counter)client.Handler).Received >= 16L * Rounds);
    }

    [Fact]
    public void Echo_SteadyOverEpoll_AllocatesNothing()
    {
        if (!OperatingSystem.IsLinux()) return;
        var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Backend = TransportBackend.Epoll });
        EventLoop loop = group.Loops[0];
        var echo = new Counter(echo: true);
        Listener listener = group.Listen(Pairs.Loopback, () => echo);
        loop.Turn(0);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint);
        while (loop.ConnectionCount == 0) loop.Turn(1000);
        var answer = new byte[16];
        long expected = 0;
        AssertNoAllocation(() =>
        {
            peer.Send("sixteen byte msg"u8);
            expected += 16;
            while (echo.Received < expected) loop.Turn(1000);
            if (peer.Receive(answer) != 16) throw new InvalidDataException("Not echoed.");
        });
        Assert.Equal(loop.Statistics.Receives, loop.Statistics.Sends);
    }

    private static void AssertNoAllocation(Action round)
    {
        // What allocates per message allocates in every block; a peer's blocking receive may once in a while, on a busy machine.
        long least = long.MaxValue;
        for (int block = 0; block < Blocks; block++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds / Blocks; i++) round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    private sealed class Counter(bool echo = false) : IConnectionHandler
    {
        public long Received { get; private set; }

        public void OnOpened(TransportConnection connection)
        {
        }

        public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
        {
            Received += input.Length;
            if (echo) connection.Write(input);
            return input.Length;
        }

        public void OnOutputDrained(TransportConnection connection)
        {
        }

        public void OnMoved(TransportConnection connection)
        {
        }

        public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
        {
        }
    }
}
