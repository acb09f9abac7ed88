using Godwit.Transport;

namespace Godwit.Broker.Sessions;

/// <summary>Wakes a session without a connection when its will is due or its time is over.</summary>
internal sealed class SessionTimer(ClientSession session) : LoopTimer
{
    protected override void OnDue(EventLoop loop) => session.OnTimer();
}
