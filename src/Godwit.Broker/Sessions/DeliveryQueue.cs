using Godwit.Broker.Telemetry;

namespace Godwit.Broker.Sessions;

/// <summary>The messages that wait for a session: first in, first out, bounded in number and bytes by its owner.</summary>
internal sealed class DeliveryQueue(Counters counters)
{
    private Delivery[] _ring = new Delivery[8];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Bytes of the messages in memory, each counted in full although sessions share them.</summary>
    public long Bytes { get; private set; }

    public void Enqueue(in Delivery delivery)
    {
        if (Count == _ring.Length) Grow();
        _ring[(_head + Count) & (_ring.Length - 1)] = delivery;
        Account(1, delivery.Size);
    }

    public ref readonly Delivery Peek() => ref _ring[_head];

    /// <summary>The first ones, as many as there are of them.</summary>
    public IEnumerable<Delivery> First(int count) => Enumerable.Range(_head, Math.Min(count, Count)).Select(i => _ring[i & (_ring.Length - 1)]);

    public Delivery Dequeue()
    {
        Delivery delivery = _ring[_head];
        _ring[_head] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Account(-1, -delivery.Size);
        return delivery;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        while (Count > 0) Dequeue();
    }

    private void Account(int messages, int bytes)
    {
        Count += messages;
        Bytes += bytes;
        counters.QueuedMessages += messages;
        counters.QueuedBytes += bytes;
    }

    private void Grow()
    {
        var larger = new Delivery[_ring.Length * 2];
        for (int i = 0; i < Count; i++) larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        _ring = larger;
        _head = 0;
    }
}
