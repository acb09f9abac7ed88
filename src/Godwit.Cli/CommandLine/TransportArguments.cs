// The options about TLS and WebSocket of all verbs that connect, with the names and meanings of the mosquitto tools.
using System.CommandLine;
using System.Security.Authentication;
using Godwit.Transport;

namespace Godwit.Cli.CommandLine;

internal sealed class TransportArguments
{
    /// <summary>Options of the mosquitto tools that are not served, each with what it is about.</summary>
    public static readonly IReadOnlyDictionary<string, string> Later = new Dictionary<string, string>
    {
        ["--keyform"] = "a key in another form than PEM", ["--ciphers"] = "a choice of cipher suites", ["--tls-engine"] = "a TLS engine",
        ["--tls-engine-kpass-sha1"] = "a TLS engine", ["--tls-keylog"] = "a log of TLS keys", ["--psk"] = "TLS with a pre-shared key",
        ["--psk-identity"] = "TLS with a pre-shared key", ["--proxy"] = "a SOCKS proxy",
        ["-S"] = "finding the broker by DNS SRV", ["-o"] = "a file with options",
    };

    private const int PlainPort = 1883, TlsPort = 8883;

    private readonly Option<string[]> _caFile = OptionTypes.Texts("--cafile", "FILE", "TLS; trust the authorities in this file (PEM) and no others; may be repeated");
    private readonly Option<string?> _caPath = OptionTypes.Text("--capath", "DIRECTORY", "TLS; trust the authorities in the files of this directory (PEM)");
    private readonly Option<bool> _system = OptionTypes.Flag("--tls-use-os-certs", "TLS; trust the system's authorities");
    private readonly Option<string?> _certificate = OptionTypes.Text("--cert", "FILE", "The client's own certificate and its intermediates (PEM)");
    private readonly Option<string?> _key = OptionTypes.Text("--key", "FILE", "The private key for it (PEM), unless it is in the same file");
    private readonly Option<string[]> _crl = OptionTypes.Texts("--crl", "FILE", "Certificates that their authority has revoked (CRL, PEM or DER); may be repeated");
    private readonly Option<string?> _version = OptionTypes.Choice("--tls-version", "tlsv1.2|tlsv1.3", "The lowest version of TLS (default tlsv1.2)",
        ["tlsv1.2", "tlsv1.3", "1.2", "1.3"]);
    private readonly Option<string[]> _alpn = OptionTypes.Texts("--tls-alpn", "PROTOCOL", "Application protocol (ALPN) to offer; may be repeated (default none)");
    private readonly Option<bool> _insecure = OptionTypes.Flag("--insecure", "Do not check that the certificate is for this host: anybody with one of the same authority can pass for the broker");
    private readonly Option<bool> _noTls = OptionTypes.Flag("--no-tls", "No TLS, even on port 8883");
    private readonly Option<bool> _webSocket = OptionTypes.Flag("--ws", "Connect by WebSocket");
    private readonly Option<string?> _path = OptionTypes.Text("--ws-path", "PATH", "The WebSocket's path (default /mqtt)");

    public Option[] All => [_caFile, _caPath, _system, _certificate, _key, _crl, _version, _alpn, _insecure, _noTls, _webSocket, _path];

    /// <summary>Reads the options. TLS is spoken if there are authorities to trust, if the URL says so, or on port 8883.</summary>
    /// <param name="arguments">All arguments.</param>
    /// <param name="host">The host to connect to.</param>
    /// <param name="port">The port given; null for none.</param>
    /// <param name="url">What -L says; null without.</param>
    /// <exception cref="UsageException">They do not fit together.</exception>
    public TransportSettings Read(ParseResult arguments, string host, int? port, MqttUrl? url)
    {
        string[] authorities = [.. arguments.GetValue(_caFile) ?? [], .. arguments.GetValue(_caPath) is { } directory ? new[] { directory } : []];
        bool system = arguments.GetValue(_system), none = arguments.GetValue(_noTls);
        bool isTls = !none && (authorities.Length > 0 || system || url is { IsTls: true } || port == TlsPort);
        if (none && (authorities.Length > 0 || system || url is { IsTls: true })) throw new UsageException("--no-tls does not go with the options and URLs that ask for TLS.");
        if (!isTls) RefuseTlsOptions(arguments, none);
        if (arguments.GetValue(_key) is not null && arguments.GetValue(_certificate) is null) throw new UsageException("--key needs --cert: the certificate that the key belongs to.");
        bool isWebSocket = arguments.GetValue(_webSocket) || url is { IsWebSocket: true };
        string? path = arguments.GetValue(_path);
        if (path is not null && !isWebSocket) throw new UsageException("--ws-path needs --ws.");
        if (path is not null && !path.StartsWith('/')) throw new UsageException($"--ws-path takes a path that begins with /, not '{path}'.");
        return new TransportSettings(
            port ?? (isTls ? TlsPort : PlainPort),
            isTls ? Tls(arguments, host, authorities, system) : null,
            isWebSocket ? new WebSocketClientOptions(null, path ?? "/mqtt") : null);
    }

    private TlsClientOptions Tls(ParseResult arguments, string host, string[] authorities, bool system) => new(host)
    {
        CaFiles = authorities,
        TrustsSystem = system,
        Certificate = arguments.GetValue(_certificate) is { } certificate ? new CertificateFiles(certificate, arguments.GetValue(_key)) : null,
        CrlFiles = arguments.GetValue(_crl) ?? [],
        MinimumVersion = arguments.GetValue(_version) is "tlsv1.3" or "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12,
        ApplicationProtocols = arguments.GetValue(_alpn) ?? [],
        ChecksName = !arguments.GetValue(_insecure),
    };

    // Without TLS they would seem to protect what goes over the wire in plain text.
    private void RefuseTlsOptions(ParseResult arguments, bool none)
    {
        foreach (Option option in new Option[] { _certificate, _key, _crl, _version, _alpn, _insecure })
        {
            if (arguments.GetResult(option) is not { Implicit: false }) continue;
            throw new UsageException(none
                ? $"{option.Name} does not go with --no-tls."
                : $"{option.Name} is about TLS, which --cafile, --capath, --tls-use-os-certs, port 8883 or -L mqtts:// ask for.");
        }
    }
}

/// <summary>How to connect.</summary>
/// <param name="Port">The port.</param>
/// <param name="Tls">TLS; null for none.</param>
/// <param name="WebSocket">WebSocket; null for none.</param>
internal sealed record TransportSettings(int Port, TlsClientOptions? Tls, WebSocketClientOptions? WebSocket);
