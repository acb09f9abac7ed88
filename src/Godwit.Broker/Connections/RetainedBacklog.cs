using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

/// <summary>
/// Retained messages on their way to a new subscription. They are sent as fast as the client takes them: nothing of them is queued or
/// dropped, however many there are.
/// </summary>
internal sealed class RetainedBacklog(ClientConnection connection)
{
    private readonly Queue<Batch> _batches = [];
    private bool _isLate;

    public void Add(IEnumerable<Publication> messages, SubscriptionOptions options, uint identifier) =>
        _batches.Enqueue(new Batch([.. messages], options.MaximumQoS, identifier == 0 ? null : [identifier]));

    /// <summary>Sends what there is room for; called again when output has drained or messages have been acknowledged.</summary>
    public void Pump()
    {
        ClientSession session = connection.Session!;
        while (_batches.TryPeek(out Batch? batch))
        {
            while (batch.Next < batch.Messages.Length)
            {
                // What was replaced meanwhile is sent as it is now. It has gone out as a live message too, unless that was dropped: the
                // client may see the new one twice, but never the old one after it, and never none.
                Publication? message = batch.Messages[batch.Next];
                if (_isLate) message = connection.Shard.Broker.Retained.Find(message.Topic, connection.Shard.Loop.Now);
                if (message is null)
                {
                    batch.Next++;
                    continue;
                }
                QoS qos = message.QoS < batch.MaximumQoS ? message.QoS : batch.MaximumQoS;
                if (connection.IsOutputFull || (qos != QoS.AtMostOnce && (!session.Outbound.CanSend || session.QueuedMessages > 0)))
                {
                    _isLate = true;
                    return;
                }
                batch.Next++;
                PublicationView view = message.View();
                session.Offer(ref view, qos, retain: true, batch.Identifiers, null); // [MQTT-3.3.1-8]
            }
            _batches.Dequeue();
        }
        connection.Backlog = null;
    }

    private sealed record Batch(Publication[] Messages, QoS MaximumQoS, uint[]? Identifiers)
    {
        public int Next { get; set; }
    }
}
