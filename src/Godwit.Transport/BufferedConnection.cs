// What goes through a connection, whatever carries it: kept input, pending output, and the filters in between. Below it is something that
// behaves like a non-blocking socket (epoll, System.Net.Sockets, memory).
using System.Net;
using System.Net.Sockets;
using Godwit.Transport.Filters;

namespace Godwit.Transport;

internal abstract class BufferedConnection : LoopConnection, IByteStream
{
    private const int DefaultOutputLimit = 1024 * 1024;
    private const int DefaultLinger = 5000;
    private const int LoopStopLinger = 250;

    /// <summary>Milliseconds in which a peer may read what is wrong.</summary>
    private const int FailureLinger = 1000;

    /// <summary>Received at most at one time into a large packet's own buffer.</summary>
    private const int LargePiece = 256 * 1024;

    private StreamFilter? _filter; // the topmost; null as long as the carrier's bytes are the handler's
    private StreamFilter? _newFilter; // installed within the call that is under way
    private PeerInfo? _peer;
    private ListenerGate? _gate; // where it came in
    private OutputQueue _output;
    private InputBuffer _input;
    private int _outputLimit = DefaultOutputLimit;
    private PacketSize _expected;
    private bool _isOffering; // OnReceived is under way, and the kept input may be what it looks at
    private bool _isPaused;
    private bool _isWriteBlocked;
    private bool _isHeld; // output is kept back
    private bool _wasFull;
    private bool _peerFinished;

    protected BufferedConnection(EventLoop loop, IConnectionHandler handler) : base(loop, handler)
    {
    }

    public override EndPoint? RemoteEndPoint => _peer is null ? DirectEndPoint : _peer.RemoteEndPoint;

    public override PeerInfo Peer => _peer ??= new PeerInfo { RemoteEndPoint = DirectEndPoint, DirectEndPoint = DirectEndPoint };

    public override long OpeningSince => _peer?.OpeningSince ?? Loop.Now;

    public override int PendingOutput => _filter is null ? _output.Length : _output.Length + _filter.PendingOutput;

    public override int PendingInput => _input.Length;

    public override int OutputLimit
    {
        get => _outputLimit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _outputLimit = value;
        }
    }

    /// <summary>How it was accepted, as long as it has not been established or its address is counted; null otherwise.</summary>
    internal Arrival? Arrival { get; private set; }

    /// <summary>Whether the client has said who it is.</summary>
    internal bool IsEstablished { get; private set; }

    /// <summary>Whether the input that is being offered becomes a filter's: the rest of it is not to be looked at.</summary>
    internal bool HasNewFilter => _newFilter is not null;

    bool IByteStream.HasInput => false;

    int IByteStream.PendingOutput => 0;

    int IByteStream.Receive(Memory<byte> buffer, out SocketError error) => Receive(buffer.Span, out error);

    int IByteStream.Send(OutputSegment first, out int offered, out SocketError error) => Send(first, out offered, out error);

    bool IByteStream.TryFlush(out SocketError error)
    {
        error = SocketError.Success;
        return true;
    }

    bool IByteStream.TryFinish(out SocketError error)
    {
        error = SocketError.Success;
        return true;
    }

    void IByteStream.Release()
    {
        // Ends with the connection itself.
    }

    /// <summary>The other end of the carrier.</summary>
    protected abstract EndPoint? DirectEndPoint { get; }

    /// <summary>Whether input is of use now: to the handler, or to be thrown away until the peer's end of stream.</summary>
    protected bool WantsInput =>
        !_peerFinished && (State == ConnectionState.Open ? !_isPaused : State is ConnectionState.Flushing or ConnectionState.Finishing);

    /// <summary>Output that has been taken from the queue but not been accepted by the operating system yet.</summary>
    protected virtual bool IsSending => false;

    public override Span<byte> GetOutput(int size) => _output.Reserve(size, Loop.Pool);

    public override void Advance(int count)
    {
        _output.Advance(count);
        OnAppended();
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes, Loop.Pool);
        OnAppended();
    }

    public override void WriteReference(ReadOnlyMemory<byte> bytes)
    {
        _output.WriteReference(bytes, null, Loop.Pool);
        OnAppended();
    }

    public override void WriteReference(ReadOnlyMemory<byte> bytes, SharedBuffer owner)
    {
        _output.WriteReference(bytes, owner, Loop.Pool);
        OnAppended();
    }

    // What follows from it (drained, closing) waits for the end of the turn: the caller is in the middle of something.
    public override void SendNow()
    {
        if (State is ConnectionState.Open or ConnectionState.Flushing && !_isWriteBlocked) Transmit();
    }

    public override void HoldOutput() => _isHeld = true;

    public override void ReleaseOutput()
    {
        if (!_isHeld) return;
        _isHeld = false;
        if (State == ConnectionState.Open && !_output.IsEmpty) Loop.MarkDirty(this);
    }

    // Costs nothing by itself: the poller is only told when input comes that is not wanted.
    public override void PauseReading() => _isPaused = true;

    public override void ResumeReading()
    {
        if (!_isPaused) return;
        _isPaused = false;
        if (State != ConnectionState.Open) return;
        UpdateInterest();
        if (_input.Length > 0 || _filter is { HasInput: true }) Loop.MarkReady(this);
    }

    public override void RequireInput(int totalBytes) => _input.Required = totalBytes;

    public override SharedBuffer? InputBuffer => _isOffering ? _input.Own : null;

    public override void Close(int lingerMilliseconds = DefaultLinger) => BeginClose(CloseReason.Local, lingerMilliseconds);

    public override void Establish()
    {
        IsEstablished = true;
        if (Arrival is { } arrival && !arrival.Establish()) Arrival = null;
    }

    /// <summary>Another connection needs its room.</summary>
    internal void MakeWay() => End(CloseReason.MadeWay, null);

    /// <summary>
    /// Puts a filter on top of the others. Within OnReceived what is not consumed becomes the filter's first input; the handler gets what
    /// the filter makes of it.
    /// </summary>
    internal void Install(StreamFilter filter)
    {
        filter.PutOn((IByteStream?)_filter ?? this, _output);
        _output = default;
        _filter = filter;
        if (_isOffering) _newFilter = filter;
    }

    /// <summary>Something has happened to a filter on another thread: looks whether there is input or output now. On the loop's thread.</summary>
    internal void OnFilterChanged()
    {
        if (State == ConnectionState.Closed) return;
        Loop.MarkReady(this);
        Loop.MarkDirty(this);
    }

    /// <summary>An accepted connection exists.</summary>
    internal void Open(Arrival arrival)
    {
        Arrival = arrival;
        arrival.Connection = this;
        _gate = arrival.Gate;
        Open();
    }

    /// <summary>The connection exists: belongs to its loop from now on.</summary>
    internal void Open()
    {
        if (SetIndex < 0) Loop.Add(this);
        State = ConnectionState.Open;
        if (!TryAttach()) return;
        if (!_output.IsEmpty) Loop.MarkDirty(this);
        if (Loop.IsDraining) StopWithLoop();
        Call(static connection => connection.Handler.OnOpened(connection));
    }

    /// <summary>The loop stops: what is pending has a short while to leave.</summary>
    internal void StopWithLoop()
    {
        if (State == ConnectionState.Open && !Loop.IsManual) BeginClose(CloseReason.LoopStopped, LoopStopLinger);
        else if (State == ConnectionState.Open) BeginClose(CloseReason.LoopStopped, 0);
        else if (State == ConnectionState.Opening) End(CloseReason.LoopStopped, null);
        else RestartLinger(Loop.IsManual ? 0 : LoopStopLinger);
    }

    /// <summary>Sends what is pending; called once per turn after output was appended.</summary>
    internal void Flush()
    {
        if (State == ConnectionState.Opening) return;
        if (!_isWriteBlocked) Transmit();
        AfterTransmit();
    }

    /// <summary>Offers kept input again, without new bytes, or what a filter has.</summary>
    internal void OfferKept()
    {
        if (State != ConnectionState.Open || _isPaused) return;
        if (_input.Length > 0 && _input.Length >= _input.Required) Offer(_input.Kept);
        else if (_filter is not null) ReceiveOnce();
    }

    /// <summary>There may be input, an end of stream or an error to be received.</summary>
    /// <returns>Whether the connection still belongs to this loop; if not, it must not be touched any more.</returns>
    protected bool OnReadable()
    {
        // Kept input waits to be offered in this turn. What came after it may be the end of the stream, which would throw it away.
        if (IsReady) return true;
        if (State == ConnectionState.Open && WantsInput) return ReceiveOnce();
        if (WantsInput) Discard();
        else UpdateInterest();
        return true;
    }

    /// <summary>The operating system may take output again.</summary>
    /// <returns>As <see cref="OnReadable"/>.</returns>
    protected bool OnWritable()
    {
        if (State is ConnectionState.Opening or ConnectionState.Closed) return true;
        _isWriteBlocked = false;
        Transmit();
        return AfterTransmit();
    }

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

    protected override void OnArrived()
    {
        _isWriteBlocked = false;
        if (!_output.IsEmpty || _filter is { PendingOutput: > 0 }) Loop.MarkDirty(this);
        if (_input.Length > 0 || _filter is { HasInput: true }) Loop.MarkReady(this);
        if (Loop.IsDraining) StopWithLoop();
        else Call(static connection => connection.Handler.OnMoved(connection));
    }

    protected override void OnEnded()
    {
        Arrival?.End();
        _gate?.Leave();
        _output.Clear(Loop.Pool);
        if (!_isOffering) _input.Release(Loop.Pool);
        _filter?.Release();
    }

    private void OnAppended()
    {
        if (PendingOutput >= _outputLimit) _wasFull = true;
        if (State is ConnectionState.Open or ConnectionState.Flushing)
        {
            Loop.MarkDirty(this);
        }
        else if (State > ConnectionState.Flushing)
        {
            _output.Clear(Loop.Pool);
        }
    }

    private bool ReceiveOnce()
    {
        if (_input.Own is not null) return ReceiveOwn();
        int kept = _input.Length;
        byte[] buffer = Loop.ReceiveBuffer;
        int count = Receive(buffer.AsMemory(kept, Math.Min(_expected.MostToReceive(), buffer.Length - kept)));
        if (count <= 0) return true;
        Span<byte> input = buffer.AsSpan(0, kept + count);
        if (kept > 0) _input.Kept.CopyTo(input);
        if (input.Length < _input.Required) _input.Keep(input, Loop.Pool);
        else if (!Offer(input)) return false;
        _expected = _expected.Next(_input);
        return true;
    }

    private bool ReceiveOwn()
    {
        Memory<byte> room = _input.OwnRoom(Loop.Pool.Shared);
        int count = Receive(room.Length > LargePiece ? room[..LargePiece] : room);
        if (count <= 0) return true;
        _input.AdvanceOwn(count);
        if (_input.Length < _input.Required) return true;
        _expected = PacketSize.Large;
        return Offer(_input.Kept);
    }

    // Returns 0 if there was nothing; the reason has been dealt with.
    private int Receive(Memory<byte> target)
    {
        int count;
        SocketError error;
        if (_filter is null)
        {
            count = Receive(target.Span, out error);
        }
        else
        {
            count = _filter.Receive(target, out error);
            AfterFilter();
        }
        if (count <= 0)
        {
            OnNothingReceived(count, error);
            return 0;
        }
        Loop.Statistics.Receives++;
        Loop.Statistics.BytesReceived += count;
        return count;
    }

    // A filter may have more input than it was asked for, something to say itself, or met what it cannot go on with.
    private void AfterFilter()
    {
        if (_filter!.Failure is { } failure && State == ConnectionState.Open)
        {
            Error ??= failure;
            BeginClose(CloseReason.ProtocolError, FailureLinger);
        }
        if (_filter.HasInput) Loop.MarkReady(this);
        if (_filter.PendingOutput > 0) Loop.MarkDirty(this);
    }

    private void OnNothingReceived(int count, SocketError error)
    {
        if (count == 0) OnEndOfStream();
        else if (error is not (SocketError.WouldBlock or SocketError.Interrupted)) Fail(error);
    }

    private bool Offer(ReadOnlySpan<byte> input)
    {
        Loop.UnmarkReady(this);
        _input.Required = 0;
        BeginCall();
        _isOffering = true;
        IConnectionHandler handler = Handler;
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
        _isOffering = false;
        if (State != ConnectionState.Open)
        {
            _input.Release(Loop.Pool);
            _newFilter = null;
            EndCall();
            return true;
        }
        if (_newFilter is not null) consumed += GiveToFilter(input[consumed..]);
        if (_input.Required <= input.Length - consumed) _input.Required = 0;
        _input.Keep(input[consumed..], Loop.Pool);
        // A handler that made way for another one leaves it what it did not consume.
        if (Handler != handler && _input.Length > 0) Loop.MarkReady(this);
        else if (_filter is { HasInput: true }) Loop.MarkReady(this);
        return !EndCall();
    }

    private int GiveToFilter(ReadOnlySpan<byte> rest)
    {
        _newFilter!.Prepend(rest);
        _newFilter = null;
        return rest.Length;
    }

    // Input after Close is of no use, but unread input would turn the close into a reset that destroys what was just sent.
    private void Discard()
    {
        int count = Receive(Loop.ReceiveBuffer.AsSpan(), out SocketError error);
        if (count <= 0) OnNothingReceived(count, error);
    }

    private void OnEndOfStream()
    {
        _peerFinished = true;
        if (State == ConnectionState.Finishing) End(Reason, null);
        else if (State == ConnectionState.Flushing) UpdateInterest();
        else if (Error is not null) End(CloseReason.Reset, null);
        else BeginClose(CloseReason.Remote, DefaultLinger); // the other side may have finished sending only
    }

    private void BeginClose(CloseReason reason, int linger)
    {
        if (State is ConnectionState.Opening)
        {
            End(reason, null);
            return;
        }
        if (State != ConnectionState.Open) return;
        State = ConnectionState.Flushing;
        if (_isHeld) _output.Clear(Loop.Pool);
        _isHeld = false;
        Reason = reason;
        StayHere();
        if (!_isOffering) _input.Release(Loop.Pool);
        if (_peerFinished && _output.IsEmpty && !IsSending && _filter is null)
        {
            End(reason, null);
            return;
        }
        RestartLinger(linger);
        UpdateInterest();
        Loop.MarkDirty(this);
    }

    private void Transmit()
    {
        if (_isHeld) return;
        while (!_output.IsEmpty)
        {
            SocketError error;
            int sent = _filter is null ? Send(_output.First!, out int offered, out error) : _filter.Send(_output.First!, out offered, out error);
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
            Loop.Statistics.Sends++;
            Loop.Statistics.BytesSent += sent;
            _output.Consume(sent, Loop.Pool);
            if (sent < offered)
            {
                _isWriteBlocked = true;
                break;
            }
        }
        if (_filter is not null && !_isWriteBlocked && !Settle(_filter.TryFlush(out SocketError flushError), flushError)) return;
        UpdateInterest();
    }

    // What a filter could not pass on waits, unless the carrier has failed.
    private bool Settle(bool isDone, SocketError error)
    {
        if (isDone) return true;
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            OnSendFailed(error);
            return false;
        }
        _isWriteBlocked = true;
        UpdateInterest();
        return false;
    }

    private bool AfterTransmit()
    {
        if (State == ConnectionState.Flushing && _output.IsEmpty && !IsSending)
        {
            if (_filter is not null && (_isWriteBlocked || !Settle(_filter.TryFinish(out SocketError error), error))) return true;
            if (_peerFinished)
            {
                End(Reason, null);
                return true;
            }
            FinishIo();
            State = ConnectionState.Finishing;
            UpdateInterest();
        }
        else if (_wasFull && State == ConnectionState.Open && PendingOutput <= _outputLimit / 2)
        {
            _wasFull = false;
            return Call(static connection => connection.Handler.OnOutputDrained(connection));
        }
        return true;
    }

    // The peer is gone, but what it sent before may still be unread, for instance its DISCONNECT: the end comes when that is read.
    private void OnSendFailed(SocketError error)
    {
        _output.Clear(Loop.Pool);
        if (State == ConnectionState.Open && !_isPaused)
        {
            Error ??= new SocketException((int)error);
            _isWriteBlocked = false;
            UpdateInterest();
        }
        else
        {
            Fail(error);
        }
    }

    private void UpdateInterest()
    {
        if (State is not (ConnectionState.Opening or ConnectionState.Closed)) SetInterest(WantsInput, _isWriteBlocked);
    }
}
