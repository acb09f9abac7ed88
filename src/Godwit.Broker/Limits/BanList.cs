// Who is banned, by the settings and by administrators. Asked for each connection and each CONNECT, so it is sorted by what is asked for; while
// nobody is banned that costs a comparison.
using System.Net;
using System.Net.Sockets;

namespace Godwit.Broker.Limits;

internal sealed class BanList
{
    /// <summary>How many there may be of settings, and of administrators.</summary>
    public const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Ban>> _clients = [], _users = [];
    private readonly Dictionary<(int Length, IPAddress Base), List<Ban>> _networks = [];
    private readonly Dictionary<(AddressFamily Family, int Length), int> _lengths = []; // how many networks are as large
    private List<Ban> _settings = [], _added = [];
    private volatile int _count;

    /// <summary>Whether nobody is banned.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The bans that administrators have set.</summary>
    public Ban[] Added(DateTimeOffset now)
    {
        lock (_lock)
        {
            Purge(now);
            return [.. _added];
        }
    }

    /// <summary>All of them.</summary>
    public Ban[] All(DateTimeOffset now)
    {
        lock (_lock)
        {
            Purge(now);
            return [.. _settings, .. _added];
        }
    }

    /// <summary>Replaces those of the settings.</summary>
    public void SetSettings(IEnumerable<Ban> bans)
    {
        lock (_lock)
        {
            foreach (Ban ban in _settings) RemoveIndex(ban);
            _settings = [.. bans.Select(ban => ban with { Origin = BanOrigin.Settings })];
            foreach (Ban ban in _settings) AddIndex(ban);
        }
    }

    /// <summary>Adds one, in place of another about the same clients.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryAdd(Ban ban, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_added.Find(ban.IsSame) is { } same) Remove(same);
            if (_added.Count >= Most) Purge(now);
            if (_added.Count >= Most) return false;
            _added.Add(ban);
            AddIndex(ban);
            return true;
        }
    }

    /// <summary>Takes over those that were kept.</summary>
    public void Restore(IEnumerable<Ban> bans)
    {
        lock (_lock)
        {
            foreach (Ban ban in bans.Take(Most))
            {
                _added.Add(ban);
                AddIndex(ban);
            }
        }
    }

    /// <summary>Removes those of administrators that are about these clients.</summary>
    /// <returns>How many.</returns>
    public int Remove(Func<Ban, bool> isMeant)
    {
        lock (_lock)
        {
            List<Ban> meant = _added.FindAll(ban => isMeant(ban));
            foreach (Ban ban in meant) Remove(ban);
            return meant.Count;
        }
    }

    /// <summary>Whether somebody is banned; null for what is not known yet.</summary>
    public Ban? Find(string? clientId, string? userName, IPAddress? address, TimeProvider time)
    {
        if (_count == 0) return null;
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            return (clientId is null ? null : Find(_clients.GetValueOrDefault(clientId)))
                ?? (userName is null ? null : Find(_users.GetValueOrDefault(userName)))
                ?? (address is null ? null : _lengths.Keys.Where(key => key.Family == address.AddressFamily)
                    .Select(key => Find(_networks.GetValueOrDefault((key.Length, Mask(address, key.Length))))).FirstOrDefault(ban => ban is not null));
        }

        Ban? Find(List<Ban>? candidates) => candidates?.Find(ban => !(ban.Until <= now) && ban.Hits(clientId, userName, address));
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int size);
        for (int i = 0; i < size; i++) bytes[i] &= (byte)(0xFF00 >> Math.Clamp(length - i * 8, 0, 8));
        return new IPAddress(bytes[..size]);
    }

    private void Purge(DateTimeOffset now)
    {
        foreach (Ban ban in _added.FindAll(ban => ban.Until <= now)) Remove(ban);
    }

    private void Remove(Ban ban)
    {
        _added.Remove(ban);
        RemoveIndex(ban);
    }

    // Under the narrowest that it names.
    private void AddIndex(Ban ban)
    {
        _count++;
        if (ban.ClientId is { } client) Add(_clients, client, ban);
        else if (ban.UserName is { } user) Add(_users, user, ban);
        else
        {
            IPNetwork network = ban.Network!.Value;
            Add(_networks, (network.PrefixLength, network.BaseAddress), ban);
            _lengths[KeyOf(network)] = _lengths.GetValueOrDefault(KeyOf(network)) + 1;
        }
    }

    private void RemoveIndex(Ban ban)
    {
        _count--;
        if (ban.ClientId is { } client) Remove(_clients, client, ban);
        else if (ban.UserName is { } user) Remove(_users, user, ban);
        else
        {
            IPNetwork network = ban.Network!.Value;
            Remove(_networks, (network.PrefixLength, network.BaseAddress), ban);
            if (--_lengths[KeyOf(network)] == 0) _lengths.Remove(KeyOf(network));
        }
    }

    private static (AddressFamily, int) KeyOf(IPNetwork network) => (network.BaseAddress.AddressFamily, network.PrefixLength);

    private static void Add<TKey>(Dictionary<TKey, List<Ban>> table, TKey key, Ban ban) where TKey : notnull
    {
        if (table.TryGetValue(key, out List<Ban>? bans)) bans.Add(ban);
        else table[key] = [ban];
    }

    private static void Remove<TKey>(Dictionary<TKey, List<Ban>> table, TKey key, Ban ban) where TKey : notnull
    {
        table[key].Remove(ban);
        if (table[key].Count == 0) table.Remove(key);
    }
}
