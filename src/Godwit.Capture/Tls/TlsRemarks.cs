// What is to be said about TLS on a connection, in sentences that help.
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tls;

internal sealed class TlsRemarks(LayerStreams owner, StreamConnection connection, TlsInfo info)
{
    public const string Gap = "the capture has a gap, behind which the records cannot be found again";
    public const string Damage = "a record cannot be opened: it is damaged, or the secrets are those of something else";
    public const string OtherAnswer = "the answer to the TLS client is not TLS. Is this a port without TLS?";

    // An alert in TLS 1.3: level, description, type of content, check value. Nothing else that a client sends first is as short.
    private const int EncryptedAlertLength = 2 + 1 + 16;

    private bool _isExplained;

    /// <summary>Whether an encrypted record of TLS 1.3 can hardly be anything else than an alert.</summary>
    public static bool IsAlert(RecordHeader header) => header.FragmentLength == EncryptedAlertLength;

    public void Alert(Side from, byte description, Arrival at)
    {
        (string name, string meaning) = TlsAlerts.Explain(description);
        bool isNormal = description == TlsAlerts.CloseNotify;
        if (isNormal && info.IsEstablished) return;
        _isExplained |= !isNormal;
        Add(LayerRemarkKind.Ending, from, $"The {Name(from)} sends the TLS alert {name}: {meaning}.", at);
    }

    public void HiddenRefusal(Side from, Arrival at)
    {
        _isExplained = true;
        Add(LayerRemarkKind.Ending, from, "The TLS client answers the server's certificate by an encrypted alert, as its length shows: most probably it does not accept the "
            + "certificate (unknown authority, wrong name, expired). Its log, or a key log, says which.", at);
    }

    public void EarlyData(Arrival at) =>
        Add(LayerRemarkKind.Lost, null, "The TLS client sends data before the handshake is through (0-RTT). That is not decrypted here; what follows is.", at);

    public void Sealed(TlsHandshake handshake, Arrival at)
    {
        const string Remedy = "Have one of the two ends write a key log (SSLKEYLOGFILE), and give it to the analyser; docs/capture-tls.md says how";
        string what = info.CipherSuite is { } suite ? $"{info.VersionName}, {suite}" : "TLS";
        string sentence;
        if (!handshake.HasClientHello || !handshake.HasServerHello)
            sentence = $"The content is encrypted (TLS), and the beginning of the connection is not in the capture: it cannot be decrypted, even with a key log. Begin to capture before the client connects.";
        else if (handshake.TryExplainUnsupported() is { } why) sentence = $"The content is encrypted ({what}), and {why}.";
        else if (owner.Secrets.Problem is { } problem) sentence = $"The content is encrypted ({what}), and there are no secrets for it. {problem}";
        else if (owner.Secrets.Count > 0) sentence = $"The content is encrypted ({what}), and the key log has no secrets for this connection. The program that wrote it must be one of the two ends, and have written it at the time.";
        else sentence = $"The content is encrypted ({what}), and there are no secrets for it. {Remedy}.";
        Add(LayerRemarkKind.Sealed, null, sentence, at);
    }

    public void Lost(Side from, string why, Arrival at) =>
        Add(why == OtherAnswer ? LayerRemarkKind.Violation : LayerRemarkKind.Lost, from,
            why == OtherAnswer ? $"{char.ToUpperInvariant(why[0])}{why[1..]}" : $"What the {Name(from)} sends from here on cannot be seen: {why}.", at);

    public void Unfinished(TlsHandshake handshake, Arrival at)
    {
        if (_isExplained || !handshake.HasClientHello) return;
        Add(LayerRemarkKind.Unfinished, null, handshake.HasServerHello
            ? "The connection ended before the TLS handshake was through, and nobody said why."
            : "The TLS client has got no answer to its hello. Is this a port without TLS?", at);
    }

    private static string Name(Side side) => side == Side.Initiator ? "client" : "server";

    private void Add(LayerRemarkKind kind, Side? from, string sentence, Arrival at) =>
        owner.Remark(connection, new LayerRemark(Layer.Tls, kind, from, sentence, at));
}
