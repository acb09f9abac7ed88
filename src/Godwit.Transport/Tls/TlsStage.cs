// The server's TLS handshake as a stage. Only what looks like a client hello is given to SslStream; everything else is told what it has met.
using Godwit.Transport.Opening;

namespace Godwit.Transport.Tls;

internal sealed class TlsStage(TlsServer server) : OpeningStage
{
    private static ReadOnlySpan<byte> HttpAnswer =>
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 54\r\n\r\nThis port speaks TLS. Use https:// or wss:// instead.\n"u8;

    public override string AwaitedThing => "the TLS handshake of the client";

    public override int OnReceived(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        switch (FirstBytes.Recognise(input))
        {
            case FirstProtocol.Undecided:
                return 0;
            case FirstProtocol.Tls:
                StartHandshake(opening);
                return 0;
            case FirstProtocol.Mqtt:
                opening.Refuse("this looks like plain MQTT on a TLS listener. Switch TLS on in the client, or let it connect to a listener without TLS.");
                return input.Length;
            case FirstProtocol.Http:
                opening.Connection.Write(HttpAnswer);
                opening.Refuse("this looks like plain HTTP or WebSocket on a TLS listener. Use https:// or wss:// instead of http:// or ws://.");
                return input.Length;
            case FirstProtocol.Proxy:
                opening.Refuse("a PROXY header came, but this listener expects none (or not twice). Switch the PROXY protocol on for this listener, or off in the proxy.");
                return input.Length;
            default:
                string bytes = Convert.ToHexString(input[..Math.Min(input.Length, 8)]);
                opening.Refuse($"this is not TLS: the first bytes are {bytes}. The client has to use TLS here.");
                return input.Length;
        }
    }

    private void StartHandshake(OpeningHandler opening)
    {
        TlsStreamFilter? filter = null;
        int version = server.TrustVersion;
        filter = new TlsStreamFilter(opening.Connection, () =>
        {
            opening.Peer.Tls = filter!.Describe() with { TrustVersion = version };
            opening.Proceed();
        });
        opening.Connection.Install(filter);
        filter.Start(server.AuthenticateAsync, TlsServer.Explain);
    }
}
