// When a thread gives loops away and takes them back: the decisions alone, then real threads whose loops change hands under traffic.
using System.Net;
using Xunit;

namespace Godwit.Transport.Tests;

public sealed class ElasticityTests
{
    private const long Millisecond = 1_000_000;

    private readonly Elasticity _elasticity = new();
    private long _now, _ran, _delayed, _bytes;

    public ElasticityTests() => _elasticity.Restart(Sample(2, null));

    [Fact]
    public void Thread_Sparse_KeepsAllLoops() => Assert.Empty(Run(milliseconds: 5000, running: 0.7, bytesPerMillisecond: 10));

    [Fact]
    public void Thread_SaturatedForAWhile_Splits() => Assert.Equal([LoopDecision.Split], Run(1000, running: 0.98, bytesPerMillisecond: 10));

    [Fact]
    public void Thread_SaturatedForAMoment_DoesNotSplit() => Assert.Empty(Run(200, running: 1, bytesPerMillisecond: 10));

    [Fact]
    public void Thread_WithOneLoop_NeverSplits() => Assert.Empty(Run(5000, running: 1, bytesPerMillisecond: 10, loops: 1));

    [Fact]
    public void Split_ProcessorsAreFree_IsKept()
    {
        Run(1000, 0.98, 10);
        Assert.Empty(Run(5000, 0.9, 10, loops: 1, next: new ThreadLoad(0.9, 0)));
    }

    [Fact]
    public void Split_ProcessorsAreTakenAndNothingGained_IsTakenBack()
    {
        Run(1000, 0.98, 10);
        Assert.Equal([LoopDecision.TakeBack], Run(300, 0.55, 10, delayed: 0.3, loops: 1, next: new ThreadLoad(0.5, 0.3)));
    }

    [Fact]
    public void Split_InVainAgainAndAgain_IsTriedLessAndLessOften()
    {
        int splits = 0;
        bool isSplit = false;
        for (int i = 0; i < 60_000 / 20; i++)
        {
            LoopDecision decision = isSplit ? Step(0.55, 0.3, 10, 1, new ThreadLoad(0.5, 0.3)) : Step(0.98, 0, 10, 2, null);
            if (decision == LoopDecision.Split) splits++;
            if (decision != LoopDecision.None) isSplit = decision == LoopDecision.Split;
        }
        Assert.InRange(splits, 4, 8); // after 1, 2, 4, 8, 16, 16 seconds
    }

    [Fact]
    public void Split_ProcessorsAreTakenButMoreIsMoved_IsKeptForAWhileAndThenQuestioned()
    {
        Run(1000, 0.98, 10);
        Assert.Empty(Run(900, 0.6, 14, delayed: 0.3, loops: 1, next: new ThreadLoad(0.6, 0.3)));
        Assert.Equal([LoopDecision.TakeBack], Run(500, 0.6, 14, delayed: 0.3, loops: 1, next: new ThreadLoad(0.6, 0.3)));
    }

    [Fact]
    public void Split_TrafficGetsSparse_IsTakenBack()
    {
        Run(1000, 0.98, 10);
        Run(1500, 0.9, 20, loops: 1, next: new ThreadLoad(0.9, 0));
        Assert.Contains(LoopDecision.TakeBack, Run(2000, 0.2, 1, loops: 1, next: new ThreadLoad(0.2, 0)));
    }

    [Theory]
    [InlineData(LoopThreading.Elastic)]
    [InlineData(LoopThreading.Fixed)]
    public async Task Loops_EchoOnAllOfThem_AnswerWhoeverRunsThem(LoopThreading threads)
    {
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 4, Threads = threads });
        group.Start();
        Listener listener = group.Listen(new IPEndPoint(IPAddress.Loopback, 0), TestHandler.Echo);
        foreach (EventLoop loop in group.Loops)
        {
            var client = new TestHandler { Opened = static connection => connection.Write("hello"u8), Expected = 5 };
            loop.Connect(listener.LocalEndPoint, client);
            await client.Reached;
            Assert.Equal("hello", client.Text);
        }
    }

    [Fact]
    public async Task Loops_ChangingHandsAllTheTime_LoseNoWork()
    {
        var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 4 });
        loops.Start();
        int[] done = new int[4];
        const int Rounds = 2000;
        for (int round = 0; round < Rounds; round++)
        {
            foreach (EventLoop loop in loops.Loops)
            {
                int index = loop.Index;
                loop.Post(() =>
                {
                    done[index]++;
                    if (index == 0) LoopThread.Current!.Split();
                    else LoopThread.Current!.RetireFrom(loop);
                });
            }
            if (round % 50 == 0) await loops.Loops[round / 50 % 4].AskAsync(() => true);
        }
        foreach (EventLoop loop in loops.Loops) await loop.AskAsync(() => true);
        Assert.Equal([Rounds, Rounds, Rounds, Rounds], done);
        await loops.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }

    private List<LoopDecision> Run(int milliseconds, double running, int bytesPerMillisecond, double delayed = 0, int loops = 2, ThreadLoad? next = null)
    {
        var decisions = new List<LoopDecision>();
        for (int i = 0; i < milliseconds / 20; i++)
        {
            LoopDecision decision = Step(running, delayed, bytesPerMillisecond, loops, next);
            if (decision == LoopDecision.None) continue;
            decisions.Add(decision);
            if (decision == LoopDecision.Split) break;
        }
        return decisions;
    }

    private LoopDecision Step(double running, double delayed, int bytesPerMillisecond, int loops, ThreadLoad? next)
    {
        _now += 20 * Millisecond;
        _ran += (long)(running * 20 * Millisecond);
        _delayed += (long)(delayed * 20 * Millisecond);
        _bytes += bytesPerMillisecond * 20;
        return _elasticity.Decide(Sample(loops, next));
    }

    private LoadSample Sample(int loops, ThreadLoad? next) => new(_now, _ran, _delayed, _bytes, loops, next);
}
