using Godwit.Testing;

namespace Godwit.Transport.Tests;

/// <summary>Large buffers: counted, reused, bounded, and let go of when nobody needs them.</summary>
public sealed class SharedBufferTests
{
    private const int Packet = 200_000;

    private readonly SharedBufferPool _pool = new();
    private readonly EventLoopGroup _group = EventLoopGroup.Manual(new ManualTimeProvider());

    [Theory]
    [InlineData(1, 65_536)]
    [InlineData(65_536, 65_536)]
    [InlineData(65_537, 81_920)]
    [InlineData(131_072, 131_072)]
    [InlineData(131_073, 163_840)]
    [InlineData(262_160, 327_680)]
    [InlineData(1_048_576, 1_048_576)]
    [InlineData(268_435_460, 335_544_320)]
    public void Rent_AnySize_WastesAFifthAtMost(int size, int capacity) => Assert.Equal(capacity, _pool.Rent(size).Bytes.Length);

    [Fact]
    public void Release_LastOfTwoReferences_IsTheOneThatGivesItBack()
    {
        SharedBuffer buffer = _pool.Rent(100_000);
        buffer.Retain();
        buffer.Release();
        Assert.Equal(0, _pool.Spare);
        buffer.Release();
        Assert.Equal(buffer.Bytes.Length, _pool.Spare);
        Assert.Same(buffer, _pool.Rent(100_000));
        Assert.Equal(0, _pool.Spare);
    }

    [Fact]
    public void Release_OnceTooOften_Throws()
    {
        SharedBuffer buffer = _pool.Rent(100_000);
        buffer.Release();
        Assert.Throws<InvalidOperationException>(buffer.Release);
    }

    [Fact]
    public void Return_PoolIsFull_SizesThatAreNotAskedForMakeRoom()
    {
        const int size = 8 * 1024 * 1024;
        SharedBuffer[] old = [.. Enumerable.Range(0, 8).Select(_ => _pool.Rent(size))];
        foreach (SharedBuffer buffer in old) buffer.Release();
        Assert.Equal(SharedBufferPool.MostSpare, _pool.Spare);
        SharedBuffer wanted = _pool.Rent(size / 2);
        wanted.Release();
        Assert.Equal(SharedBufferPool.MostSpare - size / 2, _pool.Spare);
        Assert.Same(wanted, _pool.RentSpare(size / 2));
    }

    [Fact]
    public void DropUnused_Twice_LeavesWhatWasNeededInBetween()
    {
        SharedBuffer[] buffers = [_pool.Rent(100_000), _pool.Rent(100_000), _pool.Rent(100_000)];
        int size = buffers[0].Bytes.Length;
        foreach (SharedBuffer buffer in buffers) buffer.Release();
        Assert.Equal(0, _pool.DropUnused()); // they have just come
        _pool.Rent(100_000).Release();
        Assert.Equal(2 * size, _pool.DropUnused());
        Assert.Equal(size, _pool.Spare);
        Assert.Equal(size, _pool.DropUnused());
        Assert.Equal(0, _pool.Spare);
    }

    [Fact]
    public void RequireInput_HundredConnectionsAnnounceMuchAndSendLittle_TakeWhatTheySend()
    {
        const int connections = 100, sent = 50_000;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < connections; i++)
        {
            var server = new TestHandler { Received = static (connection, _) => Require(connection, 256 * 1024 * 1024) };
            (TransportConnection client, _) = Pair(server);
            client.Write(new byte[sent]);
        }
        _group.RunUntilIdle();
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, connections * sent, connections * 1_000_000); // other tests run beside this one
    }

    [Fact]
    public void InputBuffer_StillHeldByAnother_IsNotReceivedIntoAgain()
    {
        var held = new List<SharedBuffer>();
        var server = new TestHandler
        {
            Received = (connection, input) =>
            {
                if (input.Length < Packet) return Require(connection, Packet);
                SharedBuffer buffer = connection.InputBuffer!;
                buffer.Retain();
                held.Add(buffer);
                return Packet;
            },
        };
        (TransportConnection client, _) = Pair(server);
        for (byte i = 1; i <= 3; i++)
        {
            client.Write(Enumerable.Repeat(i, Packet).ToArray());
            _group.RunUntilIdle();
        }
        Assert.Equal(3, held.Distinct().Count());
        for (int i = 0; i < 3; i++) Assert.False(held[i].Bytes.AsSpan(0, Packet).ContainsAnyExcept((byte)(i + 1)));
    }

    [Fact]
    public void WriteReference_SharedBuffer_IsHeldUntilItHasBeenSent()
    {
        var receiver = new TestHandler { Expected = 200_000 };
        var sender = new TestHandler();
        (TransportConnection client, _) = Pair(receiver, sender);
        SharedBuffer buffer = _group.Loops[0].RentBuffer(100_000);
        new Random(1).NextBytes(buffer.Bytes);
        client.WriteReference(buffer.Bytes.AsMemory(0, 100_000), buffer);
        client.WriteReference(buffer.Bytes.AsMemory(0, 100_000), buffer);
        buffer.Release();
        Assert.Equal(0, _group.Loops[0].Pool.Shared.Spare);
        _group.RunUntilIdle();
        Assert.Equal(buffer.Bytes.Length, _group.Loops[0].Pool.Shared.Spare);
        Assert.True(receiver.Bytes.AsSpan(100_000).SequenceEqual(buffer.Bytes.AsSpan(0, 100_000)));
    }

    [Fact]
    public void Abort_OutputRefersToASharedBuffer_GivesItBack()
    {
        (TransportConnection client, TransportConnection accepted) = Pair(new TestHandler());
        accepted.PauseReading();
        SharedBuffer buffer = _group.Loops[0].RentBuffer(100_000);
        client.WriteReference(buffer.Bytes, buffer);
        buffer.Release();
        client.Abort();
        Assert.Equal(buffer.Bytes.Length, _group.Loops[0].Pool.Shared.Spare);
    }

    private static int Require(TransportConnection connection, int length)
    {
        connection.RequireInput(length);
        return 0;
    }

    private (TransportConnection Client, TransportConnection Server) Pair(IConnectionHandler server, IConnectionHandler? client = null)
    {
        var pair = MemoryConnection.CreatePair(_group.Loops[0], client ?? new TestHandler(), _group.Loops[0], server);
        _group.RunUntilIdle();
        return pair;
    }
}
