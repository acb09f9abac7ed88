using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Transport;

namespace Godwit.Broker.Connections;

/// <summary>
/// Retained messages on their way to new subscriptions. They are sent as fast as the client takes them: none is queued or dropped, however
/// many there are, and a subscription that waits costs no more than its place in the line.
/// </summary>
internal sealed class RetainedBacklog(ClientConnection connection) : ILoopWork
{
    // Retained messages that may be looked at in one turn; a filter can cost as much as there are, and one SUBSCRIBE can have 100,000.
    private const long MostVisitsAtOnce = 20_000;

    private Queue<Subscription> _line = [];
    private readonly HashSet<Subscription> _inLine = [];
    private readonly List<Publication> _messages = []; // those of the first in line, once its turn has come
    private int _next;
    private long _visitsLeft;
    private bool _isPosted;
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
        _visitsLeft = MostVisitsAtOnce;
        while (Next(session.Shard) is var (subscription, message))
        {
            QoS qos = subscription.Options.DeliveryQoS(message.QoS);
            if (connection.IsOutputFull || (qos != QoS.AtMostOnce && (!session.CanSend || session.QueuedMessages > 0)))
            {
                _isLate = true;
                return;
            }
            Give(session, subscription, message);
        }
        if (_line.Count == 0)
        {
            connection.Backlog = null;
        }
        else if (!_isPosted)
        {
            _isPosted = true;
            session.Shard.Loop.Post(this);
        }
    }

    /// <summary>In the next turn: goes on where <see cref="Pump"/> has left off.</summary>
    public void Run(EventLoop loop)
    {
        _isPosted = false;
        if (connection.Backlog == this) Pump();
    }

    /// <summary>
    /// The connection is gone and its session lives on. What had been looked up and needs an acknowledgement waits in the session's queue
    /// <c>[MQTT-4.1.0-1]</c>; the other subscriptions get their messages when the client is back.
    /// </summary>
    public void LeaveTo(ClientSession session)
    {
        _isLate = true;
        _visitsLeft = 0;
        while (session.HasQueueRoom && Next(session.Shard) is var (subscription, message))
            Give(session, subscription, message);
        foreach (Subscription waiting in _line) waiting.AwaitsRetained = true;
    }

    // The message to be sent next, without taking it; null at the end of the line or of this turn's share. What was replaced meanwhile is
    // sent as it is now: it has gone out as a live message too, unless that was dropped. The client may see the new one twice, but never
    // the old one after it, and never none.
    private (Subscription, Publication)? Next(Shard shard)
    {
        while (_line.TryPeek(out Subscription? subscription))
        {
            if (_inLine.Contains(subscription))
            {
                if (_visitsLeft <= 0) return null;
                _inLine.Remove(subscription);
                _visitsLeft -= TopicName.HasWildcard(subscription.Filter) ? shard.Broker.Retained.Count : 1;
                shard.Broker.Retained.Match(subscription.Filter, shard.Loop.Now, _messages);
            }
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

    private void Give(ClientSession session, Subscription subscription, Publication message)
    {
        _next++;
        PublicationView view = message.View();
        session.Offer(ref view, subscription.Options.DeliveryQoS(message.QoS), retain: true, subscription.Identifiers, null); // 3.1.1: [MQTT-3.3.1-8]
    }

    private static bool IsOwn(Subscription subscription, Publication message) =>
        subscription.Options.NoLocal && message.PublisherId == subscription.Session.ClientId; // 5.0: [MQTT-3.8.3-3]
}
