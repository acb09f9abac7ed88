// A shard's part in keeping the memory budget. First publishers are slowed down: who publishes much that has to be kept is not read from for a
// while, so that its own TCP connection holds it back. Everybody has an allowance, which gets smaller as the room does, but never vanishes: a
// quiet client is not held up, and a flooding one not for ever. What they still bring when all is used makes the shedding necessary.
using Godwit.Broker.Connections;
using Godwit.Transport;

namespace Godwit.Broker.Memory;

internal sealed class MemoryGuard : LoopTimer
{
    private const int TickMilliseconds = 10;

    /// <summary>Nobody is held up longer at one time, however large its message was.</summary>
    private const int LongestHold = 2000;

    /// <summary>What a client may have published before it is a publisher to be slowed down.</summary>
    private const int Quiet = 16 * 1024;

    /// <summary>Bytes that a publisher may bring in a tick, however little room there is.</summary>
    private const int SmallestAllowance = 256;

    private readonly Shard _shard;
    private readonly MemoryBudget _budget;
    private readonly MemoryShedder _shedder;
    private readonly Dictionary<ClientConnection, Publisher> _publishers = [];
    private readonly List<Publisher> _held = [];
    private readonly long _readEvery;
    private long _sinceReading, _lastReading, _lastTick;
    private long _allowance, _buffersRead;

    public MemoryGuard(Shard shard)
    {
        _shard = shard;
        _budget = shard.Broker.Memory;
        _shedder = new MemoryShedder(shard);
        _readEvery = _budget.Limit == 0 ? long.MaxValue : Math.Clamp(_budget.Limit / 256, 64 * 1024, 4 * 1024 * 1024);
    }

    /// <summary>The stage at the last reading.</summary>
    public MemoryStage Stage { get; private set; }

    /// <summary>Whether memory is short: what can be in the store alone is.</summary>
    public bool IsShort => Stage != MemoryStage.Normal;

    /// <summary>Whether nothing new is taken on.</summary>
    public bool IsShedding => Stage == MemoryStage.Shed;

    /// <summary>Publishers that are not read from, for tests.</summary>
    internal int Held => _held.Count;

    /// <summary>A client has brought something that is to be kept, perhaps: it may have to wait with the next.</summary>
    public void Charge(ClientConnection connection, int bytes)
    {
        Charge(bytes);
        if (Stage == MemoryStage.Normal || connection.Phase != ConnectionPhase.Connected) return;
        if (!_publishers.TryGetValue(connection, out Publisher? publisher)) _publishers[connection] = publisher = new Publisher(connection, _shard.Loop.Now);
        publisher.Pay(_allowance, _shard.Loop.Now);
        publisher.Debt += bytes;
        if (publisher.Debt <= Quiet || publisher.IsHeld) return;
        publisher.IsHeld = true;
        publisher.HeldSince = _shard.Loop.Now;
        _held.Add(publisher);
        connection.Hold();
    }

    /// <summary>Something has come that the one who brought it cannot be made to wait for.</summary>
    public void Charge(int bytes)
    {
        if ((_sinceReading += bytes) >= _readEvery) Read();
    }

    /// <summary>A message has been given to everybody: their output may have grown by many times its size, within this turn.</summary>
    public void LookAtBuffers()
    {
        if (_budget.Limit != 0 && _shard.Loop.BufferBytes - _buffersRead > _readEvery) Read();
    }

    /// <summary>Much has come otherwise, into buffers for instance: looks again if it is time to.</summary>
    public void EndTurn()
    {
        if (_budget.Limit != 0 && _shard.Loop.Now != _lastReading) Read();
    }

    protected override void OnDue(EventLoop loop)
    {
        Read();
        Release();
    }

    private void Read()
    {
        _sinceReading = 0;
        _lastReading = _shard.Loop.Now;
        _buffersRead = _shard.Loop.BufferBytes;
        MemoryUse use = _budget.Update();
        Stage = use.Stage;
        _allowance = Math.Max(SmallestAllowance, (_budget.ShedThreshold - use.Used) / 16 / Math.Max(1, _publishers.Count * _shard.Broker.Shards.Length));
        if (Stage == MemoryStage.Shed && _lastTick != _lastReading)
        {
            _lastTick = _lastReading;
            _shedder.Shed(use.Used - _budget.ShedTarget);
        }
        else if (Stage == MemoryStage.Normal && _publishers.Count > 0)
        {
            _publishers.Clear();
            foreach (Publisher publisher in _held) publisher.Connection.Release();
            _held.Clear();
        }
        if (Stage != MemoryStage.Normal && !IsScheduled) _shard.Loop.Schedule(this, _shard.Loop.Now + TickMilliseconds);
    }

    private void Release()
    {
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            Publisher publisher = _held[i];
            publisher.Pay(_allowance, _shard.Loop.Now);
            bool isOver = publisher.Connection.Phase == ConnectionPhase.Ended;
            if (publisher.Debt > 0 && !isOver && _shard.Loop.Now - publisher.HeldSince < LongestHold) continue;
            if (isOver || publisher.Debt == 0) _publishers.Remove(publisher.Connection);
            publisher.Debt = Math.Min(publisher.Debt, Quiet);
            publisher.IsHeld = false;
            _held[i] = _held[^1];
            _held.RemoveAt(_held.Count - 1);
            publisher.Connection.Release();
        }
    }

    /// <summary>A client that has published while memory was short.</summary>
    private sealed class Publisher(ClientConnection connection, long now)
    {
        private long _paidAt = now;

        public ClientConnection Connection { get; } = connection;

        /// <summary>Bytes beyond its allowance.</summary>
        public long Debt { get; set; }

        public bool IsHeld { get; set; }

        public long HeldSince { get; set; }

        /// <summary>Time that has passed is allowance.</summary>
        public void Pay(long allowance, long now)
        {
            Debt = Math.Max(0, Debt - allowance * (now - _paidAt) / TickMilliseconds);
            _paidAt = now;
        }
    }
}
