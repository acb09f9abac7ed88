using System.Net;
using System.Net.Sockets;

namespace Godwit.Interop.Tests.Peers;

/// <summary>mosquitto with one listener of the test's own.</summary>
internal sealed class MosquittoBroker : IAsyncDisposable
{
    private readonly PeerProcess _process;

    private MosquittoBroker(PeerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Starts it.</summary>
    /// <param name="directory">Where its configuration may be written.</param>
    /// <param name="settings">Lines of the configuration; those about a listener are about its own.</param>
    public static async Task<MosquittoBroker> StartAsync(string directory, params string[] settings)
    {
        int port = FreePort(), other = FreePort(); // mosquitto 2.0 refuses to run with WebSocket listeners alone
        string configuration = Path.Combine(directory, $"{Guid.NewGuid():N}.conf");
        await File.WriteAllTextAsync(configuration, $"user root\nallow_anonymous true\nlistener {other} 127.0.0.1\nlistener {port} 127.0.0.1\n{string.Join('\n', settings)}\n");
        var process = new PeerProcess(Programs.Mosquitto, ["-c", configuration], null, line => new OutputLine("LOG", [line]), () => "");
        try
        {
            await process.EventAsync("LOG", line => line.EndsWith(" running", StringComparison.Ordinal));
            return new MosquittoBroker(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static int FreePort()
    {
        // mosquitto cannot choose one itself.
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
