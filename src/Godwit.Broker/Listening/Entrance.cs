using Godwit.Broker.Connections;
using Godwit.Transport;

namespace Godwit.Broker.Listening;

/// <summary>What the connections of a listener have in common, as it was when they were accepted.</summary>
/// <param name="Options">The listener.</param>
/// <param name="Level">What acknowledgements mean to its clients.</param>
/// <param name="Tls">Its TLS, which goes on being the listener's when its files are replaced; null without.</param>
internal sealed record Entrance(ListenerOptions Options, AcknowledgementLevel Level, TlsServer? Tls);

/// <summary>Makes the connections that come in by an entrance.</summary>
internal sealed class Acceptor(Shard[] shards, Entrance entrance) : IConnectionAcceptor
{
    public IConnectionHandler Accept(EventLoop loop) => new ClientConnection(shards[loop.Index], entrance);
}
