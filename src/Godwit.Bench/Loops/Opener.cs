// Opens the connections of one loop before a scenario begins, a limited number at a time, or at a rate.
using Godwit.Transport;

namespace Godwit.Bench;

internal sealed class Opener : IConnectionObserver
{
    private readonly BenchLoop _loop;
    private readonly IReadOnlyList<BenchConnection> _connections;
    private readonly int _concurrency;
    private readonly double? _rate;
    private readonly CallbackTimer _timer;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _start;
    private int _opened, _settled;

    private Opener(BenchLoop loop, IReadOnlyList<BenchConnection> connections, int concurrency, double? rate)
    {
        _loop = loop;
        _connections = connections;
        _concurrency = concurrency;
        _rate = rate;
        _timer = new CallbackTimer(_ => Advance());
    }

    /// <summary>Opens the connections of a loop.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="connections">All of them are the loop's.</param>
    /// <param name="concurrency">How many may be on their way at a time.</param>
    /// <param name="rate">How many are begun a second; null for no limit.</param>
    /// <returns>Completed when all are ready; earlier when one has failed, which the loop's tally tells.</returns>
    public static Task OpenAsync(BenchLoop loop, IReadOnlyList<BenchConnection> connections, int concurrency, double? rate)
    {
        var opener = new Opener(loop, connections, concurrency, rate);
        loop.Loop.Post(opener.Begin);
        return opener._done.Task;
    }

    void IConnectionObserver.OnReady(BenchConnection connection)
    {
        _settled++;
        Advance();
    }

    bool IConnectionObserver.OnEnded(BenchConnection connection, LinkState state, string why, ConnackCode? refusal)
    {
        Finish();
        return false;
    }

    private void Begin()
    {
        _loop.Observer = this;
        _start = MonotonicClock.Now;
        Advance();
    }

    private void Advance()
    {
        if (_done.Task.IsCompleted) return;
        long now = MonotonicClock.Now;
        while (_opened < _connections.Count && _opened - _settled < _concurrency)
        {
            long due = _rate is { } rate ? _start + (long)(_opened * 1e9 / rate) : now;
            if (due > now)
            {
                _loop.Loop.Schedule(_timer, _loop.Loop.Now + (due - now) / 1_000_000 + 1);
                return;
            }
            _connections[_opened++].Open(now);
        }
        if (_settled == _connections.Count) Finish();
    }

    private void Finish()
    {
        _loop.Loop.Cancel(_timer);
        _loop.Observer = null;
        _done.TrySetResult();
    }
}
