namespace Godwit.Transport.Tests;

public sealed class InboxTests
{
    [Theory]
    [InlineData(TransportBackend.Epoll)]
    [InlineData(TransportBackend.Sockets)]
    public async Task Post_FromManyThreads_EverythingRunsInEachSendersOrder(TransportBackend backend)
    {
        const int Senders = 8, Each = 20_000;
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Backend = backend });
        group.Start();
        EventLoop loop = group.Loops[0];
        var state = new Tally(Senders, Each);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++) loop.Post(new Work(state, sender, i));
        })));
        await state.Done.WaitAsync(TestHandler.Patience);
        Assert.Equal(0, state.OutOfOrder);
    }

    [Fact]
    public async Task Post_ToASleepingLoop_AlwaysWakesIt()
    {
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 2 });
        group.Start();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = 10_000;
        Action bounce = null!;
        bounce = () =>
        {
            if (--left == 0) done.SetResult();
            else group.Loops[left % 2].Post(bounce);
        };
        group.Loops[0].Post(bounce);
        await done.Task.WaitAsync(TestHandler.Patience);
    }

    private sealed class Tally(int senders, int each)
    {
        private readonly int[] _next = new int[senders];
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = senders * each;

        public int OutOfOrder { get; private set; }

        public Task Done => _done.Task;

        public void Note(int sender, int number)
        {
            if (_next[sender]++ != number) OutOfOrder++;
            if (--_left == 0) _done.SetResult();
        }
    }

    private sealed class Work(Tally tally, int sender, int number) : ILoopWork
    {
        public void Run(EventLoop loop) => tally.Note(sender, number);
    }
}
