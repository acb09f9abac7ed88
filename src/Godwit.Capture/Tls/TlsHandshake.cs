// The handshake of one connection: what the two ends agree on, and which keys follow from it. TLS 1.2 changes to encryption by a record of its
// own (ChangeCipherSpec), TLS 1.3 with the server's hello; and then once more for each side, after its Finished.
using System.Net.Security;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tls;

/// <summary>Whether there are keys.</summary>
internal enum KeyState : byte
{
    Ready,

    /// <summary>A secret or a hello is missing, which may still come.</summary>
    Missing,

    /// <summary>There is no way to open this: another version or cipher.</summary>
    Unsupported,
}

internal sealed class TlsHandshake(TlsInfo info, TlsKeyLog secrets)
{
    private const int Version12 = 0x0303, Version13 = 0x0304, MasterLength = 48;

    private TlsHello? _clientHello, _serverHello;
    private SuiteParameters? _suite;

    /// <summary>The end that is the TLS client.</summary>
    public Side Client { get; private set; } = Side.Initiator;

    /// <summary>Whether the client's hello was seen.</summary>
    public bool HasClientHello => _clientHello is not null;

    /// <summary>Whether the server's hello was seen.</summary>
    public bool HasServerHello => _serverHello is not null;

    /// <summary>Whether it is TLS 1.3.</summary>
    public bool IsVersion13 => info.Version == Version13;

    /// <summary>Takes a message.</summary>
    public void OnMessage(TlsDirection direction, HandshakeType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            // TLS 1.2 may repeat the handshake, TLS 1.3 does not; and no repetition changes the version.
            case HandshakeType.ClientHello or HandshakeType.ServerHello when HasServerHello && IsVersion13:
                break;
            case HandshakeType.ClientHello when TlsHello.ReadClient(body) is { } hello:
                OnClientHello(direction.Side, hello);
                break;
            case HandshakeType.ServerHello when TlsHello.ReadServer(body) is { } hello:
                // A request for another client hello says the version, and nothing else that lasts.
                if (hello.IsRetryRequest && !HasServerHello) info.Version = hello.Version;
                else OnServerHello(hello);
                break;
            case HandshakeType.EncryptedExtensions:
                info.Protocol = TlsHello.ProtocolIn(body);
                break;
            case HandshakeType.Certificate when direction.Side == Client:
                info.ClientCertificate = TlsHello.CertificateIn(body, IsVersion13);
                break;
            case HandshakeType.Certificate:
                info.ServerCertificate = TlsHello.CertificateIn(body, IsVersion13);
                break;
            case HandshakeType.Finished:
                direction.HasFinished = true;
                if (!IsVersion13 || !direction.IsInHandshake) break;
                direction.IsInHandshake = false;
                direction.ChangeKeys();
                break;
            case HandshakeType.KeyUpdate when IsVersion13 && !direction.IsInHandshake && direction.Secret is { } secret:
                direction.ChangeKeys();
                UseSecret(direction, KeyDerivation.Expand(_suite!.Hash, secret, "traffic upd", _suite.HashLength));
                break;
        }
    }

    /// <summary>Looks keys up for what a direction sends now.</summary>
    public KeyState TryLoadKeys(TlsDirection direction)
    {
        if (_clientHello is null || _serverHello is null) return KeyState.Missing;
        if (_suite is null || info.Version is not (Version12 or Version13)) return KeyState.Unsupported;
        if (!IsVersion13) return LoadVersion12(direction, _clientHello, _serverHello);
        if (direction.IsInHandshake && FindSecret(direction, isHandshake: true) is { } handshake)
        {
            UseSecret(direction, handshake);
            return KeyState.Ready;
        }
        // The log may have nothing about the handshake. Then its records do not open, and the first one that does is content.
        return TryUseTraffic(direction) ? KeyState.Ready : KeyState.Missing;
    }

    /// <summary>Why nothing can be opened even with secrets; null if it can.</summary>
    public string? TryExplainUnsupported() =>
        info.Version is not (Version12 or Version13) ? "only TLS 1.2 and 1.3 can be decrypted here"
        : _suite is null ? "this cipher suite is not supported here"
        : null;

    /// <summary>TLS 1.3: goes over to the keys of content, if their secret is there.</summary>
    public bool TryUseTraffic(TlsDirection direction)
    {
        if (FindSecret(direction, isHandshake: false) is not { } secret) return false;
        direction.IsInHandshake = false;
        UseSecret(direction, secret);
        return true;
    }

    private void OnClientHello(Side side, TlsHello hello)
    {
        (_clientHello, Client) = (hello, side);
        info.ServerName = hello.Name ?? info.ServerName;
        info.OfferedProtocols = hello.ApplicationProtocols;
        info.HasEarlyData = hello.HasEarlyData;
    }

    private void OnServerHello(TlsHello hello)
    {
        if (HasServerHello && hello.Version != info.Version) return;
        _serverHello = hello;
        info.Version = hello.Version;
        var suite = (TlsCipherSuite)hello.CipherSuite;
        info.CipherSuite = suite;
        info.Protocol = hello.ApplicationProtocols is [var chosen, ..] ? chosen : info.Protocol;
        info.IsResumed = IsVersion13 ? hello.HasPreSharedKey : hello.Session.Length > 0 && _clientHello is { } client && hello.Session.AsSpan().SequenceEqual(client.Session);
        _suite = SuiteParameters.Of(suite);
    }

    private KeyState LoadVersion12(TlsDirection direction, TlsHello client, TlsHello server)
    {
        if (secrets.Find(SecretLabel.Master, client.Random) is not { Length: MasterLength } master) return KeyState.Missing;
        (TlsKeys ofClient, TlsKeys ofServer) = KeyDerivation.Keys(_suite!, master, client.Random, server.Random);
        TlsKeys keys = direction.Side == Client ? ofClient : ofServer;
        direction.Use(_suite!.Cipher == RecordCipher.AesCbc ? new CbcProtection(_suite, keys, server.HasEncryptThenMac) : new AeadProtection(_suite, keys, isVersion13: false));
        return KeyState.Ready;
    }

    private byte[]? FindSecret(TlsDirection direction, bool isHandshake)
    {
        SecretLabel label = (direction.Side == Client, isHandshake) switch
        {
            (true, true) => SecretLabel.ClientHandshake,
            (false, true) => SecretLabel.ServerHandshake,
            (true, false) => SecretLabel.ClientTraffic,
            (false, false) => SecretLabel.ServerTraffic,
        };
        return _suite is not null && secrets.Find(label, _clientHello!.Random) is { } secret && secret.Length == _suite.HashLength ? secret : null;
    }

    private void UseSecret(TlsDirection direction, byte[] secret)
    {
        const int NonceLength = 12;
        var keys = new TlsKeys(KeyDerivation.Expand(_suite!.Hash, secret, "key", _suite.KeyLength), KeyDerivation.Expand(_suite.Hash, secret, "iv", NonceLength), []);
        direction.Use(new AeadProtection(_suite, keys, isVersion13: true), secret);
    }
}
