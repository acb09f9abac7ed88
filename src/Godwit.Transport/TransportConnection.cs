using System.Net;

namespace Godwit.Transport;

/// <summary>
/// A byte stream that belongs to one <see cref="EventLoop"/>. All members are for the loop's own thread only. Output is appended and
/// goes out once at the end of the loop's turn; nothing here blocks or waits.
/// </summary>
public abstract class TransportConnection
{
    /// <summary>The loop that owns the connection.</summary>
    public abstract EventLoop Loop { get; }

    /// <summary>Who is told of events; may be replaced at any time on the loop's thread.</summary>
    public abstract IConnectionHandler Handler { get; set; }

    /// <summary>
    /// The other side's address; null for in-memory connections. Behind a trusted proxy it is the address that the proxy names.
    /// </summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>What else is known of the other side.</summary>
    public abstract PeerInfo Peer { get; }

    /// <summary>
    /// When the connection was accepted, in milliseconds of <see cref="EventLoop.Now"/>: TLS and WebSocket may have taken a while. To be asked
    /// within <see cref="IConnectionHandler.OnOpened"/>.
    /// </summary>
    public abstract long OpeningSince { get; }

    /// <summary>This side's address; null for in-memory connections.</summary>
    public abstract EndPoint? LocalEndPoint { get; }

    /// <summary>Whether it has ended, or ends once its output has gone out.</summary>
    public abstract bool IsClosing { get; }

    /// <summary>Bytes appended that the operating system has not taken yet.</summary>
    public abstract int PendingOutput { get; }

    /// <summary>Bytes received that wait for the rest of their packet.</summary>
    public abstract int PendingInput { get; }

    /// <summary>
    /// Bytes of pending output from which on <see cref="IsOutputFull"/> holds; default 1 MiB. Appending beyond it is possible (a
    /// packet is never cut); it is the handler's part to stop.
    /// </summary>
    public abstract int OutputLimit { get; set; }

    /// <summary>Whether the other side reads too slowly; <see cref="IConnectionHandler.OnOutputDrained"/> tells when that is over.</summary>
    public bool IsOutputFull => PendingOutput >= OutputLimit;

    /// <summary>Room for the next output bytes: at least <paramref name="size"/>, contiguous, valid until the next call.</summary>
    public abstract Span<byte> GetOutput(int size);

    /// <summary>Says how many bytes were written into what <see cref="GetOutput"/> returned.</summary>
    public abstract void Advance(int count);

    /// <summary>Appends a copy of the bytes.</summary>
    public abstract void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Appends bytes by reference: they are not copied and must never change again. For large payloads.</summary>
    public abstract void WriteReference(ReadOnlyMemory<byte> bytes);

    /// <summary>The same for bytes that lie in a shared buffer, which is held until they have been sent.</summary>
    public abstract void WriteReference(ReadOnlyMemory<byte> bytes, SharedBuffer owner);

    /// <summary>Sends what the operating system takes at once, instead of at the end of the turn. For when very much is appended in one turn.</summary>
    public abstract void SendNow();

    /// <summary>
    /// Keeps all output back until <see cref="ReleaseOutput"/>: what has been appended may not be seen yet. Is the connection closed before,
    /// it is dropped.
    /// </summary>
    public abstract void HoldOutput();

    /// <summary>Ends <see cref="HoldOutput"/>.</summary>
    public abstract void ReleaseOutput();

    /// <summary>Stops reading: the other side is slowed down by TCP's own flow control. Pending events of this turn may still come.</summary>
    public abstract void PauseReading();

    /// <summary>Reads again. Input that was left over is offered to the handler again in the next turn.</summary>
    public abstract void ResumeReading();

    /// <summary>
    /// Tells, from within <see cref="IConnectionHandler.OnReceived"/>, that what is left over is worth a call only once it has this
    /// many bytes. The transport then receives straight into a buffer that grows to that size.
    /// </summary>
    public abstract void RequireInput(int totalBytes);

    /// <summary>
    /// Within <see cref="IConnectionHandler.OnReceived"/>: the buffer whose beginning the input is, if it has one of its own (after
    /// <see cref="RequireInput"/>); otherwise null. Who retains it need not copy a large payload.
    /// </summary>
    public abstract SharedBuffer? InputBuffer { get; }

    /// <summary>
    /// The other side has said who it is: the connection counts no longer among those of its listener that have not
    /// (<see cref="ListenOptions.MaximumOpening"/>).
    /// </summary>
    public abstract void Establish();

    /// <summary>
    /// Hands the connection to another loop; the caller does not touch it afterwards. Unconsumed input and unsent output go along.
    /// <see cref="IConnectionHandler.OnMoved"/> is called there, then left-over input is offered again. From within OnReceived, return
    /// right after calling it.
    /// </summary>
    public abstract void MoveTo(EventLoop loop);

    /// <summary>Sends what is pending (for at most <paramref name="lingerMilliseconds"/>), then closes. Nothing is read any more.</summary>
    public abstract void Close(int lingerMilliseconds = 5000);

    /// <summary>Closes at once; pending output is dropped.</summary>
    public abstract void Abort();
}
