// The traces of a broker that are on. While there are none, all that is left of tracing is a look at an empty array when a connection comes, moves
// or goes.
using Godwit.Broker.Connections;

namespace Godwit.Broker.Tracing;

internal sealed class TraceTable
{
    /// <summary>Traces at a time.</summary>
    public const int Most = 8;

    private readonly Lock _lock = new();
    private volatile Trace[] _active = [];
    private int _traces;
    private long _connections;

    /// <summary>Those that are on. From any thread.</summary>
    public Trace[] Active => _active;

    /// <summary>Adds one, unless there are <see cref="Most"/>.</summary>
    public bool TryAdd(Trace trace)
    {
        lock (_lock)
        {
            if (_active.Length == Most) return false;
            trace.Number = ++_traces;
            _active = [.. _active, trace];
            return true;
        }
    }

    /// <summary>Removes one.</summary>
    public void Remove(Trace trace)
    {
        lock (_lock) _active = [.. _active.Where(other => other != trace)];
    }

    /// <summary>A number for a connection that is traced.</summary>
    public long NextConnection() => Interlocked.Increment(ref _connections);

    /// <summary>A connection has come into being, or to another loop.</summary>
    public void OnArrived(ClientConnection connection, bool isNew)
    {
        if (_active.Length > 0 || connection.Transport is ConnectionTap) ConnectionTap.Review(connection, isNew);
    }

    /// <summary>A connection has room for output again: perhaps a trace waits for it.</summary>
    public void OnDrained(ClientConnection connection)
    {
        foreach (Trace trace in _active)
            if (trace.Reader == connection) trace.Pump();
    }

    /// <summary>A connection is over, and with it its traces.</summary>
    public void OnEnded(ClientConnection connection)
    {
        foreach (Trace trace in _active)
            if (trace.Reader == connection) trace.End("connection-ended");
    }

    /// <summary>Whether a connection reads a trace: it is never shown, as it would show itself.</summary>
    public bool IsReader(ClientConnection connection) => Array.Exists(_active, trace => trace.Reader == connection);
}
