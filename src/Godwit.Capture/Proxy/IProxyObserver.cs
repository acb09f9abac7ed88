using System.Net;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Proxy;

/// <summary>Is told about a proxy's connections, one call after the other, on any thread.</summary>
public interface IProxyObserver
{
    /// <summary>A client has been connected with the host.</summary>
    void OnOpened(StreamConnection connection);

    /// <summary>Both directions are over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="fromClient">Bytes that the client has sent.</param>
    /// <param name="fromHost">Bytes that the host has sent.</param>
    /// <param name="by">Who has closed first, or aborted.</param>
    /// <param name="end">Closed, reset, or lost: the proxy has stopped.</param>
    /// <param name="at">When.</param>
    void OnClosed(StreamConnection connection, long fromClient, long fromHost, Side by, StreamEnd end, Arrival at);

    /// <summary>A client could not be connected; its connection has been closed.</summary>
    /// <param name="client">The client.</param>
    /// <param name="sentence">Why.</param>
    void OnFailed(IPEndPoint client, string sentence);
}
