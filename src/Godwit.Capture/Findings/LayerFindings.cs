// What stands between TCP and MQTT: why nothing is seen of a connection, and what is wrong with its TLS or WebSocket. The sentences are the layers' own.
using Godwit.Capture.Streams;

namespace Godwit.Capture.Findings;

internal sealed class LayerFindings(FindingsCollector findings) : FindingGroup(findings)
{
    private static readonly FindingRule TextFrame = new("websocket-text-frame", Severity.Error, "MQTT in a text frame of WebSocket", "MQTT-6.0.0-1", "MQTT-6.0.0-1",
        "Let the sender use binary frames; the receiver has to close the connection otherwise.");
    private static readonly FindingRule NotOffered = new("websocket-protocol-not-offered", Severity.Error, "A WebSocket client does not offer the sub-protocol mqtt", "MQTT-6.0.0-3", "MQTT-6.0.0-3",
        "Give the client's WebSocket library the sub-protocol mqtt.");
    private static readonly FindingRule NotChosen = new("websocket-protocol-not-chosen", Severity.Error, "A WebSocket server does not choose an offered sub-protocol", "MQTT-6.0.0-4", "MQTT-6.0.0-4",
        "Something between the two answers in the server's place, or the server is wrong.");
    private static readonly FindingRule Broken = new("layer-violation", Severity.Warning, "A rule of TLS, WebSocket or the PROXY protocol is broken", null, null,
        "The other end may close the connection: update or report the sender.");
    private static readonly FindingRule Sealed = new("tls-not-opened", Severity.Note, "The content is encrypted", null, null,
        "Give the analyser a key log (--keylog); docs/capture-tls.md says how to get one.");
    private static readonly FindingRule Lost = new("layer-lost", Severity.Warning, "What comes from here on cannot be seen", null, null, "Capture without gaps, and from the beginning of connections.");
    private static readonly FindingRule Ended = new("layer-ended", Severity.Warning, "TLS or WebSocket is refused or ended with a reason", null, null,
        "Compare certificate, authority and versions of both ends, or address, path and sub-protocol.");
    private static readonly FindingRule Unfinished = new("layer-unfinished", Severity.Warning, "TLS or WebSocket has not come to be", null, null,
        "What listens there may expect something else: compare the ports.");
    private static readonly FindingRule Noted = new("layer-note", Severity.Note, "Something about TLS, WebSocket or HTTP", null, null, "Nothing, if it is meant to be so.");

    public static IEnumerable<FindingRule> Rules => [TextFrame, NotOffered, NotChosen, Broken, Sealed, Lost, Ended, Unfinished, Noted];

    public void OnRemark(StreamConnection connection, LayerRemark remark)
    {
        FindingRule rule = Array.Find([TextFrame, NotOffered, NotChosen], rule => rule.Statement5 == remark.Statement) ?? remark.Kind switch
        {
            LayerRemarkKind.Violation => Broken,
            LayerRemarkKind.Sealed => Sealed,
            LayerRemarkKind.Lost => Lost,
            LayerRemarkKind.Ending => Ended,
            LayerRemarkKind.Unfinished => Unfinished,
            _ => Noted,
        };
        Report(rule, connection, remark.At, remark.Sentence, () => remark.Sentence);
    }
}
