// What bytes go through, whatever carries them.
using System.Buffers.Binary;
using System.Text;

namespace Godwit.Transport.Tests;

public sealed class StreamTests
{
    public static TheoryData<Carrier> Carriers => [Carrier.Epoll, Carrier.Sockets, Carrier.Memory];

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Echo_ManySmallMessages_ComeBackInOrder(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        string sent = string.Concat(Enumerable.Range(0, 2000).Select(i => $"message {i}\n"));
        var client = new TestHandler { Expected = sent.Length };
        (TransportConnection connection, _) = await pairs.ConnectAsync(client, TestHandler.Echo());

        foreach (string part in sent.Split('\n')[..^1])
            connection.Loop.Post(() => connection.Write(Encoding.ASCII.GetBytes(part + "\n")));
        await client.Reached;

        Assert.Equal(sent, client.Text);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Output_AppendedManyTimesInOneTurn_LeavesInFewSends(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var server = new TestHandler { Expected = 1000 };
        (TransportConnection connection, _) = await pairs.ConnectAsync(new TestHandler(), server);
        long before = await connection.Loop.AskAsync(() => connection.Loop.Statistics.Sends);
        await connection.DoAsync(static c =>
        {
            for (int i = 0; i < 1000; i++)
            {
                c.GetOutput(1)[0] = (byte)i;
                c.Advance(1);
            }
        });
        await server.Reached;
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (byte)i), server.Bytes);
        Assert.Equal(1, await connection.Loop.AskAsync(() => connection.Loop.Statistics.Sends) - before);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task TenMebibytesBothWays_SlowReaders_OutputStaysBounded(Carrier carrier)
    {
        const int Total = 10 * 1024 * 1024, Chunk = 50_000, Limit = 256 * 1024;
        await using var pairs = new Pairs(carrier);
        var sides = new[] { new BulkSide(Total, Chunk), new BulkSide(Total, Chunk) };
        (TransportConnection a, TransportConnection b) = await pairs.ConnectAsync(sides[0].Handler, sides[1].Handler);
        await a.DoAsync(c => sides[0].Begin(c, Limit));
        await b.DoAsync(c => sides[1].Begin(c, Limit));
        await sides[0].Done;
        await sides[1].Done;
        foreach (BulkSide side in sides)
        {
            Assert.InRange(side.MostPending, Limit, Limit + Chunk);
            Assert.True(side.Handler.DrainedCount > 0);
        }
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task WriteReference_BetweenCopiedBytes_KeepsTheOrder(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var payload = new byte[300_000];
        new Random(1).NextBytes(payload);
        byte[] small = [.. payload.Take(100)];
        var expected = new List<byte>();
        for (int i = 0; i < 40; i++) expected.AddRange([(byte)i, .. payload.AsSpan(i, 5000), .. small, .. payload.AsSpan(i)]);
        var server = new TestHandler { Expected = expected.Count };
        (TransportConnection connection, _) = await pairs.ConnectAsync(new TestHandler(), server);
        await connection.DoAsync(c =>
        {
            for (int i = 0; i < 40; i++)
            {
                c.Write([(byte)i]);
                c.WriteReference(payload.AsMemory(i, 5000));
                c.WriteReference(small);
                c.WriteReference(payload.AsMemory(i));
            }
        });
        await server.Reached;
        Assert.True(expected.SequenceEqual(server.Bytes));
    }

    [Theory]
    [InlineData(Carrier.Epoll, 1024 * 1024)]
    [InlineData(Carrier.Sockets, 1024 * 1024)]
    [InlineData(Carrier.Memory, 1024 * 1024)]
    [InlineData(Carrier.Memory, 70_000)]
    public async Task RequireInput_LargePacket_IsOfferedWholeInABufferThatCanBeHeld(Carrier carrier, int size)
    {
        await using var pairs = new Pairs(carrier);
        var packet = new byte[size];
        new Random(2).NextBytes(packet);
        BinaryPrimitives.WriteInt32BigEndian(packet, size);
        var offers = new List<int>();
        SharedBuffer? held = null;
        var server = new TestHandler { Expected = 4 };
        server.Received = (connection, input) =>
        {
            offers.Add(input.Length);
            if (input.Length < 4) return 0;
            int length = BinaryPrimitives.ReadInt32BigEndian(input);
            if (length == 4) return server.Take(input);
            if (input.Length < length)
            {
                connection.RequireInput(length);
                return 0;
            }
            held = connection.InputBuffer;
            held?.Retain();
            return length;
        };
        (TransportConnection client, _) = await pairs.ConnectAsync(new TestHandler(), server);
        await client.DoAsync(c =>
        {
            c.Write(packet);
            c.Write([0, 0, 0, 4]);
        });
        await server.Reached;
        Assert.NotNull(held);
        Assert.InRange(held.Bytes.Length, size, size * 5 / 4);
        Assert.True(packet.AsSpan().SequenceEqual(held.Bytes.AsSpan(0, size)));
        Assert.InRange(offers.Count, 3, 5); // a beginning (perhaps in pieces), the whole, what follows
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task PauseReading_UntilResumed_NothingComesThenEverything(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var server = new TestHandler { Expected = 8 };
        int offers = 0;
        server.Received = (connection, input) =>
        {
            if (++offers > 1) return server.Take(input);
            connection.PauseReading();
            return server.Take(input[..2]);
        };
        (TransportConnection client, TransportConnection accepted) = await pairs.ConnectAsync(new TestHandler(), server);
        await client.DoAsync(c => c.Write("1234"u8));
        while (await accepted.Loop.AskAsync(() => offers) == 0) await Task.Yield();
        await client.DoAsync(c => c.Write("5678"u8));
        for (int i = 0; i < 20; i++) Assert.Equal(1, await accepted.Loop.AskAsync(() => offers));
        await accepted.DoAsync(c => c.ResumeReading());
        await server.Reached;
        Assert.Equal("12345678", server.Text);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task MoveTo_UnderTrafficAgainAndAgain_KeepsOrderAndBytes(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier, loops: 3);
        const int Records = 60_000;
        var client = new TestHandler { Expected = Records * 4L };
        int offers = 0;
        var server = new TestHandler
        {
            Received = (connection, input) =>
            {
                Assert.True(connection.Loop.IsCurrent);
                int whole = input.Length & ~3; // whole records only, so that there is something left over now and then
                connection.Write(input[..whole]);
                if (++offers % 3 == 0) connection.MoveTo(pairs.Group.Loops[(connection.Loop.Index + 1) % 3]);
                return whole;
            },
            Moved = static connection => Assert.True(connection.Loop.IsCurrent),
        };
        (TransportConnection connection, _) = await pairs.ConnectAsync(client, server);
        int next = 0;
        while (next < Records)
        {
            int first = next;
            next += 500;
            await connection.DoAsync(c =>
            {
                for (int i = first; i < first + 500; i++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(c.GetOutput(4), i);
                    c.Advance(4);
                }
                c.Write([]);
            });
        }
        await client.Reached;
        byte[] bytes = client.Bytes;
        for (int i = 0; i < Records; i++) Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * 4)));
        Assert.True(server.MovedCount > 0);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task MoveTo_WithLeftOverInputAndUnsentOutput_TakesThemAlong(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier, loops: 3);
        var client = new TestHandler { Expected = 5 };
        var server = new TestHandler { Expected = 3 };
        bool hasMoved = false;
        server.Moved = connection =>
        {
            hasMoved = true;
            connection.Write("lo"u8);
        };
        server.Received = (connection, input) =>
        {
            if (hasMoved) return server.Take(input);
            connection.Write("hel"u8);
            connection.MoveTo(pairs.Group.Loops[1]);
            return 2;
        };
        (TransportConnection connection, TransportConnection accepted) = await pairs.ConnectAsync(client, server);
        await connection.DoAsync(c => c.Write("abcde"u8));
        await client.Reached;
        await server.Reached;
        Assert.Equal("hello", client.Text);
        Assert.Equal("cde", server.Text);
        Assert.Same(pairs.Group.Loops[1], accepted.Loop);
    }

    // A client that says all it has to say and leaves: CONNECT, PUBLISH, DISCONNECT in one go.
    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task PeerFinishes_WhileInputIsLeftOver_HandlerGetsThatFirst(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new TestHandler();
        server.Received = (connection, input) =>
        {
            if (paused.Task.IsCompleted) return server.Take(input);
            connection.PauseReading();
            paused.SetResult();
            return 1;
        };
        (TransportConnection client, TransportConnection accepted) = await pairs.ConnectAsync(new TestHandler(), server);
        await client.DoAsync(c => c.Write("abc"u8));
        await paused.Task.WaitAsync(TestHandler.Patience);
        await client.DoAsync(c => c.Close());
        await client.DoAsync(static _ => { }); // a turn later the end of the stream has been sent
        await accepted.DoAsync(c => c.ResumeReading());
        (CloseReason reason, _) = await server.ClosedTask;
        Assert.Equal("bc", server.Text);
        Assert.Equal(CloseReason.Remote, reason);
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Handler_ReplacedBeforeAllIsConsumed_NewOneIsOfferedTheRest(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        var second = new TestHandler { Expected = 4 };
        var first = new TestHandler
        {
            Received = (connection, input) =>
            {
                connection.Handler = second;
                return 1;
            },
        };
        (TransportConnection client, _) = await pairs.ConnectAsync(new TestHandler(), first);
        await client.DoAsync(c => c.Write("abcde"u8));
        await second.Reached;
        Assert.Equal("bcde", second.Text);
    }

    // Sends numbered bytes, stopping when its output is full; reads in fits and starts; checks what it reads.
    private sealed class BulkSide
    {
        private readonly int _total;
        private readonly byte[] _chunk;
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _sent;
        private int _received;
        private int _offers;

        public BulkSide(int total, int chunk)
        {
            _total = total;
            _chunk = new byte[chunk];
            Handler = new TestHandler { Received = OnReceived, Drained = Fill };
        }

        public TestHandler Handler { get; }

        public int MostPending { get; private set; }

        public Task Done => _done.Task.WaitAsync(TestHandler.Patience);

        public void Begin(TransportConnection connection, int limit)
        {
            connection.OutputLimit = limit;
            Fill(connection);
        }

        private void Fill(TransportConnection connection)
        {
            while (_sent < _total && !connection.IsOutputFull)
            {
                int count = Math.Min(_chunk.Length, _total - _sent);
                for (int i = 0; i < count; i++) _chunk[i] = Pattern(_sent + i);
                connection.Write(_chunk.AsSpan(0, count));
                _sent += count;
                MostPending = Math.Max(MostPending, connection.PendingOutput);
            }
        }

        private int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
        {
            for (int i = 0; i < input.Length; i++)
                if (input[i] != Pattern(_received + i)) _done.TrySetException(new InvalidDataException($"Wrong byte at {_received + i}."));
            _received += input.Length;
            if (_received == _total) _done.TrySetResult();
            if (++_offers % 16 == 0)
            {
                connection.PauseReading();
                connection.Loop.Schedule(new CallbackTimer(_ => connection.ResumeReading()), connection.Loop.Now + 2);
            }
            return input.Length;
        }

        private static byte Pattern(int position) => (byte)(position * 31 + (position >> 8) * 7);
    }
}
