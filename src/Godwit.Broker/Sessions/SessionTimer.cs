using Godwit.Transport;

namespace Godwit.Broker.Sessions;

/// <summary>What is due of a session without a connection: its will, its end. Most sessions have a connection or no end.</summary>
internal sealed class SessionTimer(ClientSession session) : LoopTimer
{
    /// <summary>When the will is published, in loop milliseconds; <see cref="long.MaxValue"/> if there is none.</summary>
    public long WillDueAt { get; set; } = long.MaxValue;

    /// <summary>When the session ends unless the client comes back, in loop milliseconds; <see cref="long.MaxValue"/> for never.</summary>
    public long ExpiresAt { get; init; } = long.MaxValue;

    protected override void OnDue(EventLoop loop) => session.OnTimer(this);
}
