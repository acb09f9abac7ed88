using Godwit.Broker.Sessions;

namespace Godwit.Broker.Telemetry;

/// <summary>What one shard counts: written by its loop only, read by anybody.</summary>
internal sealed class Counters
{
    public long MessagesReceived, MessagesSent, PublishReceived, PublishSent, PublishBytesReceived, PublishBytesSent;
    public long BytesReceived, BytesSent, SocketsOpened, ConnectsAccepted, QueuedMessages, QueuedBytes;
    public int ClientsConnected, SessionsTotal, SessionsExpired, SessionsRemoved, SharedMembers;

    /// <summary>Places in queues and in flight that have a message in memory, and the bytes of those messages; a sum over the shards only is right.</summary>
    public long HeldPlaces, HeldBytes;

    public DropCounts Drops { get; } = new();
}
