using System.Net;
using System.Net.Sockets;

namespace Godwit.Capture.Tests.Live;

/// <summary>Connections over the loopback interface whose content is known.</summary>
internal sealed class LoopbackTraffic : IDisposable
{
    public const int Connections = 5;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackTraffic() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    /// <summary>What the client of a connection sends.</summary>
    public static byte[] Request(int connection) => Bytes(connection, 40_000 * connection + 1);

    /// <summary>What its server sends.</summary>
    public static byte[] Answer(int connection) => Bytes(-connection - 1, 70_000 - 10_000 * connection);

    /// <summary>Opens the connections one after the other, so that their numbers are known, and ends each in order.</summary>
    public async Task RunAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (int i = 0; i < Connections; i++)
        {
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            Task connecting = client.ConnectAsync(_listener.LocalEndpoint, timeout.Token).AsTask();
            using Socket server = await _listener.AcceptSocketAsync(timeout.Token);
            await connecting;
            await Task.WhenAll(
                SendAsync(client, Request(i), timeout.Token), SendAsync(server, Answer(i), timeout.Token),
                ReceiveAsync(client, timeout.Token), ReceiveAsync(server, timeout.Token));
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task ReceiveAsync(Socket socket, CancellationToken cancellation)
    {
        byte[] buffer = new byte[10_000];
        while (await socket.ReceiveAsync(buffer, cancellation) > 0)
        {
        }
    }

    private static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
