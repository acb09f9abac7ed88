using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

/// <summary>
/// Retained messages on their way to new subscriptions. They are sent as fast as the client takes them: none is queued or dropped, however
/// many there are, and a subscription that waits costs no more than its place in the line.
/// </summary>
internal sealed class RetainedBacklog(ClientConnection connection)
{
    private readonly Queue<Subscription> _line = [];
    private readonly HashSet<Subscription> _inLine = [];
    private readonly List<Publication> _messages = []; // those of the first in line, once its turn has come
    private int _next;
    private bool _isLate;

    /// <summary>A subscription that is to get the retained messages; one that waits already gets them once.</summary>
    public void Add(Subscription subscription)
    {
        if (_inLine.Add(subscription)) _line.Enqueue(subscription);
    }

    /// <summary>Sends what there is room for; called again when output has drained or messages have been acknowledged.</summary>
    public void Pump()
    {
        while (_line.TryPeek(out Subscription? subscription))
        {
            if (_inLine.Remove(subscription)) connection.Shard.Broker.Retained.Match(subscription.Filter, connection.Shard.Loop.Now, _messages);
            while (_next < _messages.Count && subscription.Entry is not null) // unless it has unsubscribed meanwhile
            {
                if (!TrySend(subscription)) return;
            }
            _messages.Clear();
            _next = 0;
            _isLate = false;
            _line.Dequeue();
        }
        connection.Backlog = null;
    }

    private bool TrySend(Subscription subscription)
    {
        // What was replaced meanwhile is sent as it is now. It has gone out as a live message too, unless that was dropped: the client may
        // see the new one twice, but never the old one after it, and never none.
        Publication? message = _messages[_next];
        if (_isLate) message = connection.Shard.Broker.Retained.Find(message.Topic, connection.Shard.Loop.Now);
        if (message is not null)
        {
            ClientSession session = connection.Session!;
            QoS qos = message.QoS < subscription.Options.MaximumQoS ? message.QoS : subscription.Options.MaximumQoS;
            if (connection.IsOutputFull || (qos != QoS.AtMostOnce && (!session.Outbound.CanSend || session.QueuedMessages > 0)))
            {
                _isLate = true;
                return false;
            }
            PublicationView view = message.View();
            session.Offer(ref view, qos, retain: true, subscription.Identifiers, null); // [MQTT-3.3.1-8]
        }
        _next++;
        return true;
    }
}
