// The part of a connection that belongs to its loop: its places in the loop's lists, its states, calls of its handler, moving to another
// loop, lingering and ending. What goes through it is BufferedConnection's business.
//
//   Opening -> Open -> Flushing (output goes out) -> Finishing (our end of stream is sent, theirs is awaited) -> Closed
//
// OnClosed is never called from within another call: the loop reports ends at one point of its turn.
using System.Net.Sockets;

namespace Godwit.Transport;

internal abstract class LoopConnection : TransportConnection, ILoopWork
{
    private EventLoop _loop;
    private EventLoop? _moveTarget;
    private LoopTimer? _linger;
    private IConnectionHandler _handler;
    private int _readyPlace = -1;
    private int _dirtyPlace = -1;
    private int _endedPlace = -1;
    private bool _isCalling;

    protected LoopConnection(EventLoop loop, IConnectionHandler handler)
    {
        _loop = loop;
        _handler = handler;
    }

    public override EventLoop Loop => _loop;

    public override IConnectionHandler Handler
    {
        get => _handler;
        set => _handler = value;
    }

    public override bool IsClosing => State >= ConnectionState.Flushing;

    /// <summary>Its place among the loop's connections; -1 while it belongs to none.</summary>
    internal int SetIndex { get; set; } = -1;

    protected ConnectionState State { get; set; }

    /// <summary>Why it ends.</summary>
    protected CloseReason Reason { get; set; }

    /// <summary>What goes with that; the first one met.</summary>
    protected Exception? Error { get; set; }

    /// <summary>Whether it waits for its kept input to be offered in this turn or the next.</summary>
    protected bool IsReady => _readyPlace >= 0;

    public override void MoveTo(EventLoop loop)
    {
        if (State != ConnectionState.Open) return;
        _moveTarget = loop;
        if (!_isCalling) MoveIfAsked();
    }

    public override void Abort() => End(CloseReason.Local, null);

    void ILoopWork.Run(EventLoop loop)
    {
        if (State == ConnectionState.Opening) StartOpening();
        else if (State == ConnectionState.Open) Arrive();
    }

    internal ref int PlaceIn(WorkKind kind)
    {
        switch (kind)
        {
            case WorkKind.Ready: return ref _readyPlace;
            case WorkKind.Dirty: return ref _dirtyPlace;
            default: return ref _endedPlace;
        }
    }

    /// <summary>The connection is ready for its real handler.</summary>
    internal void HandOverTo(IConnectionHandler handler)
    {
        _handler = handler;
        if (_isCalling) handler.OnOpened(this);
        else Call(static connection => connection._handler.OnOpened(connection));
    }

    internal void ReportEnd()
    {
        _loop.Remove((BufferedConnection)this);
        try
        {
            _handler.OnClosed(this, Reason, Error);
        }
        catch (Exception exception)
        {
            TransportLog.HandlerFailed(_loop.Logger, RemoteEndPoint, exception);
        }
    }

    /// <summary>Makes it an open connection, or begins to: the loop runs it for the first time.</summary>
    protected abstract void StartOpening();

    /// <summary>Begins to watch for readiness on the connection's loop.</summary>
    protected abstract void AttachIo();

    /// <summary>Ends that: the connection leaves its loop.</summary>
    protected abstract void DetachIo();

    /// <summary>Closes and forgets the carrier.</summary>
    protected abstract void CloseIo();

    /// <summary>It has come to its new loop and is watched there.</summary>
    protected abstract void OnArrived();

    /// <summary>It is over: lets go of what it holds.</summary>
    protected abstract void OnEnded();

    /// <summary>The carrier failed, or an outgoing connect did.</summary>
    protected void Fail(SocketError error)
    {
        CloseReason reason = State == ConnectionState.Opening ? CloseReason.ConnectFailed : IsClosing ? Reason : CloseReason.Reset;
        End(reason, new SocketException((int)error));
    }

    protected void End(CloseReason reason, Exception? error)
    {
        if (State == ConnectionState.Closed) return;
        State = ConnectionState.Closed;
        Reason = reason;
        Error ??= error;
        _moveTarget = null;
        if (_linger is not null) _loop.Cancel(_linger);
        CloseIo();
        OnEnded();
        _loop.MarkEnded((BufferedConnection)this);
    }

    protected void StayHere() => _moveTarget = null;

    protected void RestartLinger(int milliseconds)
    {
        if (State == ConnectionState.Closed) return;
        _linger ??= new LingerTimer(this);
        _loop.Schedule(_linger, _loop.Now + milliseconds);
    }

    protected bool TryAttach()
    {
        try
        {
            AttachIo();
            return true;
        }
        catch (SocketException exception)
        {
            End(CloseReason.Reset, exception); // the system has no room to watch another connection
            return false;
        }
    }

    protected void BeginCall() => _isCalling = true;

    /// <returns>Whether the connection has left its loop.</returns>
    protected bool EndCall()
    {
        _isCalling = false;
        return MoveIfAsked();
    }

    /// <returns>Whether the connection is still here: if not, it may run on another thread already and must not be touched.</returns>
    protected bool Call(Action<LoopConnection> call)
    {
        BeginCall();
        try
        {
            call(this);
        }
        catch (Exception exception)
        {
            OnHandlerFailed(exception);
        }
        return !EndCall();
    }

    protected void OnHandlerFailed(Exception exception)
    {
        TransportLog.HandlerFailed(_loop.Logger, RemoteEndPoint, exception);
        End(CloseReason.HandlerFailed, exception);
    }

    private bool MoveIfAsked()
    {
        if (_moveTarget is not { } target) return false;
        _moveTarget = null;
        DetachIo();
        _loop.Remove((BufferedConnection)this);
        _loop = target;
        target.Post(this); // the last thing: it may run there already
        return true;
    }

    private void Arrive()
    {
        _loop.Add((BufferedConnection)this);
        if (TryAttach()) OnArrived();
    }

    private sealed class LingerTimer(LoopConnection connection) : LoopTimer
    {
        protected internal override void OnDue(EventLoop loop) => connection.End(connection.Reason, null);
    }
}
