using System.Net;
using System.Net.Sockets;

namespace Godwit.Bench;

/// <summary>Finds the address at which a broker listens: of several that a name has, the first that takes a connection.</summary>
internal static class BrokerAddress
{
    /// <exception cref="BenchException">There is none.</exception>
    public static async Task<IPEndPoint> FindAsync(string host, int port, TimeSpan timeout, CancellationToken stop)
    {
        string name = $"{host} port {port}";
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, stop).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw new BenchException($"The host '{host}' is not known: {error.Message}.");
        }

        SocketException? failure = null;
        foreach (IPAddress address in addresses)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(timeout);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), limit.Token).ConfigureAwait(false);
                return new IPEndPoint(address, port);
            }
            catch (SocketException error)
            {
                failure ??= error;
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                failure ??= new SocketException((int)SocketError.TimedOut);
            }
        }
        throw new BenchException(failure?.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => $"{name}: connection refused. Is a broker running there? `godwit broker` starts one.",
            SocketError.TimedOut => $"{name}: no answer within {timeout.TotalSeconds:0.#} seconds.",
            _ => $"{name}: {failure?.Message ?? "the name has no address"}.",
        });
    }
}
