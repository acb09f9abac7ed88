using Godwit.Transport;

namespace Godwit.Broker.Connections;

/// <summary>Wakes a connection when its CONNECT is late or its keep alive may have run out.</summary>
internal sealed class ConnectionTimer(ClientConnection connection) : LoopTimer
{
    protected override void OnDue(EventLoop loop) => connection.OnTimer();
}
