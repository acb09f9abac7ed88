// OpenSSL's errors and the other side's alerts in words for people. What is not known is passed on as it is.
namespace Godwit.Transport.Tls;

internal static class TlsErrors
{
    /// <summary>The other side has gone without a word.</summary>
    public const string Closed = "the connection was closed during the TLS handshake.";

    private static readonly (string Words, string Sentence)[] Known =
    [
        ("alert unknown ca", "the other side does not know the authority of our certificate. It needs the CA certificate (CA file)."),
        ("alert certificate expired", "the other side says that our certificate has expired."),
        ("alert certificate revoked", "the other side says that our certificate has been revoked."),
        ("alert bad certificate", "the other side refuses our certificate."),
        ("alert unsupported certificate", "the other side does not take this kind of certificate."),
        ("alert certificate unknown", "the other side refuses our certificate."),
        ("alert certificate required", "the other side requires a client certificate and has got none."),
        ("alert handshake failure", "the other side found no cipher suite or other setting that both support (or requires a client certificate)."),
        ("alert protocol version", "the other side does not support our versions of TLS."),
        ("alert no application protocol", "the other side speaks none of the application protocols (ALPN) that were offered."),
        ("alert unrecognized name", "the other side has no certificate for the name that was asked for."),
        ("alert access denied", "the other side refuses access."),
        ("unsupported protocol", "the client's version of TLS is too old; TLS 1.2 or the configured minimum is needed."),
        ("wrong version number", "the other side does not speak TLS here. Is this a port without TLS?"),
        ("no shared cipher", "there is no cipher suite that both sides support."),
        ("no suitable signature algorithm", "there is no signature algorithm that both sides support."),
        ("no application protocol", "the client speaks none of the application protocols (ALPN) that are configured."),
        ("application-level protocol", "the client speaks none of the application protocols (ALPN) that are configured."),
        ("frame size", "what came is not TLS."),
        ("unexpected EOF", Closed),
        ("0 bytes from the transport", Closed),
        ("decryption failed or bad record mac", "a record has been damaged or forged on its way."),
        ("http request", "an HTTP request came where TLS is expected."),
    ];

    /// <summary>What went wrong.</summary>
    public static string Explain(Exception exception)
    {
        string last = exception.Message;
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            foreach ((string words, string sentence) in Known)
            {
                if (e.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) return sentence;
            }
            last = e.Message;
        }
        return last;
    }
}
