// From a listener's settings, which are words, to the broker's options for it. What does not go together is reported by the name of the
// setting that is wrong, in the words of the place where it was written.
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Godwit.Broker;
using Godwit.Configuration.Description;
using Godwit.Transport;

namespace Godwit.Configuration.Reading;

/// <summary>Makes listeners.</summary>
public static class ListenerFactory
{
    private static readonly string[] TlsNames =
        ["cert", "key", "cafile", "require_certificate", "crl", "use_identity_as_username", "use_subject_as_username", "tls_version", "ciphers"];

    /// <summary>Whether a setting means something for what is spoken on a listener.</summary>
    public static bool Concerns(Setting setting, string uri)
    {
        string scheme = uri.Split("://")[0].ToLowerInvariant();
        return setting.Name switch
        {
            "ws_origin" => scheme is not ("tcp" or "mqtt" or "tls" or "ssl" or "mqtts" or "unix"),
            "unix_mode" => scheme is "unix",
            _ when TlsNames.Contains(setting.Name) => scheme is not ("tcp" or "mqtt" or "ws" or "unix"),
            _ => true,
        };
    }

    /// <summary>The broker's options.</summary>
    /// <exception cref="InvalidOperationException">The settings have not been checked.</exception>
    public static ListenerOptions Make(ListenerSettings settings, bool hasStore) =>
        Make(settings, hasStore, name => name, (_, message) => throw new InvalidOperationException(message))!;

    /// <summary>The same, with what is wrong.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="hasStore">Whether there is a store.</param>
    /// <param name="called">What a setting is called by its user.</param>
    /// <param name="wrong">Is told the name of a setting and what is wrong with it.</param>
    /// <returns>Null if something is wrong.</returns>
    public static ListenerOptions? Make(ListenerSettings settings, bool hasStore, Func<string, string> called, Action<string, string> wrong)
    {
        bool isWrong = false;
        TlsServerOptions? tls = MakeTls(settings, called, Wrong);
        IPNetwork[] proxies = [.. settings.TrustedProxies.Select(text => Network(text, called, Wrong))];
        CheckProxy(settings, called, Wrong);
        if (settings.AckLevel is "os" or "fsync" && !hasStore) Wrong("ack_level", $"{called("ack_level")} os and fsync need a store.");
        UnixFileMode mode = UnixMode(settings.UnixMode, called, Wrong);
        if (isWrong) return null;
        try
        {
            ListenerOptions listener = ListenerUri.Parse(settings.Listen, tls);
            return listener with
            {
                WebSocket = listener.WebSocket is { } webSocket ? webSocket with { Origins = settings.Origins } : null,
                UnixMode = mode,
                TrustedProxies = proxies,
                ExpectsProxyHeader = settings.ProxyProtocol,
                MaximumConnections = settings.MaxConnections,
                MaximumOpening = settings.MaxOpening,
                Acknowledgement = settings.AckLevel is { } level ? Words.ReadAckLevel(level) : null,
                UserName = listener.Tls is null ? CertificateUserName.None
                    : settings.UseSubject ? CertificateUserName.Subject
                    : settings.UseIdentity ? CertificateUserName.CommonName
                    : CertificateUserName.None,
            };
        }
        catch (FormatException cannot)
        {
            bool isCertificate = cannot.Message.Contains("certificate", StringComparison.Ordinal);
            Wrong("listen", $"{called("listen")} {cannot.Message}{(isCertificate ? $" Use {called("cert")} and {called("key")}." : "")}");
            return null;
        }

        void Wrong(string name, string message)
        {
            isWrong = true;
            wrong(name, message);
        }
    }

    /// <summary>Checks what is about proxies.</summary>
    public static void CheckProxy(ListenerSettings settings, Func<string, string> called, Action<string, string> wrong)
    {
        if (settings.ProxyProtocol && settings.TrustedProxies.Count == 0)
            wrong("proxy_protocol", $"{called("proxy_protocol")} needs {called("trusted_proxy")}: anybody could say to be anybody.");
    }

    /// <summary>The TLS options; null without certificates.</summary>
    public static TlsServerOptions? MakeTls(ListenerSettings settings, Func<string, string> called, Action<string, string> wrong)
    {
        if (settings.Keys.Count > 0 && settings.Keys.Count != settings.Certificates.Count)
            wrong("key", $"{called("key")} must be there as often as {called("cert")}, in the same order.");
        if (settings.RequireCertificate && settings.CaFiles.Count == 0)
            wrong("require_certificate", $"{called("require_certificate")} needs {called("cafile")}: the authorities of the clients' certificates.");
        if ((settings.UseIdentity || settings.UseSubject) && !settings.RequireCertificate)
            wrong("use_identity_as_username", $"{called("use_identity_as_username")} and {called("use_subject_as_username")} need {called("require_certificate")}.");
        var suites = new List<TlsCipherSuite>();
        foreach (string name in settings.CipherSuites)
        {
            if (Enum.TryParse(name, out TlsCipherSuite suite) && !char.IsDigit(name[0])) suites.Add(suite);
            else wrong("ciphers", $"'{name}' is no cipher suite that is known by this IANA name.");
        }
        if (settings.Certificates.Count == 0) return null;
        return new TlsServerOptions
        {
            Certificates = [.. settings.Certificates.Select((file, i) => new CertificateFiles(file, settings.Keys.Count > i ? settings.Keys[i] : null))],
            CaFiles = settings.CaFiles,
            CrlFiles = settings.CrlFiles,
            ClientCertificates = settings.RequireCertificate ? ClientCertificates.Required
                : settings.CaFiles.Count > 0 ? ClientCertificates.Optional
                : ClientCertificates.None,
            MinimumVersion = settings.TlsVersion == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12,
            CipherSuites = suites,
        };
    }

    private static UnixFileMode UnixMode(string text, Func<string, string> called, Action<string, string> wrong)
    {
        if (text.Length is > 0 and <= 4 && text.All(digit => digit is >= '0' and <= '7')) return (UnixFileMode)(Convert.ToInt32(text, 8) & 0x1FF);
        wrong("unix_mode", $"{called("unix_mode")} takes an octal number such as 660, not '{text}'.");
        return default;
    }

    private static IPNetwork Network(string text, Func<string, string> called, Action<string, string> wrong)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network)) return network;
        if (IPAddress.TryParse(text, out IPAddress? address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        wrong("trusted_proxy", $"{called("trusted_proxy")} takes an address or a network such as 10.0.0.1 or 10.0.0.0/8, not '{text}'.");
        return default;
    }
}
