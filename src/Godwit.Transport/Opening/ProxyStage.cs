// The PROXY protocol, versions 1 and 2: a proxy in front says who the client is. Taken from trusted proxies only: anybody else could claim to
// be anybody.
namespace Godwit.Transport.Opening;

internal sealed class ProxyStage : OpeningStage
{
    public override string AwaitedThing => "the PROXY header of the proxy";

    public override int OnReceived(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        if (!opening.Options.Trusts(opening.Peer.DirectEndPoint))
            return Refuse(opening, input, "this address is not among the trusted proxies, from which alone the PROXY protocol is taken (--trusted-proxy)");
        switch (FirstBytes.Recognise(input))
        {
            case FirstProtocol.Undecided:
                return 0;
            case FirstProtocol.Proxy when ProxyHeader.Read(input, out string? problem) is var header:
                return header is not null ? Proceed(opening, header) : problem is not null ? Refuse(opening, input, problem) : 0;
            default:
                return Refuse(opening, input, "there is no PROXY header. Switch it on in the proxy (send-proxy, proxy_protocol on), or off for this listener");
        }
    }

    private static int Proceed(OpeningHandler opening, ProxyHeader header)
    {
        if (header.CommonName is not null) opening.Peer.ProxyCommonName = header.CommonName;
        if (header.Source is not null)
        {
            opening.Peer.RemoteEndPoint = header.Source;
            opening.Peer.IsForwarded = true;
            if (!opening.TryAdmit(header.Source.Address))
            {
                opening.TurnAway();
                return header.Length;
            }
        }
        opening.Proceed();
        return header.Length;
    }

    private static int Refuse(OpeningHandler opening, ReadOnlySpan<byte> input, string what)
    {
        opening.Refuse($"{what}.");
        return input.Length;
    }
}
