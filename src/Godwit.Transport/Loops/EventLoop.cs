// One turn: input, inbox, timers, endings, turn-end hooks, output. Everything a turn appends to a connection leaves in one send at its
// end; that coalescing is worth a factor of eight to ten in batched traffic. Nothing here is locked except the inbox. Which thread runs
// the turns, and when, is LoopThread's business: one thread at a time.
using System.Net;
using System.Net.Sockets;
using Godwit.Transport.Opening;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport;

/// <summary>Owns connections, timers and buffers; run by one thread at a time. Made by <see cref="EventLoopGroup"/>.</summary>
public sealed class EventLoop
{
    internal const long NanosecondsPerMillisecond = 1_000_000;

    private const int ReceiveBufferSize = 256 * 1024;

    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly IBackend _backend;
    private readonly LoopInbox _inbox = new();
    private readonly TimerWheel _timers;
    private readonly ConnectionSet _connections = new();
    private readonly WorkList _ready = new(WorkKind.Ready);
    private readonly WorkList _dirty = new(WorkKind.Dirty);
    private readonly WorkList _ended = new(WorkKind.Ended);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SleepGate _ownGate;
    private ITurnEnd[] _turnEnds = [];
    private volatile SleepGate _gate;
    private readonly long _timestampsPerMillisecond;
    private readonly bool _isMillisecondExact;
    private bool _isTurnAsked;
    private bool _draining;

    internal EventLoop(int index, IBackend backend, SharedBufferPool buffers, TimeProvider timeProvider, ILogger logger, bool isManual)
    {
        Index = index;
        _backend = backend;
        Pool = new BufferPool(buffers);
        TimeProvider = timeProvider;
        Logger = logger;
        IsManual = isManual;
        Poller = backend.CreatePoller();
        _gate = _ownGate = new SleepGate(Poller);
        (_timestampsPerMillisecond, long rest) = Math.DivRem(timeProvider.TimestampFrequency, 1000);
        _isMillisecondExact = rest == 0;
        Now = ReadClock();
        _timers = new TimerWheel(Now);
    }

    /// <summary>Its place in the group, from 0.</summary>
    public int Index { get; }

    /// <summary>The time of the current turn: milliseconds of <see cref="TimeProvider"/>'s monotonic clock, read once per turn.</summary>
    public long Now { get; private set; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>Whether the caller runs inside one of this loop's turns.</summary>
    public bool IsCurrent => t_current == this;

    /// <summary>Connections that belong to the loop. May be read from any thread.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>What the loop has done so far.</summary>
    public LoopStatistics Statistics { get; } = new();

    internal IPoller Poller { get; }

    internal ILogger Logger { get; }

    internal bool IsManual { get; }

    internal BufferPool Pool { get; }

    /// <summary>Where input is received and parsed in place; valid within one receive.</summary>
    internal byte[] ReceiveBuffer { get; } = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);

    /// <summary>Whether a thread runs the loop; if not, whoever wants something done turns it.</summary>
    internal bool HasThread { get; set; }

    internal bool IsDraining => _draining;

    /// <summary>What wakes the thread that runs the loop. Changed by that thread only, when it hands the loop on.</summary>
    internal SleepGate Gate
    {
        get => _gate;
        set => _gate = value;
    }

    /// <summary>The gate of a thread whose first loop this is.</summary>
    internal SleepGate OwnGate => _ownGate;

    /// <summary>Whether a turn would do something now.</summary>
    internal bool HasWork =>
        Poller.HasEvents || !_inbox.IsEmpty || _isTurnAsked || !_ready.IsEmpty || !_dirty.IsEmpty || !_ended.IsEmpty || _timers.NextDue <= Now;

    /// <summary>When a timer is due, in <see cref="Now"/>'s milliseconds; null if none is scheduled.</summary>
    internal long? NextDue => _timers.NextDue;

    /// <summary>Has something done on the loop's thread, in this turn or the next. From any thread; a caller's order is kept.</summary>
    public void Post(ILoopWork work) => PostObject(work);

    /// <inheritdoc cref="Post(ILoopWork)"/>
    public void Post(Action action) => PostObject(action);

    /// <summary>Has the timer fire once <see cref="Now"/> reaches the given time; in the next pass if it has come already.</summary>
    /// <remarks>A timer that is scheduled already is moved. On the loop's thread only.</remarks>
    public void Schedule(LoopTimer timer, long dueMilliseconds) => _timers.Schedule(timer, dueMilliseconds);

    /// <summary>Unschedules a timer, if it is scheduled. On the loop's thread only.</summary>
    public void Cancel(LoopTimer timer) => _timers.Cancel(timer);

    /// <summary>Has the hook called at the end of every turn, in the order of adding. Before the loop starts or on its thread.</summary>
    public void AddTurnEnd(ITurnEnd hook) => _turnEnds = [.. _turnEnds, hook];

    /// <summary>A shared buffer of at least this size, for a payload that is to be sent to many; to be released. From any thread.</summary>
    public SharedBuffer RentBuffer(int size) => Pool.Shared.Rent(size);

    /// <summary>Bytes of the loop's buffers that hold input or output. From any thread; only the sum over all loops is right.</summary>
    public long BufferBytes => Pool.InUse;

    /// <summary>Bytes of the loop's spare buffers. From any thread.</summary>
    public long SpareBufferBytes => Pool.Spare;

    /// <summary>Bytes of the large buffers that the group's loops share: those in use, and spare ones. From any thread.</summary>
    public (long InUse, long Spare) SharedBufferBytes => (Pool.Shared.InUse, Pool.Shared.Spare);

    /// <summary>Lets go of the loop's spare buffers, and of the shared ones that nobody has needed since the last call. On the loop's thread only.</summary>
    public void DropSpareBuffers()
    {
        Pool.DropSpare();
        Pool.Shared.DropUnused();
    }

    /// <summary>Begins an outgoing connection without blocking: TCP, and TLS and WebSocket if the options say so. From any thread.</summary>
    /// <param name="remote">An address (<see cref="IPEndPoint"/>; names are to be resolved before) or a Unix socket.</param>
    /// <param name="handler">
    /// Gets <see cref="IConnectionHandler.OnOpened"/>, or <see cref="IConnectionHandler.OnClosed"/> with
    /// <see cref="CloseReason.ConnectFailed"/> and the error; never before this method has returned to the loop.
    /// </param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The connection, to be used on the loop's thread; <see cref="TransportConnection.Abort"/> gives the attempt up.</returns>
    public TransportConnection Connect(EndPoint remote, IConnectionHandler handler, ConnectOptions? options = null)
    {
        if (remote is not (IPEndPoint or UnixDomainSocketEndPoint))
            throw new ArgumentException($"'{remote}' is neither an IP address with a port, to which names have to be resolved first, nor a Unix socket.", nameof(remote));
        options ??= new ConnectOptions();
        BufferedConnection connection = _backend.CreateOutgoing(this, ClientOpening.Wrap(handler, options), remote, options);
        Post(connection);
        return connection;
    }

    /// <summary>
    /// Whether the same thread runs this loop and another one now, and will until the current turn is over: then what belongs to the other
    /// loop may be touched, provided that it gets a turn afterwards (<see cref="AskForTurn"/>). To be asked within a turn.
    /// </summary>
    public bool RunsWith(EventLoop other) => _gate == other._gate;

    /// <summary>Has a loop that <see cref="RunsWith"/> the current one take its next turn soon, although nothing is posted to it.</summary>
    public void AskForTurn() => _isTurnAsked = true;

    /// <summary>Runs one turn on the calling thread. For loops without a thread of their own.</summary>
    /// <param name="maxWaitMilliseconds">How long to wait for something to do; -1: for ever. Manual loops never wait.</param>
    /// <returns>Whether anything happened.</returns>
    public bool Turn(int maxWaitMilliseconds) => Turn(TimeSpan.FromMilliseconds(maxWaitMilliseconds));

    /// <summary>
    /// As <see cref="Turn(int)"/>, for a wait shorter than a millisecond: exact to some microseconds with epoll, elsewhere rounded up to
    /// whole milliseconds. Timers keep their milliseconds.
    /// </summary>
    public bool Turn(TimeSpan maxWait)
    {
        Now = ReadClock();
        long wait = HasWork ? 0 : (long)maxWait.TotalNanoseconds;
        if (wait != 0 && _timers.NextDue is { } due)
        {
            long until = Math.Clamp(due - Now, 0, int.MaxValue) * NanosecondsPerMillisecond;
            if (wait < 0 || until < wait) wait = until;
        }
        if (wait != 0) _gate.Close();
        Poller.Wait(wait == 0 || !_inbox.IsEmpty ? 0 : wait);
        if (wait != 0) _gate.Open();
        return RunTurn(ReadClock());
    }

    /// <summary>Does what there is to do, without waiting.</summary>
    /// <returns>Whether anything happened.</returns>
    internal bool RunTurn(long now)
    {
        EventLoop? outer = t_current;
        t_current = this;
        try
        {
            Now = now;
            Statistics.Turns++;
            _isTurnAsked = false;
            bool busy = Poller.Dispatch(this);
            busy |= _ready.Run(this, static connection => connection.OfferKept());
            busy |= _inbox.Run(this);
            busy |= _timers.Advance(Now, this);
            busy |= _ended.Run(this, static connection => connection.ReportEnd());
            foreach (ITurnEnd hook in _turnEnds) hook.OnTurnEnd(this);
            busy |= _dirty.Run(this, static connection => connection.Flush());
            if (_draining && _connections.Count == 0) _drained.TrySetResult();
            return busy;
        }
        finally
        {
            t_current = outer;
        }
    }

    /// <summary>Lets the loop know the time although it has nothing to do now.</summary>
    internal void SetTime(long now) => Now = now;

    /// <summary>
    /// Closes all connections (<see cref="CloseReason.LoopStopped"/>; pending output has a quarter of a second to leave). A loop without a
    /// thread is turned here. From then on its thread hands nothing on to others.
    /// </summary>
    internal Task DrainAsync()
    {
        Post(() =>
        {
            LoopThread.Current?.Settle();
            _draining = true;
            foreach (BufferedConnection connection in _connections.ToArray()) connection.StopWithLoop();
        });
        if (HasThread) return _drained.Task;
        while (!_drained.Task.IsCompleted) Turn(IsManual ? 0 : 10);
        return Task.CompletedTask;
    }

    internal void Dispose() => Poller.Dispose();

    internal void Add(BufferedConnection connection) => _connections.Add(connection);

    internal void Remove(BufferedConnection connection)
    {
        _connections.Remove(connection);
        _ready.Remove(connection);
        _dirty.Remove(connection);
    }

    /// <summary>Has the connection's output sent at the end of the turn.</summary>
    internal void MarkDirty(BufferedConnection connection) => _dirty.Add(connection);

    /// <summary>Has the connection's kept input offered in the next turn.</summary>
    internal void MarkReady(BufferedConnection connection) => _ready.Add(connection);

    internal void UnmarkReady(BufferedConnection connection) => _ready.Remove(connection);

    /// <summary>Has the connection's end reported later in this turn, or in the next: never from within another call.</summary>
    internal void MarkEnded(BufferedConnection connection)
    {
        _ready.Remove(connection);
        _dirty.Remove(connection);
        _ended.Add(connection);
    }

    /// <summary>An exception that belongs to no connection: the loop goes on. Tests, which turn by hand, shall see it.</summary>
    internal void OnUnexpected(Exception exception)
    {
        if (IsManual) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
        TransportLog.LoopFailed(Logger, Index, exception);
    }

    private void PostObject(object work)
    {
        _inbox.Add(work);
        _gate.Wake();
    }

    // TimeProvider.GetElapsedTime would compute in floating point, which is off by a tick for large values.
    internal long ToMilliseconds(long timestamp)
    {
        if (_isMillisecondExact) return timestamp / _timestampsPerMillisecond;
        return (long)((Int128)timestamp * 1000 / TimeProvider.TimestampFrequency);
    }

    private long ReadClock() => ToMilliseconds(TimeProvider.GetTimestamp());
}
