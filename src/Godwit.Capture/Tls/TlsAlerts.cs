// Alerts: how an end of TLS says why it does not go on. Names as in RFC 8446, section 6, and RFC 5246, section 7.2.
namespace Godwit.Capture.Tls;

internal static class TlsAlerts
{
    public const byte CloseNotify = 0;

    /// <summary>The name of an alert and what it means, mostly.</summary>
    public static (string Name, string Meaning) Explain(byte description) => description switch
    {
        CloseNotify => ("close_notify", "it sends nothing more"),
        10 => ("unexpected_message", "it got a message that does not belong there"),
        20 => ("bad_record_mac", "it got a record that is damaged, or the two ends have different keys"),
        21 => ("decryption_failed", "it got a record that it cannot decrypt"),
        22 => ("record_overflow", "it got a record that is too long"),
        40 => ("handshake_failure", "there is no cipher suite or other setting that both support, or a client certificate is missing"),
        42 => ("bad_certificate", "the other end's certificate is damaged or wrongly signed"),
        43 => ("unsupported_certificate", "it does not take this kind of certificate"),
        44 => ("certificate_revoked", "the other end's certificate has been revoked"),
        45 => ("certificate_expired", "the other end's certificate has expired or is not valid yet; its clock may be wrong, too"),
        46 => ("certificate_unknown", "it refuses the other end's certificate, for instance because it is for another name"),
        47 => ("illegal_parameter", "the other end has said something impossible"),
        48 => ("unknown_ca", "it does not know the authority of the other end's certificate: it needs the CA certificate (CA file)"),
        49 => ("access_denied", "it refuses access although the certificate is right"),
        50 => ("decode_error", "it cannot read what the other end has sent"),
        51 => ("decrypt_error", "a signature or the end of the handshake is wrong; with pre-shared keys, mostly that the keys differ"),
        70 => ("protocol_version", "it does not support the versions of TLS that the other end offers"),
        71 => ("insufficient_security", "it wants stronger ciphers than the other end has"),
        80 => ("internal_error", "something went wrong inside it"),
        86 => ("inappropriate_fallback", "the other end tries again with an older version, which is not necessary"),
        90 => ("user_canceled", "the handshake was given up"),
        100 => ("no_renegotiation", "it does not repeat the handshake"),
        109 => ("missing_extension", "an extension is missing that it needs"),
        110 => ("unsupported_extension", "it got an extension that it has not asked for"),
        112 => ("unrecognized_name", "it has no certificate for the name that the client asks for"),
        113 => ("bad_certificate_status_response", "the proof that the certificate has not been revoked is wrong"),
        115 => ("unknown_psk_identity", "it does not know the client's pre-shared key identity"),
        116 => ("certificate_required", "it wants a client certificate and has got none"),
        120 => ("no_application_protocol", "it speaks none of the application protocols that the client offers (ALPN)"),
        _ => ($"alert {description}", "an alert that is not known here"),
    };
}
