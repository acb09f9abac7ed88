// A connection whose readiness is announced from other threads: by the other end of a memory pair, or by completions of asynchronous
// socket operations. Announcements are gathered as bits and brought to the loop through its inbox, at most once per batch.
namespace Godwit.Transport;

internal abstract class SignalledConnection(EventLoop loop, IConnectionHandler handler) : BufferedConnection(loop, handler)
{
    protected const int Readable = 1;
    protected const int Writable = 2;
    protected const int Connected = 4;

    private Signal? _signal; // null while the connection is on its way between loops
    private int _announced;
    private bool _isArmed;

    /// <summary>From any thread: the connection has become readable, writable or connected.</summary>
    internal void Announce(int bits)
    {
        Interlocked.Or(ref _announced, bits);
        Volatile.Read(ref _signal)?.Raise();
    }

    protected override void AttachIo()
    {
        AttachSignal();
        SetInterest(WantsInput, false);
    }

    protected void AttachSignal()
    {
        if (_signal is not null) return;
        var signal = new Signal(this, Loop);
        Interlocked.Exchange(ref _signal, signal);
        if (Volatile.Read(ref _announced) != 0) signal.Raise();
    }

    protected override void DetachIo() => Volatile.Write(ref _signal, null);

    protected override void SetInterest(bool input, bool output)
    {
        if (!input || _isArmed) return;
        _isArmed = true;
        ArmInput();
    }

    /// <summary>Asks for one announcement of <see cref="Readable"/>, at once if there is input already.</summary>
    protected abstract void ArmInput();

    /// <summary>An outgoing connect has ended.</summary>
    protected virtual void OnConnected()
    {
    }

    private void OnSignal()
    {
        int bits = Interlocked.Exchange(ref _announced, 0);
        if (State == ConnectionState.Closed) return;
        if ((bits & Connected) != 0)
        {
            OnConnected();
            return;
        }
        if ((bits & Writable) != 0 && !OnWritable()) return;
        if ((bits & Readable) == 0 || State == ConnectionState.Closed) return;
        _isArmed = false;
        if (!OnReadable() || State == ConnectionState.Closed) return;
        SetInterest(WantsInput, false);
    }

    /// <summary>One per stay on a loop: those of earlier stays know that they are outdated.</summary>
    private sealed class Signal(SignalledConnection connection, EventLoop loop) : ILoopWork
    {
        private int _isRaised;

        public void Raise()
        {
            if (Interlocked.Exchange(ref _isRaised, 1) == 0) loop.Post(this);
        }

        public void Run(EventLoop runningLoop)
        {
            Interlocked.Exchange(ref _isRaised, 0);
            if (Volatile.Read(ref connection._signal) == this) connection.OnSignal();
        }
    }
}
