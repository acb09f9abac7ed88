// What every connection has in common, whatever carries its bytes: kept input, pending output, the states from opening to the end,
// and moving between loops. Below it is something that behaves like a non-blocking socket (epoll, System.Net.Sockets, memory).
//
//   Opening -> Open -> Flushing (output goes out) -> Finishing (our end of stream is sent, theirs is awaited) -> Closed
//
// OnClosed is never called from within another call: the loop reports ends at one point of its turn.
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport;

internal abstract class BufferedConnection : TransportConnection, ILoopWork
{
    private const int DefaultOutputLimit = 1024 * 1024;
    private const int DefaultLinger = 5000;
    private const int LoopStopLinger = 250;

    /// <summary>Received at most at one time into a large packet's own buffer.</summary>
    private const int LargePiece = 256 * 1024;

    /// <summary>A packet of this size takes long to move rather than to handle.</summary>
    private const int MediumPacket = 4 * 1024;

    private EventLoop _loop;
    private IConnectionHandler _handler;
    private EventLoop? _moveTarget;
    private LoopTimer? _linger;
    private Exception? _error;
    private OutputQueue _output;
    private InputBuffer _input;
    private int _outputLimit = DefaultOutputLimit;
    private int _readyPlace = -1;
    private int _dirtyPlace = -1;
    private int _endedPlace = -1;
    private ConnectionState _state;
    private PacketSize _expected;
    private CloseReason _reason;
    private bool _isCalling; // a handler call is under way
    private bool _isOffering; // that call is OnReceived, and the kept input may be what it looks at
    private bool _isPaused;
    private bool _isWriteBlocked;
    private bool _isHeld; // output is kept back
    private bool _wasFull;
    private bool _peerFinished;

    protected BufferedConnection(EventLoop loop, IConnectionHandler handler)
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

    public override bool IsClosing => _state >= ConnectionState.Flushing;

    public override int PendingOutput => _output.Length;

    public override int OutputLimit
    {
        get => _outputLimit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _outputLimit = value;
        }
    }

    /// <summary>Its place among the loop's connections; -1 while it belongs to none.</summary>
    internal int SetIndex { get; set; } = -1;

    protected ConnectionState State => _state;

    /// <summary>Whether input is of use now: to the handler, or to be thrown away until the peer's end of stream.</summary>
    protected bool WantsInput =>
        !_peerFinished && (_state == ConnectionState.Open ? !_isPaused : _state is ConnectionState.Flushing or ConnectionState.Finishing);

    /// <summary>Output that has been taken from the queue but not been accepted by the operating system yet.</summary>
    protected virtual bool IsSending => false;

    public override Span<byte> GetOutput(int size) => _output.Reserve(size, _loop.Pool);

    public override void Advance(int count)
    {
        _output.Advance(count);
        OnAppended();
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes, _loop.Pool);
        OnAppended();
    }

    public override void WriteReference(ReadOnlyMemory<byte> bytes)
    {
        _output.WriteReference(bytes, null, _loop.Pool);
        OnAppended();
    }

    public override void WriteReference(ReadOnlyMemory<byte> bytes, SharedBuffer owner)
    {
        _output.WriteReference(bytes, owner, _loop.Pool);
        OnAppended();
    }

    // What follows from it (drained, closing) waits for the end of the turn: the caller is in the middle of something.
    public override void SendNow()
    {
        if (_state is ConnectionState.Open or ConnectionState.Flushing && !_isWriteBlocked) Transmit();
    }

    public override void HoldOutput() => _isHeld = true;

    public override void ReleaseOutput()
    {
        if (!_isHeld) return;
        _isHeld = false;
        if (_state == ConnectionState.Open && !_output.IsEmpty) _loop.MarkDirty(this);
    }

    // Costs nothing by itself: the poller is only told when input comes that is not wanted.
    public override void PauseReading() => _isPaused = true;

    public override void ResumeReading()
    {
        if (!_isPaused) return;
        _isPaused = false;
        if (_state != ConnectionState.Open) return;
        UpdateInterest();
        if (_input.Length > 0) _loop.MarkReady(this);
    }

    public override void RequireInput(int totalBytes) => _input.Required = totalBytes;

    public override SharedBuffer? InputBuffer => _isOffering ? _input.Own : null;

    public override void MoveTo(EventLoop loop)
    {
        if (_state != ConnectionState.Open) return;
        _moveTarget = loop;
        if (!_isCalling) MoveIfAsked();
    }

    public override void Close(int lingerMilliseconds = DefaultLinger) => BeginClose(CloseReason.Local, lingerMilliseconds);

    public override void Abort() => End(CloseReason.Local, null);

    void ILoopWork.Run(EventLoop loop)
    {
        if (_state == ConnectionState.Opening) StartOpening();
        else if (_state == ConnectionState.Open) Arrive();
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

    /// <summary>The connection exists: belongs to its loop from now on.</summary>
    internal void Open()
    {
        if (SetIndex < 0) _loop.Add(this);
        _state = ConnectionState.Open;
        if (!TryAttach()) return;
        if (!_output.IsEmpty) _loop.MarkDirty(this);
        if (_loop.IsDraining) StopWithLoop();
        Call(static connection => connection._handler.OnOpened(connection));
    }

    /// <summary>The loop stops: what is pending has a short while to leave.</summary>
    internal void StopWithLoop()
    {
        if (_state == ConnectionState.Open && !_loop.IsManual) BeginClose(CloseReason.LoopStopped, LoopStopLinger);
        else if (_state == ConnectionState.Open) BeginClose(CloseReason.LoopStopped, 0);
        else if (_state == ConnectionState.Opening) End(CloseReason.LoopStopped, null);
        else RestartLinger(_loop.IsManual ? 0 : LoopStopLinger);
    }

    /// <summary>Sends what is pending; called once per turn after output was appended.</summary>
    internal void Flush()
    {
        if (_state == ConnectionState.Opening) return;
        if (!_isWriteBlocked) Transmit();
        AfterTransmit();
    }

    /// <summary>Offers kept input again, without new bytes.</summary>
    internal void OfferKept()
    {
        if (_state == ConnectionState.Open && !_isPaused && _input.Length > 0 && _input.Length >= _input.Required)
            Offer(_input.Kept);
    }

    internal void ReportEnd()
    {
        _loop.Remove(this);
        try
        {
            _handler.OnClosed(this, _reason, _error);
        }
        catch (Exception exception)
        {
            TransportLog.HandlerFailed(_loop.Logger, RemoteEndPoint, exception);
        }
    }

    /// <summary>There may be input, an end of stream or an error to be received.</summary>
    /// <returns>Whether the connection still belongs to this loop; if not, it must not be touched any more.</returns>
    protected bool OnReadable()
    {
        // Kept input waits to be offered in this turn. What came after it may be the end of the stream, which would throw it away.
        if (_readyPlace >= 0) return true;
        if (_state == ConnectionState.Open && WantsInput) return ReceiveOnce();
        if (WantsInput) Discard();
        else UpdateInterest();
        return true;
    }

    /// <summary>The operating system may take output again.</summary>
    /// <returns>As <see cref="OnReadable"/>.</returns>
    protected bool OnWritable()
    {
        if (_state is ConnectionState.Opening or ConnectionState.Closed) return true;
        _isWriteBlocked = false;
        Transmit();
        return AfterTransmit();
    }

    /// <summary>The carrier failed, or an outgoing connect did.</summary>
    protected void Fail(SocketError error)
    {
        CloseReason reason = _state == ConnectionState.Opening ? CloseReason.ConnectFailed : IsClosing ? _reason : CloseReason.Reset;
        End(reason, new SocketException((int)error));
    }

    protected void End(CloseReason reason, Exception? error)
    {
        if (_state == ConnectionState.Closed) return;
        _state = ConnectionState.Closed;
        _reason = reason;
        _error ??= error;
        _moveTarget = null;
        if (_linger is not null) _loop.Cancel(_linger);
        CloseIo();
        _output.Clear(_loop.Pool);
        if (!_isOffering) _input.Release(_loop.Pool);
        _loop.MarkEnded(this);
    }

    /// <summary>Makes it an open connection, or begins to: the loop runs it for the first time.</summary>
    protected abstract void StartOpening();

    /// <summary>Begins to watch for readiness on the connection's loop.</summary>
    protected abstract void AttachIo();

    /// <summary>Ends that: the connection leaves its loop.</summary>
    protected abstract void DetachIo();

    /// <summary>Says which readiness is of interest; cheap if nothing changes.</summary>
    protected abstract void SetInterest(bool input, bool output);

    /// <returns>Bytes received; 0 at the end of the stream; -1 with an error, of which WouldBlock is none.</returns>
    protected abstract int Receive(Span<byte> buffer, out SocketError error);

    /// <summary>Sends from the first segments on, as many as one call takes.</summary>
    /// <param name="first">The first segment.</param>
    /// <param name="offered">How many bytes were offered: if fewer were taken, more are not welcome now.</param>
    /// <param name="error">The error, if -1 is returned.</param>
    /// <returns>Bytes taken, or -1.</returns>
    protected abstract int Send(OutputSegment first, out int offered, out SocketError error);

    /// <summary>Sends the end of the stream.</summary>
    protected abstract void FinishIo();

    /// <summary>Closes and forgets the carrier.</summary>
    protected abstract void CloseIo();

    private void OnAppended()
    {
        if (_output.Length >= _outputLimit) _wasFull = true;
        if (_state is ConnectionState.Open or ConnectionState.Flushing)
        {
            _loop.MarkDirty(this);
        }
        else if (_state > ConnectionState.Flushing)
        {
            _output.Clear(_loop.Pool);
        }
    }

    private bool ReceiveOnce()
    {
        if (_input.Own is not null) return ReceiveOwn();
        int kept = _input.Length;
        int count = Receive(_loop.ReceiveBuffer.AsSpan(kept, Math.Min(MostToReceive(), _loop.ReceiveBuffer.Length - kept)));
        if (count <= 0) return true;
        Span<byte> input = _loop.ReceiveBuffer.AsSpan(0, kept + count);
        if (kept > 0) _input.Kept.CopyTo(input);
        if (input.Length < _input.Required) _input.Keep(input, _loop.Pool);
        else if (!Offer(input)) return false;
        // The incomplete packet at the end stands for those that come.
        if (_input.Required > MediumPacket) _expected = PacketSize.Medium;
        else if (_input.Length > 0 || _expected == PacketSize.Large) _expected = PacketSize.Small;
        return true;
    }

    // What one connection may take of a turn: all others wait for it. 32 KiB of small packets are some hundred microseconds' work, and so
    // are 256 KiB of larger ones. After a large packet only the next one's beginning is read, because that has to be copied.
    private int MostToReceive() => _expected switch
    {
        PacketSize.Small => 32 * 1024,
        PacketSize.Medium => 256 * 1024,
        _ => 4 * 1024,
    };

    private bool ReceiveOwn()
    {
        Span<byte> room = _input.OwnRoom(_loop.Pool.Shared);
        int count = Receive(room.Length > LargePiece ? room[..LargePiece] : room);
        if (count <= 0) return true;
        _input.AdvanceOwn(count);
        if (_input.Length < _input.Required) return true;
        _expected = PacketSize.Large;
        return Offer(_input.Kept);
    }

    // Returns 0 if there was nothing; the reason has been dealt with.
    private int Receive(Span<byte> target)
    {
        int count = Receive(target, out SocketError error);
        if (count <= 0)
        {
            OnNothingReceived(count, error);
            return 0;
        }
        _loop.Statistics.Receives++;
        _loop.Statistics.BytesReceived += count;
        return count;
    }

    private void OnNothingReceived(int count, SocketError error)
    {
        if (count == 0) OnEndOfStream();
        else if (error is not (SocketError.WouldBlock or SocketError.Interrupted)) Fail(error);
    }

    private bool Offer(ReadOnlySpan<byte> input)
    {
        _loop.UnmarkReady(this);
        _input.Required = 0;
        _isCalling = _isOffering = true;
        IConnectionHandler handler = _handler;
        int consumed;
        try
        {
            consumed = handler.OnReceived(this, input);
            if ((uint)consumed > (uint)input.Length)
                throw new InvalidOperationException($"OnReceived says it consumed {consumed} of {input.Length} bytes.");
        }
        catch (Exception exception)
        {
            consumed = input.Length;
            OnHandlerFailed(exception);
        }
        _isCalling = _isOffering = false;
        if (_state != ConnectionState.Open)
        {
            _input.Release(_loop.Pool);
            return true;
        }
        if (_input.Required <= input.Length - consumed) _input.Required = 0;
        _input.Keep(input[consumed..], _loop.Pool);
        // A handler that made way for another one leaves it what it did not consume.
        if (_handler != handler && _input.Length > 0) _loop.MarkReady(this);
        return !MoveIfAsked();
    }

    // Input after Close is of no use, but unread input would turn the close into a reset that destroys what was just sent.
    private void Discard()
    {
        int count = Receive(_loop.ReceiveBuffer, out SocketError error);
        if (count <= 0) OnNothingReceived(count, error);
    }

    private void OnEndOfStream()
    {
        _peerFinished = true;
        if (_state == ConnectionState.Finishing) End(_reason, null);
        else if (_state == ConnectionState.Flushing) UpdateInterest();
        else if (_error is not null) End(CloseReason.Reset, null);
        else BeginClose(CloseReason.Remote, DefaultLinger); // the other side may have finished sending only
    }

    private void BeginClose(CloseReason reason, int linger)
    {
        if (_state is ConnectionState.Opening)
        {
            End(reason, null);
            return;
        }
        if (_state != ConnectionState.Open) return;
        _state = ConnectionState.Flushing;
        if (_isHeld) _output.Clear(_loop.Pool);
        _isHeld = false;
        _reason = reason;
        _moveTarget = null;
        if (!_isOffering) _input.Release(_loop.Pool);
        if (_peerFinished && _output.IsEmpty && !IsSending)
        {
            End(reason, null);
            return;
        }
        RestartLinger(linger);
        UpdateInterest();
        _loop.MarkDirty(this);
    }

    private void RestartLinger(int milliseconds)
    {
        if (_state == ConnectionState.Closed) return;
        _linger ??= new LingerTimer(this);
        _loop.Schedule(_linger, _loop.Now + milliseconds);
    }

    private void Transmit()
    {
        if (_isHeld) return;
        while (!_output.IsEmpty)
        {
            int sent = Send(_output.First!, out int offered, out SocketError error);
            if (sent < 0)
            {
                if (error == SocketError.Interrupted) continue;
                if (error != SocketError.WouldBlock)
                {
                    OnSendFailed(error);
                    return;
                }
                _isWriteBlocked = true;
                break;
            }
            _loop.Statistics.Sends++;
            _loop.Statistics.BytesSent += sent;
            _output.Consume(sent, _loop.Pool);
            if (sent < offered)
            {
                _isWriteBlocked = true;
                break;
            }
        }
        UpdateInterest();
    }

    private bool AfterTransmit()
    {
        if (_state == ConnectionState.Flushing && _output.IsEmpty && !IsSending)
        {
            if (_peerFinished)
            {
                End(_reason, null);
                return true;
            }
            FinishIo();
            _state = ConnectionState.Finishing;
            UpdateInterest();
        }
        else if (_wasFull && _state == ConnectionState.Open && _output.Length <= _outputLimit / 2)
        {
            _wasFull = false;
            return Call(static connection => connection._handler.OnOutputDrained(connection));
        }
        return true;
    }

    // The peer is gone, but what it sent before may still be unread, for instance its DISCONNECT: the end comes when that is read.
    private void OnSendFailed(SocketError error)
    {
        _output.Clear(_loop.Pool);
        if (_state == ConnectionState.Open && !_isPaused)
        {
            _error ??= new SocketException((int)error);
            _isWriteBlocked = false;
            UpdateInterest();
        }
        else
        {
            Fail(error);
        }
    }

    private bool MoveIfAsked()
    {
        if (_moveTarget is not { } target) return false;
        _moveTarget = null;
        DetachIo();
        _loop.Remove(this);
        _loop = target;
        target.Post(this); // the last thing: it may run there already
        return true;
    }

    private void Arrive()
    {
        _loop.Add(this);
        _isWriteBlocked = false;
        if (!TryAttach()) return;
        if (!_output.IsEmpty) _loop.MarkDirty(this);
        if (_input.Length > 0) _loop.MarkReady(this);
        if (_loop.IsDraining) StopWithLoop();
        else Call(static connection => connection._handler.OnMoved(connection));
    }

    private bool TryAttach()
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

    // Returns whether the connection is still here: if not, it may run on another thread already and must not be touched.
    private bool Call(Action<BufferedConnection> call)
    {
        _isCalling = true;
        try
        {
            call(this);
        }
        catch (Exception exception)
        {
            OnHandlerFailed(exception);
        }
        _isCalling = false;
        return !MoveIfAsked();
    }

    private void OnHandlerFailed(Exception exception)
    {
        TransportLog.HandlerFailed(_loop.Logger, RemoteEndPoint, exception);
        End(CloseReason.HandlerFailed, exception);
    }

    private void UpdateInterest()
    {
        if (_state is not (ConnectionState.Opening or ConnectionState.Closed)) SetInterest(WantsInput, _isWriteBlocked);
    }

    private sealed class LingerTimer(BufferedConnection connection) : LoopTimer
    {
        protected internal override void OnDue(EventLoop loop) => connection.End(connection._reason, null);
    }
}

/// <summary>What kind of packets a connection seems to send.</summary>
internal enum PacketSize : byte
{
    /// <summary>Many fit into one receive.</summary>
    Small,

    /// <summary>Some fit.</summary>
    Medium,

    /// <summary>Each has a buffer of its own.</summary>
    Large,
}
