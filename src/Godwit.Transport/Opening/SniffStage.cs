// One port for everything: the first bytes say whether MQTT, WebSocket or TLS comes; within TLS the first two again.
using Godwit.Transport.Tls;
using Godwit.Transport.WebSockets;

namespace Godwit.Transport.Opening;

internal sealed class SniffStage(TlsServer? tls, WebSocketServerOptions webSocket) : OpeningStage
{
    public override string AwaitedThing => "the first bytes of the client";

    public override int OnReceived(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        switch (FirstBytes.Recognise(input))
        {
            case FirstProtocol.Undecided:
                return 0;
            case FirstProtocol.Mqtt:
                opening.Proceed();
                return 0;
            case FirstProtocol.Http:
                opening.Add(new UpgradeStage(webSocket));
                opening.Proceed();
                return 0;
            case FirstProtocol.Tls when tls is not null:
                opening.Add(new TlsStage(tls));
                opening.Add(new SniffStage(null, webSocket));
                opening.Proceed();
                return 0;
            case FirstProtocol.Tls:
                opening.Refuse("this looks like a TLS client, but the listener has no certificate. Give it one, or switch TLS off in the client.");
                return input.Length;
            default:
                opening.Refuse($"this is neither MQTT nor WebSocket nor TLS: the first bytes are {Convert.ToHexString(input[..Math.Min(input.Length, 8)])}.");
                return input.Length;
        }
    }
}
