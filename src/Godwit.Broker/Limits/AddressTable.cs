// What is known of addresses: how many connections they have, and how many they may still make. All loops share it, each address under the lock
// of its stripe; it is asked when a connection comes and goes, never for a message.
using System.Net;
using Godwit.Transport;

namespace Godwit.Broker.Limits;

internal sealed class AddressTable
{
    // Addresses without connections that are remembered: some 200 bytes each.
    private const int Stripes = 16, MostUnused = 2048;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe())];

    /// <summary>Addresses that are remembered without having connections.</summary>
    public const int Capacity = Stripes * MostUnused;

    public int Count => _stripes.Sum(stripe => stripe.Count);

    /// <summary>A connection has come.</summary>
    /// <param name="address">From where.</param>
    /// <param name="limits">What holds.</param>
    /// <param name="now">Milliseconds of any clock.</param>
    /// <param name="arrival">The connection, which may have to make way later.</param>
    /// <param name="place">Its place among those of its address; null if they are not counted.</param>
    /// <returns>Why it may not stay; null if it may.</returns>
    public RefusalReason? TryEnter(IPAddress address, ConnectLimits limits, long now, Arrival arrival, out IAddressPlace? place)
    {
        place = null;
        if (limits is { ConnectRate: 0, MaximumPerAddress: 0, MaximumOpeningPerAddress: 0 }) return null;
        AddressKey key = AddressKey.Of(address);
        return _stripes[(uint)key.GetHashCode() % Stripes].TryEnter(key, limits, now, arrival, out place);
    }

    private sealed class Stripe
    {
        private readonly Lock _lock = new();
        private readonly AgingTable<AddressKey, AddressEntry> _addresses = new(MostUnused);

        public int Count
        {
            get
            {
                lock (_lock) return _addresses.Count;
            }
        }

        public RefusalReason? TryEnter(AddressKey key, ConnectLimits limits, long now, Arrival arrival, out IAddressPlace? place)
        {
            place = null;
            Arrival? oldest;
            lock (_lock)
            {
                AddressEntry entry = _addresses.Get(key, key => new AddressEntry { Key = key, Connects = limits.ConnectBurst, PaidAt = now });
                if (limits.ConnectRate > 0 && !entry.TryPay(limits, now)) return RefusalReason.ConnectRate;
                if (limits.MaximumPerAddress > 0 && entry.Uses >= limits.MaximumPerAddress) return RefusalReason.Address;
                if (limits is { MaximumPerAddress: 0, MaximumOpeningPerAddress: 0 }) return null;
                _addresses.Use(entry);
                oldest = entry.Opening.Count >= limits.MaximumOpeningPerAddress && limits.MaximumOpeningPerAddress > 0 ? entry.TakeOldest() : null;
                place = new Place(this, entry, entry.Opening.AddLast(arrival), isCountedOn: limits.MaximumPerAddress > 0);
            }
            oldest?.MakeWay();
            return null;
        }

        private bool Establish(AddressEntry entry, LinkedListNode<Arrival> arrival, bool isCountedOn)
        {
            lock (_lock)
            {
                entry.RemoveOpening(arrival);
                if (!isCountedOn) _addresses.Release(entry);
                return isCountedOn;
            }
        }

        private void Leave(AddressEntry entry, LinkedListNode<Arrival> arrival)
        {
            lock (_lock)
            {
                entry.RemoveOpening(arrival);
                _addresses.Release(entry);
            }
        }

        private sealed class Place(Stripe stripe, AddressEntry entry, LinkedListNode<Arrival> arrival, bool isCountedOn) : IAddressPlace
        {
            public bool OnEstablished() => stripe.Establish(entry, arrival, isCountedOn);

            public void OnEnded() => stripe.Leave(entry, arrival);
        }
    }

    private sealed class AddressEntry : AgingEntry<AddressKey>
    {
        /// <summary>Connections whose clients have not been accepted, the oldest first.</summary>
        public LinkedList<Arrival> Opening { get; } = new();

        /// <summary>Connects that it may make at once.</summary>
        public required double Connects { get; set; }

        public required long PaidAt { get; set; }

        public bool TryPay(ConnectLimits limits, long now)
        {
            Connects = Math.Min(limits.ConnectBurst, Connects + Math.Max(0, now - PaidAt) * (limits.ConnectRate / 1000.0)); // loops' clocks differ a little
            PaidAt = now;
            if (Connects < 1) return false;
            Connects--;
            return true;
        }

        public Arrival TakeOldest()
        {
            Arrival oldest = Opening.First!.Value;
            Opening.RemoveFirst();
            return oldest;
        }

        public void RemoveOpening(LinkedListNode<Arrival> arrival)
        {
            if (arrival.List is not null) Opening.Remove(arrival);
        }
    }
}
