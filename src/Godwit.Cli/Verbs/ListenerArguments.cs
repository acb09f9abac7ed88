// The options of `godwit broker` that say where it listens and what it speaks there. Those for TLS are called as Mosquitto's settings, and hold
// for all TLS listeners.
using System.CommandLine;
using System.Net;
using System.Security.Authentication;
using Godwit.Broker;
using Godwit.Cli.CommandLine;
using Godwit.Transport;

namespace Godwit.Cli.Verbs;

internal sealed class ListenerArguments
{
    private readonly Option<long?> _port = OptionTypes.Number("--port", "PORT", "Port to listen on; 0 takes a free one (default 1883)", 0, 65_535, "-p");
    private readonly Option<string[]> _bind = OptionTypes.Texts("--bind", "ADDRESS",
        "Address to listen on, 0.0.0.0 or :: for all; may be repeated (default 127.0.0.1)");
    private readonly Option<string[]> _listen = OptionTypes.Texts("--listen", "URI",
        "Listen as tcp://ADDRESS:PORT, tls://, ws://, wss://, any:// (all of them on one port) or unix:///PATH says; may be repeated");
    private readonly Option<string[]> _certificate = OptionTypes.Texts("--cert", "FILE", "The server's certificate and its intermediates (PEM); may be repeated, for several names");
    private readonly Option<string[]> _key = OptionTypes.Texts("--key", "FILE", "The private key for it (PEM), unless it is in the same file; as often as --cert");
    private readonly Option<string[]> _caFile = OptionTypes.Texts("--cafile", "FILE", "Authorities of client certificates (PEM): clients are asked for one; may be repeated");
    private readonly Option<bool> _requireCertificate = OptionTypes.Flag("--require-certificate", "Refuse clients without a valid certificate; needs --cafile");
    private readonly Option<string[]> _crl = OptionTypes.Texts("--crl", "FILE", "Certificates that their authority has revoked (CRL, PEM or DER); may be repeated");
    private readonly Option<bool> _identity = OptionTypes.Flag("--use-identity-as-username", "The common name of the client's certificate is its user name");
    private readonly Option<bool> _subject = OptionTypes.Flag("--use-subject-as-username", "The subject of the client's certificate is its user name");
    private readonly Option<string?> _tlsVersion = OptionTypes.Choice("--tls-version", "The lowest version of TLS (default 1.2)", ["1.2", "1.3"]);
    private readonly Option<string?> _unixMode = OptionTypes.Text("--unix-mode", "MODE", "Who may connect to a Unix socket, in octal (default 660)");
    private readonly Option<string[]> _origin = OptionTypes.Texts("--ws-origin", "ORIGIN", "Web pages from which browsers may connect, as https://example.org; may be repeated (default all)");
    private readonly Option<string[]> _trustedProxy = OptionTypes.Texts("--trusted-proxy", "NETWORK", "Proxy that says who the client is, as 10.0.0.1 or 10.0.0.0/8; may be repeated");
    private readonly Option<bool> _proxyHeader = OptionTypes.Flag("--proxy-protocol", "The listeners of --listen expect a PROXY header (version 1 or 2); needs --trusted-proxy");

    public Option[] Addresses => [_port, _bind, _listen, _unixMode, _origin, _trustedProxy, _proxyHeader];

    public Option[] Tls => [_certificate, _key, _caFile, _requireCertificate, _crl, _identity, _subject, _tlsVersion];

    /// <summary>The listeners asked for. Plain TCP on --port and --bind is there unless --listen alone is used.</summary>
    public IReadOnlyList<ListenerOptions> Read(ParseResult arguments)
    {
        var listeners = new List<ListenerOptions>();
        string[] uris = arguments.GetValue(_listen) ?? [], bound = arguments.GetValue(_bind) ?? [];
        if (uris.Length == 0 || bound.Length > 0 || arguments.GetValue(_port) is not null)
        {
            int port = (int)(arguments.GetValue(_port) ?? 1883);
            listeners.AddRange((bound.Length > 0 ? bound : ["127.0.0.1"]).Select(address => new ListenerOptions(new IPEndPoint(Address(address), port))));
        }
        TlsServerOptions? tls = ReadTls(arguments);
        IPNetwork[] proxies = [.. (arguments.GetValue(_trustedProxy) ?? []).Select(Network)];
        if (arguments.GetValue(_proxyHeader) && proxies.Length == 0) throw new UsageException("--proxy-protocol needs --trusted-proxy: anybody could say to be anybody.");
        listeners.AddRange(uris.Select(uri => ReadOne(uri, tls, proxies, arguments)));
        return listeners;
    }

    private ListenerOptions ReadOne(string uri, TlsServerOptions? tls, IPNetwork[] proxies, ParseResult arguments)
    {
        try
        {
            ListenerOptions listener = ListenerUri.Parse(uri, tls);
            string[] origins = arguments.GetValue(_origin) ?? [];
            return listener with
            {
                WebSocket = listener.WebSocket is { } webSocket ? webSocket with { Origins = origins } : null,
                UnixMode = arguments.GetValue(_unixMode) is { } mode ? UnixMode(mode) : listener.UnixMode,
                TrustedProxies = proxies,
                ExpectsProxyHeader = arguments.GetValue(_proxyHeader),
                UserName = listener.Tls is null ? CertificateUserName.None
                    : arguments.GetValue(_subject) ? CertificateUserName.Subject
                    : arguments.GetValue(_identity) ? CertificateUserName.CommonName
                    : CertificateUserName.None,
            };
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"--listen {wrong.Message}{(wrong.Message.Contains("certificate", StringComparison.Ordinal) ? " Use --cert and --key." : "")}");
        }
    }

    private TlsServerOptions? ReadTls(ParseResult arguments)
    {
        string[] certificates = arguments.GetValue(_certificate) ?? [], keys = arguments.GetValue(_key) ?? [], authorities = arguments.GetValue(_caFile) ?? [];
        if (keys.Length > 0 && keys.Length != certificates.Length) throw new UsageException("--key must be there as often as --cert, in the same order.");
        bool isRequired = arguments.GetValue(_requireCertificate);
        if (isRequired && authorities.Length == 0) throw new UsageException("--require-certificate needs --cafile: the authorities of the clients' certificates.");
        if ((arguments.GetValue(_identity) || arguments.GetValue(_subject)) && !isRequired)
            throw new UsageException("--use-identity-as-username and --use-subject-as-username need --require-certificate.");
        if (certificates.Length == 0) return null;
        return new TlsServerOptions
        {
            Certificates = [.. certificates.Select((file, i) => new CertificateFiles(file, keys.Length > 0 ? keys[i] : null))],
            CaFiles = authorities,
            CrlFiles = arguments.GetValue(_crl) ?? [],
            ClientCertificates = isRequired ? ClientCertificates.Required : authorities.Length > 0 ? ClientCertificates.Optional : ClientCertificates.None,
            MinimumVersion = arguments.GetValue(_tlsVersion) == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12,
        };
    }

    private static UnixFileMode UnixMode(string text)
    {
        if (text.Length is 0 or > 4 || text.Any(digit => digit is < '0' or > '7')) throw new UsageException($"--unix-mode takes an octal number such as 660, not '{text}'.");
        return (UnixFileMode)(Convert.ToInt32(text, 8) & 0x1FF);
    }

    private static IPNetwork Network(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network)) return network;
        if (IPAddress.TryParse(text, out IPAddress? address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        throw new UsageException($"--trusted-proxy takes an address or a network such as 10.0.0.1 or 10.0.0.0/8, not '{text}'.");
    }

    private static IPAddress Address(string text) => text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out IPAddress? address) ? address
        : throw new UsageException($"--bind takes an IP address of this machine such as 127.0.0.1, 0.0.0.0 or ::1, not '{text}'.");
}
