using System.Net.Sockets;

namespace Godwit.Transport;

/// <summary>How to listen.</summary>
public sealed record ListenOptions
{
    /// <summary>
    /// Connections that may wait to be accepted. Default: as many as the system allows (net.core.somaxconn on Linux); a short backlog
    /// makes clients that come all at once wait a second for their second try.
    /// </summary>
    public int Backlog { get; init; } = int.MaxValue;

    /// <summary>Of a Unix socket: who may connect; default null: everybody whom the directory and the process's umask let.</summary>
    public UnixFileMode? UnixMode { get; init; }

    /// <summary>What is between TCP and the handler (TLS, WebSocket, PROXY protocol); default null: nothing.</summary>
    public LayerOptions? Layers { get; init; }

    /// <summary>Connections that may be there at a time; more are closed at once. Default 0: as many as there are descriptors.</summary>
    public int MaximumConnections { get; init; }

    /// <summary>
    /// Connections that may be there at a time whose clients have not said who they are (<see cref="TransportConnection.Establish"/>); when one more comes,
    /// the one is closed that has got no further for longest. Default 10,000, and never more than half of the open files that the
    /// process may have.
    /// </summary>
    public int MaximumOpening { get; init; } = 10_000;

    /// <summary>Says which addresses may connect; default null: all of them.</summary>
    public IAdmission? Admission { get; init; }

    /// <summary>
    /// Whether its connections may take the last descriptors of the process, which are otherwise kept for files: for administrators. Default false.
    /// </summary>
    public bool MayUseSpareDescriptors { get; init; }

    /// <summary>For tests: asked before every accept; an error is taken as the accept's.</summary>
    internal Func<SocketError>? AcceptFault { get; init; }
}
