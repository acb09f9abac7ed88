using Godwit.Broker.Routing;
using Godwit.Broker.Storage;

namespace Godwit.Broker.Durability;

/// <summary>Between the loops' clock, which only ever goes on, and that of the store, which goes on while the broker does not run.</summary>
internal sealed class StoreClock(TimeProvider time)
{
    /// <summary>Now, in Unix milliseconds.</summary>
    public long UnixNow => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A time of the loops in Unix milliseconds; null for never.</summary>
    public long? ToUnix(long? loopTime) => loopTime is null or PublicationView.Never ? null : UnixNow + (loopTime - LoopNow);

    /// <summary>Unix milliseconds as a time of the loops.</summary>
    public long ToLoop(long? unixTime) => unixTime is { } value ? LoopNow + (value - UnixNow) : PublicationView.Never;

    /// <summary>A message as the store takes it.</summary>
    public StoredMessage ToStore(Publication publication) => new()
    {
        Topic = publication.Topic,
        Properties = publication.Properties,
        Payload = publication.Payload.Span,
        QoS = publication.QoS,
        Retain = publication.Retain,
        PublisherId = publication.PublisherId,
        ReceivedAt = UnixNow,
        ExpiresAt = ToUnix(publication.ExpiresAt),
    };

    /// <summary>A message that comes from the store.</summary>
    /// <param name="message">The message.</param>
    /// <param name="id">Its number; 0 if it has none (retained messages and wills).</param>
    public Publication FromStore(in StoredMessage message, long id = 0)
    {
        var view = new PublicationView
        {
            Topic = message.Topic,
            Properties = message.Properties,
            Payload = message.Payload,
            QoS = message.QoS,
            Retain = message.Retain,
            ExpiresAt = ToLoop(message.ExpiresAt),
        };
        return new Publication(view, null, message.PublisherId) { Record = id == 0 ? null : new MessageRecord(id) };
    }

    private long LoopNow => (long)((Int128)time.GetTimestamp() * 1000 / time.TimestampFrequency);
}
