// Clients that connect again and again, by every transport that a listener for everything takes, send sessions with mistakes in pieces of any size,
// and leave in every way there is. What the broker does with them is its own business; how many got how far is counted.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Godwit.Testing;

namespace Godwit.Interop.Tests.Abuse;

/// <param name="port">The broker's port on 127.0.0.1.</param>
/// <param name="authority">Who has signed its certificate.</param>
/// <param name="seed">Repeats what is sent, though not when.</param>
internal sealed class AbusiveClients(int port, X509Certificate2 authority, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly byte[] Upgrade = Encoding.ASCII.GetBytes(
        "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n");

    private readonly SslClientAuthenticationOptions _tls = new()
    {
        TargetHost = "localhost",
        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
    };

    private long _connected, _sent, _answered;

    /// <summary>Connections that were accepted.</summary>
    public long Connected => Interlocked.Read(ref _connected);

    /// <summary>Bytes sent in them, before TLS.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Connections that have got an answer.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Runs so many clients until the end, each with pauses, so that there are about a thousand connections a second.</summary>
    public Task RunAsync(int clients, CancellationToken end) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(number => Task.Run(() => RunOneAsync(number, TimeSpan.FromMilliseconds(2 * clients), end), CancellationToken.None)));

    private async Task RunOneAsync(int number, TimeSpan longestPause, CancellationToken end)
    {
        var random = new Random(seed + number);
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(longestPause * random.NextDouble(), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
            limit.CancelAfter(Patience);
            try
            {
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, (byte)(number >> 8 & 3), (byte)(number | 1)]), 0));
                await socket.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                Interlocked.Increment(ref _connected);
                await AttackAsync(socket, random, limit.Token);
                if (random.Next(4) == 0) socket.LingerState = new LingerOption(true, 0); // RST instead of FIN
            }
            catch (Exception refused) when (refused is SocketException or IOException or OperationCanceledException or AuthenticationException)
            {
                // The broker has ended it, or the time is over.
            }
        }
    }

    private async Task AttackAsync(Socket socket, Random random, CancellationToken end)
    {
        await using var carrier = new NetworkStream(socket, ownsSocket: false);
        Stream stream = carrier;
        if (random.Next(4) == 0)
        {
            if (random.Next(4) == 0) await SendAsync(carrier, Fuzz.Mutate([[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]], random), random, end);
            var tls = new SslStream(carrier, leaveInnerStreamOpen: true);
            await tls.AuthenticateAsClientAsync(_tls, end);
            stream = tls;
        }
        byte[] session = MutatedSession.Make(random);
        bool isWebSocket = random.Next(3) == 0;
        if (isWebSocket) await SendAsync(stream, random.Next(8) == 0 ? Fuzz.Mutate([Upgrade], random) : Upgrade, random, end);
        await SendAsync(stream, isWebSocket ? Frames(session, random) : session, random, end);

        if (random.Next(20) == 0) await Task.Delay(random.Next(1000), end); // until the broker loses patience, or does not
        byte[] answer = new byte[512];
        if (random.Next(3) > 0 && await stream.ReadAsync(answer, end) > 0) Interlocked.Increment(ref _answered);
    }

    private async Task SendAsync(Stream stream, byte[] bytes, Random random, CancellationToken end)
    {
        int most = random.Next(3) switch { 0 => 8, 1 => 200, _ => int.MaxValue };
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - at, most == int.MaxValue ? most : random.Next(1, most));
            await stream.WriteAsync(bytes.AsMemory(at, length), end);
            Interlocked.Add(ref _sent, length);
            at += length;
        }
    }

    // Masked binary frames, some of them fragments, with control frames between them and mistakes in one of a hundred.
    private static byte[] Frames(byte[] payload, Random random)
    {
        var frames = new List<byte>();
        for (int at = 0; at < payload.Length;)
        {
            int length = Math.Min(payload.Length - at, random.Next(1, 300));
            bool isLast = at + length == payload.Length;
            AddFrame(at == 0 ? 2 : 0, isLast, payload.AsSpan(at, length));
            if (random.Next(10) == 0) AddFrame(9, true, "ping"u8);
            at += length;
        }
        return random.Next(100) == 0 ? Fuzz.Mutate([[.. frames]], random) : [.. frames];

        void AddFrame(int opcode, bool isLast, ReadOnlySpan<byte> data)
        {
            frames.Add((byte)(opcode | (isLast ? 0x80 : 0)));
            if (data.Length < 126) frames.Add((byte)(0x80 | data.Length));
            else frames.AddRange([0xFE, (byte)(data.Length >> 8), (byte)data.Length]);
            byte[] mask = new byte[4];
            random.NextBytes(mask);
            frames.AddRange(mask);
            for (int i = 0; i < data.Length; i++) frames.Add((byte)(data[i] ^ mask[i % 4]));
        }
    }
}
