namespace Godwit.Transport;

/// <summary>A layer of the connection (TLS, WebSocket, PROXY protocol) cannot go on. The message says what was seen and what to do.</summary>
public sealed class TransportException : IOException
{
    internal TransportException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
