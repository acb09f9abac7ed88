// What a connection and every layer in it look like from above: something that behaves as a non-blocking socket does. The carriers (epoll,
// System.Net.Sockets, memory) are the lowest ones, a StreamFilter sits on one and changes the bytes. A connection without filters does not
// use it: it calls its carrier directly.
using System.Net.Sockets;

namespace Godwit.Transport.Filters;

internal interface IByteStream
{
    /// <summary>Whether there is input that no readiness of the carrier will announce.</summary>
    bool HasInput { get; }

    /// <summary>Bytes that have been taken, or are to be said by the layer itself, but have not been taken below yet.</summary>
    int PendingOutput { get; }

    /// <returns>Bytes received; 0 at the end of the stream; -1 with an error, of which WouldBlock is none.</returns>
    int Receive(Memory<byte> buffer, out SocketError error);

    /// <summary>Sends from the first segments on, as many as it takes at one time.</summary>
    /// <param name="first">The first segment.</param>
    /// <param name="offered">How many bytes were offered: if fewer were taken, more are not welcome now.</param>
    /// <param name="error">The error, if -1 is returned.</param>
    /// <returns>Bytes taken, or -1.</returns>
    int Send(OutputSegment first, out int offered, out SocketError error);

    /// <summary>Passes on what is pending.</summary>
    /// <returns>Whether nothing is left; if something is and there is no error, it has to wait until the carrier is writable.</returns>
    bool TryFlush(out SocketError error);

    /// <summary>Says the end of the stream in the way of each layer but the carrier; repeated until it has been said.</summary>
    /// <returns>As <see cref="TryFlush"/>.</returns>
    bool TryFinish(out SocketError error);

    /// <summary>The connection is over.</summary>
    void Release();
}
