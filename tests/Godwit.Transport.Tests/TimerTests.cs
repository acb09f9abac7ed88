using Godwit.Testing;

namespace Godwit.Transport.Tests;

public sealed class TimerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly EventLoopGroup _group;
    private readonly EventLoop _loop;

    public TimerTests()
    {
        _group = EventLoopGroup.Manual(_time);
        _loop = _group.Loops[0];
    }

    [Fact]
    public void Timers_DifferentDeadlines_FireInTheirOrder()
    {
        var fired = new List<long>();
        long start = _loop.Now;
        long[] delays = [86_400_000 * 3L, 1, 63, 64, 65, 4095, 4096, 4097, 262_144, 5, 1000, 60_000, 3_600_000];
        foreach (long delay in delays) _loop.Schedule(new CallbackTimer(_ => fired.Add(delay)), start + delay);

        foreach (long delay in delays.Order())
        {
            _time.AdvanceMilliseconds(start + delay - 1 - _loop.Now);
            _group.RunUntilIdle();
            Assert.DoesNotContain(delay, fired);
            _time.AdvanceMilliseconds(1);
            _group.RunUntilIdle();
            Assert.Equal(delay, fired[^1]);
        }
        Assert.Equal(delays.Order(), fired);
    }

    [Fact]
    public void Timers_OneLongJump_FireInOrderOfDeadlineThenOfScheduling()
    {
        var random = new Random(7);
        var fired = new List<(long Due, int Number)>();
        for (int i = 0; i < 2000; i++)
        {
            int number = i;
            long due = _loop.Now + random.Next(1, 500);
            _loop.Schedule(new CallbackTimer(_ => fired.Add((due, number))), due);
            if (i % 100 == 0)
            {
                _time.AdvanceMilliseconds(3);
                _loop.Turn(0);
            }
        }
        _time.AdvanceMilliseconds(100_000);
        _loop.Turn(0);
        Assert.Equal(2000, fired.Count);
        Assert.Equal(fired.Order(), fired);
    }

    [Fact]
    public void Timer_RescheduledFromItsCallback_FiresAgain()
    {
        int count = 0;
        CallbackTimer timer = null!;
        timer = new CallbackTimer(loop =>
        {
            if (++count < 5) loop.Schedule(timer, loop.Now + 10);
        });
        _loop.Schedule(timer, _loop.Now + 10);
        for (int i = 0; i < 100; i++)
        {
            _time.AdvanceMilliseconds(1);
            _loop.Turn(0);
            Assert.Equal(Math.Min((i + 1) / 10, 5), count);
        }
        Assert.False(timer.IsScheduled);
    }

    [Fact]
    public void Timer_ScheduledAgain_FiresOnceAtTheNewTime()
    {
        int count = 0;
        var timer = new CallbackTimer(_ => count++);
        _loop.Schedule(timer, _loop.Now + 10);
        _loop.Schedule(timer, _loop.Now + 1000);
        _time.AdvanceMilliseconds(999);
        _loop.Turn(0);
        Assert.Equal(0, count);
        _time.AdvanceMilliseconds(1);
        _loop.Turn(0);
        Assert.Equal(1, count);
    }

    [Fact]
    public void Timer_DueNow_FiresInTheNextTurnOnly()
    {
        int count = 0;
        CallbackTimer timer = null!;
        timer = new CallbackTimer(loop =>
        {
            count++;
            loop.Schedule(timer, loop.Now);
        });
        _loop.Schedule(timer, _loop.Now - 5);
        for (int turn = 1; turn <= 3; turn++)
        {
            Assert.True(_loop.Turn(0));
            Assert.Equal(turn, count);
        }
    }

    [Fact]
    public void Timer_CancelledByOneThatFiresBeforeItInTheSameMillisecond_DoesNotFire()
    {
        bool fired = false;
        var victim = new CallbackTimer(_ => fired = true);
        _loop.Schedule(new CallbackTimer(loop => loop.Cancel(victim)), _loop.Now + 5);
        _loop.Schedule(victim, _loop.Now + 5);
        _time.AdvanceMilliseconds(5);
        _loop.Turn(0);
        Assert.False(fired);
        Assert.False(victim.IsScheduled);
    }

    [Fact]
    public void Timers_HundredThousandRandomOnesHalfCancelled_FireExactlyOnceAndNeverEarly()
    {
        const int Count = 100_000;
        var random = new Random(42);
        int fired = 0;
        long last = 0;
        var timers = new CallbackTimer[Count];
        for (int i = 0; i < Count; i++)
        {
            CallbackTimer timer = null!;
            timer = timers[i] = new CallbackTimer(loop =>
            {
                Assert.InRange(timer.Due, last, loop.Now);
                last = timer.Due;
                fired++;
            });
            _loop.Schedule(timer, _loop.Now + random.NextInt64(1, 10_000_000));
        }
        for (int i = 0; i < Count; i += 2) _loop.Cancel(timers[i]);
        while (fired < Count / 2)
        {
            _time.AdvanceMilliseconds(random.Next(1, 20_000));
            Assert.True(_time.GetUtcNow() < new DateTimeOffset(2025, 1, 2, 0, 0, 0, TimeSpan.Zero));
            _loop.Turn(0);
        }
        Assert.Equal(Count / 2, fired);
        Assert.All(timers, timer => Assert.False(timer.IsScheduled));
    }

    [Fact]
    public async Task Timer_OnAThreadedLoop_WakesItWithoutPeriodicTurns()
    {
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });
        group.Start();
        EventLoop loop = group.Loops[0];
        var fired = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        long turnsBefore = await loop.AskAsync(() =>
        {
            long due = loop.Now + 30;
            loop.Schedule(new CallbackTimer(l => fired.SetResult(l.Now - due)), due);
            return loop.Statistics.Turns;
        });
        Assert.InRange(await fired.Task.WaitAsync(TestHandler.Patience), 0, 10_000);
        Assert.InRange(await loop.AskAsync(() => loop.Statistics.Turns) - turnsBefore, 1, 6);
    }
}
