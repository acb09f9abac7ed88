// Real TLS sessions between two SslStreams in memory, and what went between them: the bytes of both sides in their order, and the key log.
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tls;

namespace Godwit.Capture.Tests.Tls;

/// <summary>Something that one side has sent.</summary>
internal sealed record Sent(Side From, byte[] Bytes);

internal sealed class TlsSession
{
    // The runtime looks at both once, when it begins to use TLS.
    [ModuleInitializer]
    internal static void LogKeys()
    {
        AppContext.SetSwitch("System.Net.EnableSslKeyLogging", true);
        Environment.SetEnvironmentVariable("SSLKEYLOGFILE", KeyLogFile);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(KeyLogFile);
    }

    /// <summary>Where the runtime writes the secrets of all sessions of this process.</summary>
    public static string KeyLogFile { get; } = Path.Combine(Path.GetTempPath(), $"godwit-keys-{Environment.ProcessId}.log");

    public static X509Certificate2 RsaCertificate { get; } = Create(RSA.Create(2048));

    public static X509Certificate2 EcdsaCertificate { get; } = Create(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The first of them as other programs take it.</summary>
    public static string RsaPem(bool withKey)
    {
        using RSA key = RsaCertificate.GetRSAPrivateKey()!;
        return RsaCertificate.ExportCertificatePem() + "\n" + (withKey ? key.ExportPkcs8PrivateKeyPem() : "");
    }

    /// <summary>Everything that was sent.</summary>
    public List<Sent> Wire { get; } = [];

    /// <summary>What the two sides have written, before it was encrypted.</summary>
    public MemoryStream[] Plain { get; } = [new(), new()];

    /// <summary>Makes a session: handshake, some messages each way, and the end.</summary>
    /// <param name="version">The version.</param>
    /// <param name="suite">The cipher suite; null = any.</param>
    /// <param name="messages">How many messages each side writes.</param>
    /// <param name="largest">Bytes of the largest.</param>
    /// <param name="resumes">Whether it may continue an earlier session.</param>
    /// <param name="says">What is written; null = random messages.</param>
    public static async Task<TlsSession> MakeAsync(
        SslProtocols version, TlsCipherSuite? suite = null, int messages = 6, int largest = 40_000, bool resumes = false, IReadOnlyList<Sent>? says = null)
    {
        var session = new TlsSession();
        (TapStream toClient, TapStream toServer) = session.Pair();
        bool isEcdsa = suite?.ToString().Contains("ECDSA", StringComparison.Ordinal) == true;
        CipherSuitesPolicy? policy = suite is { } only && OperatingSystem.IsLinux() ? new CipherSuitesPolicy([only]) : null;
        await using var server = new SslStream(toClient);
        await using var client = new SslStream(toServer);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Task serving = server.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = isEcdsa ? EcdsaCertificate : RsaCertificate,
                EnabledSslProtocols = version,
                CipherSuitesPolicy = policy,
                ApplicationProtocols = [new SslApplicationProtocol("mqtt")],
            },
            limit.Token);
        Task connecting = client.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "broker.example",
                EnabledSslProtocols = version,
                CipherSuitesPolicy = policy,
                ApplicationProtocols = [new SslApplicationProtocol("mqtt")],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                AllowTlsResume = resumes,
            },
            limit.Token);
        await Task.WhenAll(serving, connecting);

        foreach ((Side from, byte[] message) in says ?? Random(messages, largest))
            await session.SayAsync(from, from == Side.Initiator ? client : server, from == Side.Initiator ? server : client, message);
        await client.ShutdownAsync();
        await server.ShutdownAsync();
        return session;
    }

    /// <summary>The secrets of this process's sessions.</summary>
    public static TlsKeyLog Secrets() => new(KeyLogFile);

    /// <summary>Gives the session to the analyser, in pieces of other sizes than those in which it was sent.</summary>
    public static (RecordedStream? Content, StreamConnection Connection) Replay(IEnumerable<Sent> wire, LayerStreams layers, RecordedStreams content, int piece = int.MaxValue)
    {
        StreamConnection connection = Connection();
        IStreamConsumer consumer = layers.Open(connection);
        Play(wire, consumer, piece);
        consumer.OnEnd(Side.Initiator, StreamEnd.Closed, new Arrival(1_000_000, 0));
        consumer.OnEnd(Side.Responder, StreamEnd.Closed, new Arrival(1_000_001, 0));
        return (content.All.SingleOrDefault(), connection);
    }

    public static void Play(IEnumerable<Sent> wire, IStreamConsumer consumer, int piece = int.MaxValue)
    {
        long frame = 0;
        foreach ((Side from, byte[] bytes) in wire)
            foreach (byte[] part in bytes.Chunk(Math.Min(piece, bytes.Length))) consumer.OnBytes(from, part, new Arrival(++frame, frame * 1000));
    }

    public static StreamConnection Connection() =>
        new(1, new IPEndPoint(IPAddress.Loopback, 50_000), new IPEndPoint(IPAddress.Loopback, 8883), new Arrival(1, 0)) { IsFromBeginning = true };

    /// <summary>Cuts what was sent into records, one each.</summary>
    public List<Sent> Records()
    {
        var records = new List<Sent>();
        var assemblers = new[] { new RecordAssembler(), new RecordAssembler() };
        foreach ((Side from, byte[] bytes) in Wire)
        {
            ReadOnlySpan<byte> rest = bytes;
            while (assemblers[(int)from].TryNext(ref rest, out ReadOnlySpan<byte> record)) records.Add(new Sent(from, record.ToArray()));
        }
        return records;
    }

    private static IReadOnlyList<Sent> Random(int messages, int largest)
    {
        var random = new Random(messages);
        return [.. Enumerable.Range(0, messages).SelectMany<int, Sent>(i =>
        [
            new Sent(Side.Initiator, RandomNumberGenerator.GetBytes(random.Next(1, i % 3 == 0 ? largest : 50))),
            new Sent(Side.Responder, RandomNumberGenerator.GetBytes(random.Next(1, i % 3 == 1 ? largest : 50))),
        ])];
    }

    private async Task SayAsync(Side from, SslStream source, SslStream target, byte[] message)
    {
        Plain[(int)from].Write(message);
        Task writing = source.WriteAsync(message).AsTask();
        await target.ReadExactlyAsync(new byte[message.Length]);
        await writing;
    }

    private (TapStream ToClient, TapStream ToServer) Pair()
    {
        Channel<byte[]> up = Channel.CreateUnbounded<byte[]>(), down = Channel.CreateUnbounded<byte[]>();
        return (new TapStream(up.Reader, down.Writer, this, Side.Responder), new TapStream(down.Reader, up.Writer, this, Side.Initiator));
    }

    private static X509Certificate2 Create(AsymmetricAlgorithm key)
    {
        const string Name = "CN=broker.example";
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(Name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(Name, (ECDsa)key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    // A stream to the other side, which keeps what is written to it.
    private sealed class TapStream(ChannelReader<byte[]> input, ChannelWriter<byte[]> output, TlsSession session, Side side) : Stream
    {
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest.IsEmpty)
            {
                if (!await input.WaitToReadAsync(cancellationToken)) return 0;
                if (input.TryRead(out byte[]? next)) _rest = next;
            }
            int count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.IsEmpty) return;
            byte[] bytes = buffer.ToArray();
            lock (session.Wire) session.Wire.Add(new Sent(side, bytes));
            output.TryWrite(bytes);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            output.TryComplete();
            base.Dispose(disposing);
        }
    }
}
