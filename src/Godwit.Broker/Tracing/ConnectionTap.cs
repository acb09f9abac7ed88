// Stands between a connection and its transport while somebody traces it, and passes everything on as it is. So the path of a message asks nowhere
// whether it is traced: who is not has no tap, and nothing costs him anything.
using System.Net;
using Godwit.Broker.Connections;
using Godwit.Transport;

namespace Godwit.Broker.Tracing;

internal sealed class ConnectionTap : TransportConnection, IConnectionHandler
{
    private readonly ClientConnection _connection;
    private readonly TransportConnection _inner;
    private readonly TapPackets _packets;
    private int _seen; // bytes of the input that have been shown and not been consumed yet

    private ConnectionTap(ClientConnection connection)
    {
        _connection = connection;
        _inner = connection.Transport;
        _packets = new TapPackets(connection);
    }

    /// <summary>Puts a tap on a connection that some trace wants, tells its tap which do now, or takes it off. On the connection's loop, in none of its calls.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isNew">Whether nothing has come from it yet.</param>
    public static void Review(ClientConnection connection, bool isNew)
    {
        TraceTable traces = connection.Shard.Broker.Traces;
        Trace[] active = connection.Listener.IsControl || traces.IsReader(connection) ? [] : traces.Active;
        var tap = connection.Transport as ConnectionTap;
        if (tap is null && !Array.Exists(active, trace => trace.Filter.Matches(connection, connection.ClientId is not null, connection.ClientId, connection.UserName) != false)) return;
        tap ??= new ConnectionTap(connection);
        if (tap._packets.Choose(active, isNew)) tap.Install();
        else tap.Remove();
    }

    /// <summary>The connection leaves the broker's books.</summary>
    public void OnFinished(EndReason reason, string? detail) => _packets.OnClosed(reason, detail);

    public override EventLoop Loop => _inner.Loop;

    public override IConnectionHandler Handler
    {
        get => _inner.Handler;
        set => _inner.Handler = value;
    }

    public override EndPoint? RemoteEndPoint => _inner.RemoteEndPoint;

    public override PeerInfo Peer => _inner.Peer;

    public override long OpeningSince => _inner.OpeningSince;

    public override EndPoint? LocalEndPoint => _inner.LocalEndPoint;

    public override bool IsClosing => _inner.IsClosing;

    public override int PendingOutput => _inner.PendingOutput;

    public override int PendingInput => _inner.PendingInput;

    public override int OutputLimit
    {
        get => _inner.OutputLimit;
        set => _inner.OutputLimit = value;
    }

    public override SharedBuffer? InputBuffer => _inner.InputBuffer;

    public override Span<byte> GetOutput(int size) => _inner.GetOutput(size);

    public override void Advance(int count)
    {
        if (count > 0) _packets.OnOutput(_inner.GetOutput(count)[..count]); // the same room again
        _inner.Advance(count);
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _packets.OnOutput(bytes);
        _inner.Write(bytes);
    }

    public override void WriteReference(ReadOnlyMemory<byte> bytes)
    {
        _packets.OnOutput(bytes.Span);
        _inner.WriteReference(bytes);
    }

    public override void WriteReference(ReadOnlyMemory<byte> bytes, SharedBuffer owner)
    {
        _packets.OnOutput(bytes.Span);
        _inner.WriteReference(bytes, owner);
    }

    public override void SendNow() => _inner.SendNow();

    public override void HoldOutput() => _inner.HoldOutput();

    public override void ReleaseOutput() => _inner.ReleaseOutput();

    public override void PauseReading() => _inner.PauseReading();

    public override void ResumeReading() => _inner.ResumeReading();

    public override void RequireInput(int totalBytes) => _inner.RequireInput(totalBytes);

    public override void Establish() => _inner.Establish();

    public override void MoveTo(EventLoop loop)
    {
        _packets.HandOver();
        _inner.MoveTo(loop);
    }

    public override void Close(int lingerMilliseconds = 5000) => _inner.Close(lingerMilliseconds);

    public override void Abort() => _inner.Abort();

    void IConnectionHandler.OnOpened(TransportConnection connection) => _connection.OnOpened(this);

    // What has come is shown before it is handled, so that an answer never stands in front of its question.
    int IConnectionHandler.OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        _seen += _packets.OnInput(input[_seen..]);
        int consumed = _connection.OnReceived(this, input);
        _seen = Math.Max(0, _seen - consumed);
        bool isHere = _connection.Place >= 0; // neither over nor on its way to another loop
        if (isHere && _packets.IsUndecided && _connection.ClientId is not null) Review(_connection, isNew: false);
        return consumed;
    }

    void IConnectionHandler.OnOutputDrained(TransportConnection connection) => _connection.OnOutputDrained(this);

    void IConnectionHandler.OnMoved(TransportConnection connection) => _connection.OnMoved(this);

    void IConnectionHandler.OnClosed(TransportConnection connection, CloseReason reason, Exception? error) => _connection.OnClosed(this, reason, error);

    private void Install()
    {
        _inner.Handler = this;
        _connection.Transport = this;
    }

    private void Remove()
    {
        _inner.Handler = _connection;
        _connection.Transport = _inner;
    }
}
