// The options of `godwit proxy`: between whom it stands, and TLS on either side.
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Godwit.Capture.Proxy;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class ProxyArguments
{
    private const int UsualListenPort = 1884, UsualTlsListenPort = 8884, PlainPort = 1883, TlsPort = 8883;

    private readonly Option<string?> _listen = OptionTypes.Text("--listen", "[tls://][ADDRESS]:PORT", $"Where clients connect to (default 127.0.0.1:{UsualListenPort}); 0.0.0.0 for all of this machine's addresses");
    private readonly Option<string?> _to = OptionTypes.Text("--to", "[mqtts://]HOST[:PORT]", $"The broker (default port {PlainPort}, with mqtts:// {TlsPort})");
    private readonly Option<long?> _maxConnections = OptionTypes.Number("--max-connections", "N", "Connections at the same time; further clients wait (default 10000)", 1, 1_000_000);

    private readonly Option<string?> _certificate = OptionTypes.Text("--cert", "FILE", "With --listen tls://: the proxy's certificate and its intermediates (PEM), which clients must trust");
    private readonly Option<string?> _key = OptionTypes.Text("--key", "FILE", "The private key for it (PEM), unless it is in the same file");
    private readonly Option<string?> _caFile = OptionTypes.Text("--cafile", "FILE", "With --to mqtts://: trust the authorities in this file (PEM) instead of the system's");
    private readonly Option<string?> _ownCertificate = OptionTypes.Text("--to-cert", "FILE", "With --to mqtts://: the certificate to show to the broker (PEM)");
    private readonly Option<string?> _ownKey = OptionTypes.Text("--to-key", "FILE", "The private key for it (PEM), unless it is in the same file");
    private readonly Option<string[]> _alpn = OptionTypes.Texts("--tls-alpn", "PROTOCOL", "With --to mqtts://: application protocol (ALPN) to offer; may be repeated");
    private readonly Option<bool> _insecure = OptionTypes.Flag("--insecure", "With --to mqtts://: take any certificate");

    public Option[] Addresses => [_listen, _to, _maxConnections];

    public Option[] Tls => [_certificate, _key, _caFile, _ownCertificate, _ownKey, _alpn, _insecure];

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">They do not fit together, or a file cannot be used.</exception>
    public ProxyOptions Read(ParseResult arguments)
    {
        string to = arguments.GetValue(_to) ?? throw new UsageException("Where to? --to HOST:PORT names the broker.");
        (bool listensTls, string listen) = Scheme("--listen", arguments.GetValue(_listen) ?? $"127.0.0.1:{UsualListenPort}");
        (bool speaksTls, to) = Scheme("--to", to);
        (string host, int port) = HostAndPort("--to", to, speaksTls ? TlsPort : PlainPort);
        if (port == 0 || host.Length == 0) throw new UsageException($"--to takes HOST:PORT such as broker.example:1883, not '{to}'.");
        Refuse(arguments, listensTls, "--listen tls://...", _certificate, _key);
        Refuse(arguments, speaksTls, "--to mqtts://...", _caFile, _ownCertificate, _ownKey, _alpn, _insecure);
        return new ProxyOptions
        {
            Listen = Address(listen, listensTls),
            ListenTls = listensTls ? ServerTls(arguments) : null,
            Host = host,
            Port = port,
            HostTls = speaksTls ? ClientTls(arguments, host) : null,
            MaxConnections = (int)(arguments.GetValue(_maxConnections) ?? 10_000),
        };
    }

    private static void Refuse(ParseResult arguments, bool isTls, string what, params Option[] options)
    {
        foreach (Option option in options)
            if (!isTls && arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} goes with {what} only.");
    }

    private static (bool IsTls, string Address) Scheme(string option, string text)
    {
        int end = text.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? (false, text) : text[..end] switch
        {
            "tcp" or "mqtt" or "ws" => (false, text[(end + 3)..]),
            "tls" or "ssl" or "mqtts" or "wss" => (true, text[(end + 3)..]),
            _ => throw new UsageException($"{option} takes tcp:// (or nothing) and tls://; '{text[..end]}' is unknown."),
        };
    }

    // The address of IPv6 stands in brackets.
    private static (string Host, int Port) HostAndPort(string option, string text, int usualPort)
    {
        text = text.TrimEnd('/');
        int colon = text.LastIndexOf(':');
        if (colon < 0 || colon < text.IndexOf(']', StringComparison.Ordinal)) return (text.Trim('[', ']'), usualPort);
        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? (text[..colon].Trim('[', ']'), port)
            : throw new UsageException($"{option}: '{text[(colon + 1)..]}' is no port.");
    }

    private static IPEndPoint Address(string text, bool isTls)
    {
        if (text.All(char.IsAsciiDigit)) text = $":{text}";
        (string address, int port) = HostAndPort("--listen", text, isTls ? UsualTlsListenPort : UsualListenPort);
        if (address is "" or "localhost") return new IPEndPoint(IPAddress.Loopback, port);
        return IPAddress.TryParse(address, out IPAddress? ip)
            ? new IPEndPoint(ip, port)
            : throw new UsageException($"--listen takes an IP address of this machine such as 127.0.0.1, 0.0.0.0 or [::1], not '{address}'.");
    }

    private SslServerAuthenticationOptions ServerTls(ParseResult arguments)
    {
        string file = arguments.GetValue(_certificate) ?? throw new UsageException("--listen tls://... needs --cert: the certificate that clients are shown.");
        (X509Certificate2 certificate, X509Certificate2Collection chain) = Pair(file, arguments.GetValue(_key));
        return new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true) };
    }

    private SslClientAuthenticationOptions ClientTls(ParseResult arguments, string host)
    {
        string[] protocols = arguments.GetValue(_alpn) ?? [];
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.None, // what the system allows
            ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
        };
        if (arguments.GetValue(_insecure)) TakeAnyCertificate(options);
        if (arguments.GetValue(_caFile) is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, TrustMode = X509ChainTrustMode.CustomRootTrust };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Certificates(authorities));
        }
        if (arguments.GetValue(_ownCertificate) is not { } own) return options;
        (X509Certificate2 certificate, X509Certificate2Collection chain) = Pair(own, arguments.GetValue(_ownKey));
        options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        return options;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "Only if the user says so, for tests.")]
    private static void TakeAnyCertificate(SslClientAuthenticationOptions options) => options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Pair(string file, string? keyFile)
    {
        X509Certificate2Collection chain = Certificates(file);
        chain.RemoveAt(0);
        return (Load(keyFile ?? file, () => X509Certificate2.CreateFromPemFile(file, keyFile)), chain);
    }

    private static X509Certificate2Collection Certificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        Load(file, () => { certificates.ImportFromPemFile(file); return certificates; });
        return certificates.Count > 0 ? certificates : throw new UsageException($"{file} has no certificate in PEM form (-----BEGIN CERTIFICATE-----).");
    }

    private static T Load<T>(string file, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UsageException($"{file} cannot be used: {exception.Message}");
        }
    }
}
