namespace Godwit.Transport;

/// <summary>
/// What a connection's owner does with it. Every call comes on the connection's loop, one at a time; none may block.
/// An exception thrown by a handler ends that connection (<see cref="CloseReason.HandlerFailed"/>), never the loop.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>The connection is open: it was accepted, an outgoing connect succeeded, or a pair was made.</summary>
    void OnOpened(TransportConnection connection);

    /// <summary>Bytes have arrived.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="input">
    /// Everything not consumed so far: valid only during the call. What is left over is kept and comes again in front of the next bytes.
    /// </param>
    /// <returns>
    /// How many bytes are consumed. When the rest is an incomplete packet whose length is known, call
    /// <see cref="TransportConnection.RequireInput"/> before returning.
    /// </returns>
    int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input);

    /// <summary>Output had reached <see cref="TransportConnection.OutputLimit"/> and has now drained to half of it or less.</summary>
    void OnOutputDrained(TransportConnection connection);

    /// <summary>After <see cref="TransportConnection.MoveTo"/>: the connection now belongs to its new loop, and this call runs there.</summary>
    void OnMoved(TransportConnection connection);

    /// <summary>The connection is gone. The last call; always comes exactly once after <see cref="OnOpened"/> or a failed connect.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="reason">Why.</param>
    /// <param name="error">The operating system's error or the handler's exception, if there is one.</param>
    void OnClosed(TransportConnection connection, CloseReason reason, Exception? error);
}

/// <summary>Why a transport connection ended.</summary>
public enum CloseReason
{
    /// <summary>This side called <see cref="TransportConnection.Close"/> or <see cref="TransportConnection.Abort"/>.</summary>
    Local,

    /// <summary>The other side closed in order (end of stream).</summary>
    Remote,

    /// <summary>A layer in between (TLS, WebSocket, PROXY protocol) got what it does not take; the exception says what.</summary>
    ProtocolError,

    /// <summary>The other side reset the connection, or the network failed.</summary>
    Reset,

    /// <summary>An outgoing connect failed.</summary>
    ConnectFailed,

    /// <summary>The handler threw an exception.</summary>
    HandlerFailed,

    /// <summary>The loop was stopped.</summary>
    LoopStopped,

    /// <summary>It had not been established, and newer ones needed its room (<see cref="ListenOptions.MaximumOpening"/>).</summary>
    MadeWay,
}
