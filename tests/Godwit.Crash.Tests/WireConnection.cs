// A client's connection, of bytes and packets and nothing else: what is sent is up to the caller, and nothing is repeated or answered here.
using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Godwit.Crash.Tests;

internal sealed class WireConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _input = new byte[64 * 1024];
    private int _start, _end;

    private WireConnection(Socket socket, ProtocolVersion version)
    {
        _socket = socket;
        Version = version;
    }

    public ProtocolVersion Version { get; }

    /// <summary>Connects to a broker of this machine.</summary>
    /// <exception cref="SocketException">It does not listen there.</exception>
    public static async Task<WireConnection> OpenAsync(int port, ProtocolVersion version)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return new WireConnection(socket, version);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Collects bytes for <see cref="FlushAsync"/>.</summary>
    public void Write(byte[] packet) => _output.Write(packet);

    /// <summary>Sends what has been collected.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    public async Task FlushAsync()
    {
        for (int sent = 0; sent < _output.WrittenCount;) sent += await _socket.SendAsync(_output.WrittenMemory[sent..]);
        _output.ResetWrittenCount();
    }

    /// <summary>The next packet that has been received completely.</summary>
    public bool TryRead(out PacketFrame frame, out ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> received = _input.AsSpan(_start, _end - _start);
        FrameStatus status = PacketFrame.Read(received, Version, int.MaxValue, out frame, out Violation? violation);
        Assert.True(status != FrameStatus.Malformed, $"The broker sent a malformed packet: {violation}");
        packet = status == FrameStatus.Complete ? received[..frame.Length] : default;
        _start += packet.Length;
        return status == FrameStatus.Complete;
    }

    /// <summary>Waits for more.</summary>
    /// <returns>False if the broker has closed the connection.</returns>
    /// <exception cref="SocketException">The connection is lost.</exception>
    public async Task<bool> ReceiveAsync(CancellationToken cancellation = default)
    {
        _input.AsSpan(_start, _end - _start).CopyTo(_input);
        (_start, _end) = (0, _end - _start);
        if (_end == _input.Length) Array.Resize(ref _input, _input.Length * 2);
        int count = await _socket.ReceiveAsync(_input.AsMemory(_end), cancellation);
        _end += count;
        return count > 0;
    }

    public void Dispose() => _socket.Dispose();
}
