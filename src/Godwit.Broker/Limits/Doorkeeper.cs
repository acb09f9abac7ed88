// Who may come in: bans, and limits on addresses, users and how often. Asked twice, at the door by the address alone, and with CONNECT by names.
using System.Net;
using Godwit.Broker.Connections;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Limits;

/// <summary>Why a CONNECT is refused.</summary>
/// <param name="Reason">The reason, for the counters.</param>
/// <param name="Code">The reason code of CONNACK.</param>
/// <param name="Sentence">What an MQTT 5 client is told.</param>
/// <param name="Detail">What the log says.</param>
internal sealed record ConnectRefusal(RefusalReason Reason, ReasonCode Code, string Sentence, string Detail);

internal sealed class Doorkeeper : IAdmission
{
    private volatile ConnectLimits _limits;
    private int _clients;

    /// <param name="options">The broker's.</param>
    /// <param name="log">Where refusals are told.</param>
    /// <param name="home">The loop that tells them.</param>
    public Doorkeeper(BrokerOptions options, LogMessages log, Func<EventLoop> home)
    {
        _limits = options.Connections;
        Refusals = new Refusals(log, home);
        File = options.BanFile is { } path ? new BanFile(path) : null;
        Bans.SetSettings(options.Bans);
    }

    public AddressTable Addresses { get; } = new();

    public UserCounts Users { get; } = new();

    public FlappingTable Flapping { get; } = new();

    public BanList Bans { get; } = new();

    public Refusals Refusals { get; }

    /// <summary>Where bans are kept; null for nowhere.</summary>
    public BanFile? File { get; }

    public ConnectLimits Limits => _limits;

    /// <summary>Takes over other limits, for those who come from now on.</summary>
    public void Reconfigure(BrokerOptions options)
    {
        _limits = options.Connections;
        Bans.SetSettings(options.Bans);
    }

    public bool TryAdmit(EventLoop loop, IPAddress address, Arrival arrival, out IAddressPlace? place)
    {
        place = null;
        ConnectLimits limits = _limits;
        RefusalReason? refusal = Bans.Find(null, null, address, loop.TimeProvider) is not null ? RefusalReason.Banned
            : limits.IsExempt(address) ? null
            : Addresses.TryEnter(address, limits, loop.Now, arrival, out place);
        if (refusal is not { } reason) return true;
        Refusals.Count(reason, $"{address}");
        return false;
    }

    public void OnNoRoom(NoRoom reason, IPAddress? address) =>
        Refusals.Count(reason == NoRoom.Connections ? RefusalReason.Listener : RefusalReason.Opening, address?.ToString() ?? "this machine");

    /// <summary>CONNECT has come.</summary>
    public ConnectRefusal? Greet(string clientId, string? userName, ClientConnection connection)
    {
        if (FindBan(clientId, userName, connection) is { } banned) return banned;
        ConnectLimits limits = _limits;
        if (limits.FlappingConnects == 0 || connection.Listener.IsControl) return null;
        if (!Flapping.IsRefused(clientId, userName, AddressOf(connection), limits, connection.Transport.Loop.TimeProvider.GetUtcNow())) return null;
        return new ConnectRefusal(RefusalReason.Flapping, ReasonCode.ConnectionRateExceeded, "This client connects too often", "it connects too often");
    }

    /// <summary>A client's names are known for certain, or somebody has been banned. Who bans everybody can still get in by the control socket.</summary>
    public ConnectRefusal? FindBan(string? clientId, string? userName, ClientConnection connection) =>
        !Bans.IsEmpty && !connection.Listener.IsControl && Bans.Find(clientId, userName, AddressOf(connection), connection.Transport.Loop.TimeProvider) is { } ban
            ? new ConnectRefusal(RefusalReason.Banned, ReasonCode.Banned, "Banned", $"{ban.Whom} is banned{(ban.Reason is null ? "" : $": {ban.Reason}")}")
            : null;

    /// <summary>A client of a user is about to be accepted.</summary>
    public ConnectRefusal? TryEnter(string userName, bool isReplacing) =>
        Users.TryEnter(userName, _limits.MaximumPerUser, isReplacing) ? null
            : new ConnectRefusal(RefusalReason.User, ReasonCode.QuotaExceeded, "The user has too many connections", $"user {userName} has as many connections as it may");

    /// <summary>A client is about to be accepted, or takes over its own connection.</summary>
    public ConnectRefusal? TryEnter(bool isReplacing)
    {
        int most = _limits.MaximumClients;
        if (Interlocked.Increment(ref _clients) <= most || most == 0 || isReplacing) return null;
        Leave();
        return new ConnectRefusal(RefusalReason.Clients, ReasonCode.QuotaExceeded, "The server has as many clients as it may", "the broker has as many clients as it may");
    }

    /// <summary>A client that <see cref="TryEnter(bool)">came in</see> is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _clients);

    private static IPAddress? AddressOf(ClientConnection connection)
    {
        if (connection.Transport.RemoteEndPoint is not IPEndPoint { Address: var address }) return null;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
