// What the two hellos say (RFC 8446, section 4.1; RFC 5246, section 7.4.1), as far as it is of interest. A reader that stays within its bytes:
// what is cut off reads as nothing.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Godwit.Capture.Tls;

/// <summary>Bytes behind lengths.</summary>
internal ref struct TlsReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>Takes a number of so many bytes.</summary>
    public int Number(int size)
    {
        int value = 0;
        foreach (byte b in Bytes(size)) value = value << 8 | b;
        return value;
    }

    /// <summary>Takes so many bytes, or what is left.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    /// <summary>Takes bytes behind their length, which has so many bytes itself.</summary>
    public ReadOnlySpan<byte> Vector(int size) => Bytes(Number(size));
}

/// <summary>A hello of either side.</summary>
internal sealed class TlsHello
{
    public const int RandomLength = 32;

    private const int ServerName = 0, Protocols = 16, EncryptThenMac = 22, PreSharedKey = 41, EarlyData = 42, SupportedVersions = 43;
    private const int HostName = 0;

    // SHA-256 of "HelloRetryRequest": such a server hello asks for another client hello.
    private static readonly byte[] RetryRandom = SHA256.HashData("HelloRetryRequest"u8);

    private TlsHello(byte[] random, byte[] session, int version) => (Random, Session, Version) = (random, session, version);

    public byte[] Random { get; }

    public byte[] Session { get; }

    /// <summary>The server's choice.</summary>
    public int Version { get; private set; }

    /// <summary>The server's choice.</summary>
    public int CipherSuite { get; private init; }

    public string? Name { get; private set; }

    public IReadOnlyList<string> ApplicationProtocols { get; private set; } = [];

    public bool HasEncryptThenMac { get; private set; }

    public bool HasPreSharedKey { get; private set; }

    public bool HasEarlyData { get; private set; }

    public bool IsRetryRequest => Random.AsSpan().SequenceEqual(RetryRandom);

    /// <summary>Reads a client hello; null if it is cut off.</summary>
    public static TlsHello? ReadClient(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        int version = reader.Number(2);
        byte[] random = reader.Bytes(RandomLength).ToArray(), session = reader.Vector(1).ToArray();
        reader.Vector(2); // cipher suites
        reader.Vector(1); // compression
        if (random.Length < RandomLength) return null;
        var hello = new TlsHello(random, session, version);
        hello.ReadExtensions(reader.Vector(2), isServer: false);
        return hello;
    }

    /// <summary>Reads a server hello; null if it is cut off.</summary>
    public static TlsHello? ReadServer(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        int version = reader.Number(2);
        byte[] random = reader.Bytes(RandomLength).ToArray(), session = reader.Vector(1).ToArray();
        int suite = reader.Number(2);
        reader.Number(1); // compression
        if (random.Length < RandomLength) return null;
        var hello = new TlsHello(random, session, version) { CipherSuite = suite };
        hello.ReadExtensions(reader.Vector(2), isServer: true);
        return hello;
    }

    /// <summary>The application protocol in TLS 1.3's encrypted extensions; null if there is none.</summary>
    public static string? ProtocolIn(ReadOnlySpan<byte> encryptedExtensions)
    {
        var hello = new TlsHello([], [], 0);
        hello.ReadExtensions(new TlsReader(encryptedExtensions).Vector(2), isServer: true);
        return hello.ApplicationProtocols is [var chosen, ..] ? chosen : null;
    }

    /// <summary>The first certificate of a message; null if there is none that can be read.</summary>
    public static TlsCertificate? CertificateIn(ReadOnlySpan<byte> body, bool isVersion13)
    {
        var reader = new TlsReader(body);
        if (isVersion13) reader.Vector(1); // context
        var list = new TlsReader(reader.Vector(3));
        ReadOnlySpan<byte> encoded = list.Vector(3);
        if (encoded.IsEmpty) return null;
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(encoded);
            return new TlsCertificate(certificate.Subject, certificate.Issuer, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private void ReadExtensions(ReadOnlySpan<byte> extensions, bool isServer)
    {
        for (var reader = new TlsReader(extensions); !reader.IsEmpty;)
        {
            int type = reader.Number(2);
            ReadOnlySpan<byte> value = reader.Vector(2);
            switch (type)
            {
                case ServerName when !isServer: Name = NameIn(value); break;
                case Protocols: ApplicationProtocols = ProtocolsIn(value); break;
                case EncryptThenMac: HasEncryptThenMac = true; break;
                case PreSharedKey: HasPreSharedKey = true; break;
                case EarlyData: HasEarlyData = true; break;
                case SupportedVersions when isServer && value.Length == 2: Version = BinaryPrimitives.ReadUInt16BigEndian(value); break;
            }
        }
    }

    private static string? NameIn(ReadOnlySpan<byte> value)
    {
        for (var reader = new TlsReader(new TlsReader(value).Vector(2)); !reader.IsEmpty;)
        {
            bool isHost = reader.Number(1) == HostName;
            ReadOnlySpan<byte> name = reader.Vector(2);
            if (isHost) return Encoding.ASCII.GetString(name);
        }
        return null;
    }

    private static List<string> ProtocolsIn(ReadOnlySpan<byte> value)
    {
        var protocols = new List<string>();
        for (var reader = new TlsReader(new TlsReader(value).Vector(2)); !reader.IsEmpty;) protocols.Add(Encoding.ASCII.GetString(reader.Vector(1)));
        return protocols;
    }
}
