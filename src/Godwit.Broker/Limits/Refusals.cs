// Connections that were not let in, counted by reason. Who is refused a thousand times a second would fill the log: it has the first one at
// once, and then every ten seconds a line for each reason.
using Godwit.Broker.Telemetry;
using Godwit.Transport;

namespace Godwit.Broker.Limits;

/// <summary>Why a connection was not let in.</summary>
public enum RefusalReason
{
    /// <summary>Its client, user or address is banned.</summary>
    Banned,

    /// <summary>Its client has connected too often (<see cref="ConnectLimits.FlappingConnects"/>).</summary>
    Flapping,

    /// <summary>Its address has made too many connects (<see cref="ConnectLimits.ConnectRate"/>).</summary>
    ConnectRate,

    /// <summary>Its address has too many connections (<see cref="ConnectLimits.MaximumPerAddress"/>).</summary>
    Address,

    /// <summary>Its user has too many connections (<see cref="ConnectLimits.MaximumPerUser"/>).</summary>
    User,

    /// <summary>The broker has as many clients as it may (<see cref="ConnectLimits.MaximumClients"/>).</summary>
    Clients,

    /// <summary>The listener has too many connections (<see cref="ListenerOptions.MaximumConnections"/>).</summary>
    Listener,

    /// <summary>It had not said who it is, and newer ones needed its room (<see cref="ListenerOptions.MaximumOpening"/>).</summary>
    Opening,
}

/// <summary>Names of reasons.</summary>
internal static class RefusalReasons
{
    private static readonly (string Name, string Text)[] Table =
    [
        ("banned", "banned (godwit ban list)"),
        ("flapping", "connecting too often (flapping_connects)"),
        ("rate", "too many connects from one address (connect_rate)"),
        ("address", "too many connections from one address (max_per_address)"),
        ("user", "too many connections of one user (max_per_user)"),
        ("clients", "as many clients as there may be (max_clients)"),
        ("listener", "too many connections to a listener (max_connections)"),
        ("opening", "not having said who they are while newer ones came (max_opening)"),
    ];

    public static IReadOnlyList<RefusalReason> All { get; } = Enum.GetValues<RefusalReason>();

    /// <summary>The name below <c>$SYS/broker/connections/refused</c>.</summary>
    public static string Name(this RefusalReason reason) => Table[(int)reason].Name;

    public static string Text(this RefusalReason reason) => Table[(int)reason].Text;
}

/// <param name="log">Where it is told.</param>
/// <param name="home">The loop that tells it.</param>
internal sealed class Refusals(LogMessages log, Func<EventLoop> home) : LoopTimer, ILoopWork
{
    private const int IntervalMilliseconds = 10_000;

    private readonly long[] _counts = new long[RefusalReasons.All.Count], _told = new long[RefusalReasons.All.Count];
    private readonly string?[] _last = new string?[RefusalReasons.All.Count];
    private int _isAwake;

    public long this[RefusalReason reason] => Volatile.Read(ref _counts[(int)reason]);

    /// <summary>One more. From any thread.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="who">Whom, for the log.</param>
    public void Count(RefusalReason reason, string who)
    {
        Volatile.Write(ref _last[(int)reason], who);
        Interlocked.Increment(ref _counts[(int)reason]);
        if (Interlocked.Exchange(ref _isAwake, 1) == 0) home().Post(this);
    }

    void ILoopWork.Run(EventLoop loop)
    {
        Tell();
        loop.Schedule(this, loop.Now + IntervalMilliseconds);
    }

    protected override void OnDue(EventLoop loop)
    {
        Volatile.Write(ref _isAwake, 0); // first: what comes from now on wakes it again
        if (Tell() && Interlocked.Exchange(ref _isAwake, 1) == 0) loop.Schedule(this, loop.Now + IntervalMilliseconds);
    }

    private bool Tell()
    {
        bool any = false;
        foreach (RefusalReason reason in RefusalReasons.All)
        {
            long count = this[reason], more = count - _told[(int)reason];
            if (more == 0) continue;
            any = true;
            _told[(int)reason] = count;
            log.ConnectionsRefused(more, reason.Text(), Volatile.Read(ref _last[(int)reason])!);
        }
        return any;
    }
}
