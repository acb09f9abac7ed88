// A TCP connection as a System.Net.Sockets.Socket. Readability: a receive of zero bytes completes when there is input. Writability has
// no such operation; so when the socket takes no more, a copy of the next bytes is sent asynchronously, and its completion tells.
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport.Sockets;

[SuppressMessage("Design", "CA1001", Justification = "CloseIo ends the socket; the arguments must outlive it.")]
internal sealed class SocketsConnection : SignalledConnection
{
    private const int BlockedSendSize = 16 * 1024;

    private readonly SocketAsyncEventArgs _receive = new();
    private readonly EndPoint? _remote;
    private readonly IPEndPoint? _local;
    private SocketAsyncEventArgs? _send;
    private Socket? _socket;
    private volatile bool _isSending;
    private SocketError _connectError;

    /// <summary>An accepted connection.</summary>
    public SocketsConnection(EventLoop loop, IConnectionHandler handler, Socket socket) : base(loop, handler)
    {
        _socket = socket;
        _remote = socket.RemoteEndPoint as IPEndPoint;
        Prepare(socket);
        _receive.Completed += (_, _) => Announce(Readable);
    }

    /// <summary>An outgoing connection.</summary>
    public SocketsConnection(EventLoop loop, IConnectionHandler handler, EndPoint remote, IPEndPoint? local) : base(loop, handler)
    {
        _remote = remote;
        _local = local;
        _receive.Completed += (_, _) => Announce(Readable);
    }

    protected override EndPoint? DirectEndPoint => _remote;

    public override EndPoint? LocalEndPoint => _socket?.LocalEndPoint;

    protected override bool IsSending => _isSending;

    protected override void StartOpening()
    {
        Loop.Add(this);
        AttachSignal();
        try
        {
            _socket = new Socket(_remote!.AddressFamily, SocketType.Stream, _remote is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
            Prepare(_socket);
            if (_local is not null) _socket.Bind(_local);
            var connect = new SocketAsyncEventArgs { RemoteEndPoint = _remote };
            connect.Completed += (_, args) => OnConnectCompleted(args);
            if (!_socket.ConnectAsync(connect)) OnConnectCompleted(connect);
        }
        catch (SocketException exception)
        {
            Fail(exception.SocketErrorCode);
        }
    }

    protected override void OnConnected()
    {
        if (_connectError == SocketError.Success) Open();
        else Fail(_connectError);
    }

    protected override void ArmInput()
    {
        try
        {
            if (!_socket!.ReceiveAsync(_receive)) Announce(Readable);
        }
        catch (ObjectDisposedException)
        {
            Announce(Readable);
        }
    }

    protected override int Receive(Span<byte> buffer, out SocketError error)
    {
        int count = _socket!.Receive(buffer, SocketFlags.None, out error);
        // The waiting receive may have taken the socket's error; then this one sees an end of stream only.
        if (count == 0 && error == SocketError.Success) error = _receive.SocketError;
        return error == SocketError.Success ? count : -1;
    }

    protected override int Send(OutputSegment first, out int offered, out SocketError error)
    {
        ReadOnlySpan<byte> bytes = first.Span;
        offered = bytes.Length;
        error = SocketError.WouldBlock;
        if (_isSending) return -1;
        int sent = _socket!.Send(bytes, SocketFlags.None, out error);
        if (sent <= 0 && error is not (SocketError.Success or SocketError.WouldBlock)) return -1;
        sent = Math.Max(sent, 0);
        error = SocketError.Success;
        if (sent == bytes.Length) return sent;
        int rest = Math.Min(bytes.Length - sent, BlockedSendSize);
        SendLater(bytes.Slice(sent, rest));
        return sent + rest;
    }

    protected override void FinishIo() => Shutdown();

    protected override void CloseIo()
    {
        DetachIo();
        if (_socket is null) return;
        Shutdown(); // otherwise disposing with operations under way would reset the connection
        _socket.Dispose();
    }

    private static void Prepare(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix) socket.NoDelay = true;
        socket.Blocking = false;
    }

    private void SendLater(ReadOnlySpan<byte> bytes)
    {
        if (_send is null)
        {
            _send = new SocketAsyncEventArgs();
            _send.Completed += (_, _) => OnSent();
        }
        byte[] buffer = _send.Buffer ?? new byte[BlockedSendSize];
        bytes.CopyTo(buffer);
        _send.SetBuffer(buffer, 0, bytes.Length);
        _isSending = true;
        if (!_socket!.SendAsync(_send)) OnSent();
    }

    private void OnSent()
    {
        _isSending = false;
        Announce(Writable);
    }

    private void OnConnectCompleted(SocketAsyncEventArgs args)
    {
        _connectError = args.SocketError;
        args.Dispose();
        Announce(Connected);
    }

    private void Shutdown()
    {
        try
        {
            _socket!.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Not connected (any more): there is nothing to shut down.
        }
    }
}
