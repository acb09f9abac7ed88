using System.Net;

namespace Godwit.Broker.Limits;

/// <summary>How many may connect, how often, and from where. They can be changed while the broker runs.</summary>
public sealed record ConnectLimits
{
    private static readonly IPNetwork[] ThisMachine = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Clients connected at the same time; default 0 for no limit. Those on the control socket are not counted.</summary>
    public int MaximumClients { get; init; }

    /// <summary>
    /// Connections from one address, or from one /64 network of IPv6, which is what one customer has; default 0 for no limit: a whole fleet may be
    /// behind one address.
    /// </summary>
    public int MaximumPerAddress { get; init; }

    /// <summary>Connections of one user name; default 0 for no limit. Clients without a user name are not counted.</summary>
    public int MaximumPerUser { get; init; }

    /// <summary>
    /// Connects a second from one address (or /64), once it has used up <see cref="ConnectBurst"/>; default 1,000, 0 for no limit. More are closed
    /// without being looked at: with TLS each costs a millisecond of a processor.
    /// </summary>
    public int ConnectRate { get; init; } = 1000;

    /// <summary>
    /// Connects from one address (or /64) that may come at once. Default 65,536: an address has no more ports, so a fleet that starts behind it is
    /// never refused; only somebody who comes again and again is.
    /// </summary>
    public int ConnectBurst { get; init; } = 65_536;

    /// <summary>
    /// Connections of one address (or /64) whose clients have not been accepted yet. When one more comes, that one goes that has got no further for
    /// longest. Default 0: no limit beyond the listener's (<see cref="ListenerOptions.MaximumOpening"/>).
    /// </summary>
    public int MaximumOpeningPerAddress { get; init; }

    /// <summary>
    /// For whom the limits on addresses do not hold: by default this machine (127.0.0.0/8 and ::1). Proxies that do not tell the clients' addresses
    /// belong here too. Bans hold for everybody.
    /// </summary>
    public IReadOnlyList<IPNetwork> ExemptAddresses { get; init; } = ThisMachine;

    /// <summary>
    /// Connects of one client identifier with the same user name and address within <see cref="FlappingWindow"/> before it is refused for
    /// <see cref="FlappingBan"/>; default 0: never. Two devices with the same client identifier flap too.
    /// </summary>
    public int FlappingConnects { get; init; }

    /// <summary>In which time connects are counted; default a minute.</summary>
    public TimeSpan FlappingWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long who flaps is refused; default five minutes.</summary>
    public TimeSpan FlappingBan { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the limits on addresses do not hold for one.</summary>
    internal bool IsExempt(IPAddress address)
    {
        foreach (IPNetwork network in ExemptAddresses)
        {
            if (network.Contains(address)) return true;
        }
        return false;
    }

    internal void Validate(Action<bool, string, string> require)
    {
        require(MaximumClients >= 0, nameof(MaximumClients), "0 or more");
        require(MaximumPerAddress >= 0, nameof(MaximumPerAddress), "0 or more");
        require(MaximumPerUser >= 0, nameof(MaximumPerUser), "0 or more");
        require(ConnectRate >= 0, nameof(ConnectRate), "0 or more");
        require(ConnectBurst >= 1, nameof(ConnectBurst), "1 or more");
        require(MaximumOpeningPerAddress >= 0, nameof(MaximumOpeningPerAddress), "0 or more");
        require(FlappingConnects >= 0, nameof(FlappingConnects), "0 or more");
        require(FlappingWindow > TimeSpan.Zero, nameof(FlappingWindow), "more than zero");
        require(FlappingBan > TimeSpan.Zero, nameof(FlappingBan), "more than zero");
    }
}
