using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Storage.Bench;

/// <summary>The rows that are written: a message of 200 bytes for one of so many queues.</summary>
internal static class Rows
{
    public const long Now = 1_700_000_000_000;
    public const int Size = 240;

    public static readonly byte[] Topic = [.. "sensors/building-7/kitchen/temperature"u8];
    public static readonly byte[] Payload = new byte[200];
    public static readonly byte[] PublisherBytes = [.. "publisher-000017"u8];

    private const string Publisher = "publisher-000017";

    public static int Queues { get; set; } = 1;

    public static long QueueOf(long message) => (message % Queues) + 1;

    public static StoredMessage Message => new()
    {
        Topic = Topic, Payload = Payload, QoS = QoS.AtLeastOnce, PublisherId = Publisher, ReceivedAt = Now,
    };

    public static StoredDelivery Delivery(long message) => new()
    {
        Queue = QueueOf(message), Sequence = message, MessageId = message, QoS = QoS.AtLeastOnce, Size = Size,
    };
}
