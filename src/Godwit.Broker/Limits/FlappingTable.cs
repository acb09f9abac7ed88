// Counts how often clients connect. Names are kept as a keyed hash, as strangers choose them and their length; all three of client identifier, user
// name and address count, so that nobody gets somebody else refused from another place.
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Godwit.Broker.Limits;

internal sealed class FlappingTable
{
    private const int Most = 32_768, LongestName = 64;

    private readonly Lock _lock = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly AgingTable<UInt128, Entry> _entries = new(Most);

    /// <summary>Clients that are counted.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>A client connects.</summary>
    /// <param name="clientId">The client identifier.</param>
    /// <param name="user">The user name that it claims.</param>
    /// <param name="address">From where.</param>
    /// <param name="limits">What holds; with a limit.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it is refused.</returns>
    public bool IsRefused(string clientId, string? user, IPAddress? address, ConnectLimits limits, DateTimeOffset now)
    {
        UInt128 key = KeyOf(clientId, user, address);
        lock (_lock)
        {
            Entry entry = _entries.Get(key, key => new Entry { Key = key, WindowEnd = now + limits.FlappingWindow });
            if (entry.Ban?.Until > now) return true;
            if (entry.Ban is not null || now >= entry.WindowEnd)
            {
                entry.Ban = null;
                entry.Count = 0;
                entry.WindowEnd = now + limits.FlappingWindow;
            }
            if (++entry.Count <= limits.FlappingConnects) return false;
            entry.Ban = new Ban
            {
                ClientId = Cut(clientId),
                UserName = Cut(user),
                Address = address?.ToString(),
                Since = now,
                Until = now + limits.FlappingBan,
                Reason = $"more than {limits.FlappingConnects} connects in {limits.FlappingWindow.TotalSeconds:0.###} seconds",
                Origin = BanOrigin.Flapping,
            };
            return true;
        }
    }

    /// <summary>Who is refused, and until when.</summary>
    public Ban[] Bans(DateTimeOffset now)
    {
        lock (_lock) return [.. _entries.Entries.Select(entry => entry.Ban).OfType<Ban>().Where(ban => ban.Until > now)];
    }

    /// <summary>Lets those connect again whom a ban of these members would hit.</summary>
    /// <returns>How many.</returns>
    public int Remove(Ban like)
    {
        like = like with { ClientId = Cut(like.ClientId), UserName = Cut(like.UserName) };
        int count = 0;
        lock (_lock)
        {
            foreach (Entry entry in _entries.Entries)
            {
                if (entry.Ban is not { } ban || !like.IsAbout(ban.ClientId, ban.UserName, ban.Address)) continue;
                entry.Ban = null;
                entry.Count = 0;
                count++;
            }
        }
        return count;
    }

    private static string? Cut(string? name) => name is { Length: > LongestName } ? name[..LongestName] : name;

    private UInt128 KeyOf(string clientId, string? user, IPAddress? address)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (byte[] part in (byte[][])[Encoding.UTF8.GetBytes(clientId), Encoding.UTF8.GetBytes(user ?? ""), address?.GetAddressBytes() ?? []])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part);
        }
        return BitConverter.ToUInt128(hash.GetHashAndReset());
    }

    private sealed class Entry : AgingEntry<UInt128>
    {
        public int Count { get; set; }

        public DateTimeOffset WindowEnd { get; set; }

        public Ban? Ban { get; set; }
    }
}
