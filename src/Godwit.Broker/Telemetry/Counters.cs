using Godwit.Broker.Sessions;

namespace Godwit.Broker.Telemetry;

/// <summary>What one shard counts: written by its loop only, read by anybody.</summary>
internal sealed class Counters
{
    public long MessagesReceived, MessagesSent, PublishReceived, PublishSent, PublishBytesReceived, PublishBytesSent;
    public long BytesReceived, BytesSent, SocketsOpened, ConnectsAccepted, QueuedMessages, QueuedBytes;
    public int ClientsConnected, SessionsTotal, SessionsExpired, SessionsRemoved, SharedMembers;

    public DropCounts Drops { get; } = new();
}
