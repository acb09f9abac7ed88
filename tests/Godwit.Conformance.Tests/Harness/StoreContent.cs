using Godwit.Broker.Storage;

namespace Godwit.Conformance.Tests.Harness;

/// <summary>What a store has, in numbers, as a broker that starts would find it.</summary>
internal sealed class StoreContent : IStoreReader
{
    public StoreContent(IBrokerStore store) => LastMessage = store.Load(this).LastMessage;

    public int Sessions { get; private set; }

    public int Received { get; private set; }

    public int Retained { get; private set; }

    /// <summary>Places in all queues.</summary>
    public long Queued { get; private set; }

    /// <summary>The highest number of a message in the queues; 0 if there is none.</summary>
    public long LastMessage { get; }

    void IStoreReader.OnSession(StoredSession session) => Sessions++;

    void IStoreReader.OnSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier)
    {
    }

    void IStoreReader.OnReceived(long queue, ushort packetId) => Received++;

    void IStoreReader.OnWill(long queue, StoredWill will, in StoredMessage message)
    {
    }

    void IStoreReader.OnSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter)
    {
    }

    void IStoreReader.OnQueue(StoredQueue queue) => Queued += queue.Count;

    void IStoreReader.OnRetained(in StoredMessage message) => Retained++;
}
