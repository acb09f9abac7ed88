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
    private Queue<Subscription> _line = [];
    private readonly HashSet<Subscription> _inLine = [];
    private readonly List<Publication> _messages = []; // those of the first in line, once its turn has come
    private int _next;
    private bool _isLate;

    /// <summary>Places in the line.</summary>
    public int Length => _line.Count;

    /// <summary>A subscription that is to get the retained messages; one that waits already gets them once.</summary>
    public void Add(Subscription subscription)
    {
        if (_inLine.Add(subscription)) _line.Enqueue(subscription);
    }

    /// <summary>The client has unsubscribed. Who comes and goes while the line stands still must not make it longer and longer.</summary>
    public void Remove(Subscription subscription)
    {
        if (!_inLine.Remove(subscription) || _line.Count < 64 || _line.Count < 2 * _inLine.Count) return;
        Subscription first = _line.Peek(); // its messages may be on their way
        _line = new Queue<Subscription>(_line.Where(waiting => waiting == first || _inLine.Contains(waiting)));
    }

    /// <summary>Sends what there is room for; called again when output has drained or messages have been acknowledged.</summary>
    public void Pump()
    {
        ClientSession session = connection.Session!;
        while (Next(session.Shard) is var (subscription, message))
        {
            QoS qos = message.QoS < subscription.Options.MaximumQoS ? message.QoS : subscription.Options.MaximumQoS;
            if (connection.IsOutputFull || (qos != QoS.AtMostOnce && (!session.CanSend || session.QueuedMessages > 0)))
            {
                _isLate = true;
                return;
            }
            Give(session, subscription, message, qos);
        }
        connection.Backlog = null;
    }

    /// <summary>The connection is gone and its session lives on: what needs an acknowledgement waits in its queue. <c>[MQTT-4.1.0-1]</c></summary>
    public void LeaveTo(ClientSession session)
    {
        _isLate = true;
        while (Next(session.Shard) is var (subscription, message))
            Give(session, subscription, message, message.QoS < subscription.Options.MaximumQoS ? message.QoS : subscription.Options.MaximumQoS);
    }

    // The message to be sent next, without taking it. What was replaced meanwhile is sent as it is now: it has gone out as a live message
    // too, unless that was dropped. The client may see the new one twice, but never the old one after it, and never none.
    private (Subscription, Publication)? Next(Shard shard)
    {
        while (_line.TryPeek(out Subscription? subscription))
        {
            if (_inLine.Remove(subscription)) shard.Broker.Retained.Match(subscription.Filter, shard.Loop.Now, _messages);
            for (; _next < _messages.Count && subscription.Entry is not null; _next++) // unless it has unsubscribed meanwhile
            {
                Publication? message = _messages[_next];
                if (_isLate) message = shard.Broker.Retained.Find(message.Topic, shard.Loop.Now);
                if (message is not null && !IsOwn(subscription, message)) return (subscription, message);
            }
            _messages.Clear();
            _next = 0;
            _isLate = false;
            _line.Dequeue();
        }
        return null;
    }

    private void Give(ClientSession session, Subscription subscription, Publication message, QoS qos)
    {
        _next++;
        PublicationView view = message.View();
        session.Offer(ref view, qos, retain: true, subscription.Identifiers, null); // [MQTT-3.3.1-8]
    }

    private static bool IsOwn(Subscription subscription, Publication message) =>
        subscription.Options.NoLocal && message.PublisherId == subscription.Session.ClientId; // 5.0: [MQTT-3.8.3-3]
}
