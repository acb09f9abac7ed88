// A client and the host, and what goes between them. Bytes are passed on exactly as they come: what is observed is observed first, so that an
// answer never comes before its question, and nothing more is read from one side before the other has taken what was read.
using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Proxy;

internal sealed class ProxyConnection(ProxyOptions options, ProxyFeed feed, Socket client) : IDisposable
{
    private const int BufferLength = 64 * 1024;

    private readonly Socket _host = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private Stream? _clientStream, _hostStream;
    private ProxyFeed.FedConnection? _fed;

    /// <summary>Connects the two, and passes on until both are through.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        client.NoDelay = true;
        var clientAddress = Plain((IPEndPoint)client.RemoteEndPoint!);
        if (await TryConnectAsync(stop).ConfigureAwait(false) is { } problem)
        {
            if (!stop.IsCancellationRequested) feed.Fail(clientAddress, problem);
            return;
        }
        _fed = feed.Open(clientAddress, Plain((IPEndPoint)_host.RemoteEndPoint!));
        await Task.WhenAll(
            PassOnAsync(Side.Initiator, _clientStream!, _hostStream!, _host, stop),
            PassOnAsync(Side.Responder, _hostStream!, _clientStream!, client, stop)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _clientStream?.Dispose();
        _hostStream?.Dispose();
        client.Dispose();
        _host.Dispose();
    }

    private static IPEndPoint Plain(IPEndPoint endPoint) => endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;

    // Null if both are there.
    private async Task<string?> TryConnectAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(options.Timeout);
        try
        {
            await _host.ConnectAsync(options.Host, options.Port, limit.Token).ConfigureAwait(false);
            _hostStream = new NetworkStream(_host);
            if (options.HostTls is not null)
            {
                var tls = new SslStream(_hostStream);
                _hostStream = tls;
                await tls.AuthenticateAsClientAsync(options.HostTls, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            return ProxyFailure.OfHost(exception, options);
        }
        try
        {
            _clientStream = new NetworkStream(client);
            if (options.ListenTls is null) return null;
            var tls = new SslStream(_clientStream);
            _clientStream = tls;
            await tls.AuthenticateAsServerAsync(options.ListenTls, limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            return ProxyFailure.OfClient(exception, options);
        }
    }

    private async Task PassOnAsync(Side from, Stream source, Stream target, Socket targetSocket, CancellationToken stop)
    {
        Side reading = from;
        try
        {
            while (true)
            {
                reading = from;
                // Waits without a buffer: idle connections are many.
                await source.ReadAsync(Memory<byte>.Empty, stop).ConfigureAwait(false);
                byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
                try
                {
                    int count = await source.ReadAsync(buffer, stop).ConfigureAwait(false);
                    if (count == 0) break;
                    _fed!.OnBytes(from, buffer.AsSpan(0, count));
                    reading = 1 - from;
                    await target.WriteAsync(buffer.AsMemory(0, count), stop).ConfigureAwait(false);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
            _fed!.OnEnd(from, StreamEnd.Closed);
            reading = 1 - from;
            if (target is SslStream tls) await tls.ShutdownAsync().ConfigureAwait(false);
            targetSocket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            _fed!.OnEnd(reading, stop.IsCancellationRequested ? StreamEnd.Lost : StreamEnd.Reset);
            Abort();
        }
    }

    // What one side has aborted is aborted on the other, too: no FIN, but RST.
    private void Abort()
    {
        foreach (Socket socket in (ReadOnlySpan<Socket>)[client, _host])
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It is gone already.
            }
            socket.Dispose();
        }
    }

    private static bool IsFailure(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or System.Security.Authentication.AuthenticationException;
}
