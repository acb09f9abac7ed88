using System.Net;

namespace Godwit.Transport;

/// <summary>How to connect.</summary>
public sealed record ConnectOptions
{
    /// <summary>The local address (and port, or 0) to connect from; null: the system chooses.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }
}
