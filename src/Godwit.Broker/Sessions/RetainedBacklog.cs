using Godwit.Broker.Connections;
using Godwit.Broker.Retained;
using Godwit.Broker.Routing;
using Godwit.Protocol;

namespace Godwit.Broker.Sessions;

/// <summary>
/// Retained messages on their way to new subscriptions. They are looked up one by one and sent as fast as the client takes them: none is
/// dropped, and only some that have to be stored first are queued, however many there are, and a subscription that waits costs no more than
/// its place in the line. When the connection ends before the session does, the rest comes on the next one. <c>[MQTT-4.1.0-1]</c>
/// </summary>
internal sealed class RetainedBacklog(ClientSession session)
{
    private readonly HashSet<Subscription> _inLine = [];
    private Queue<Subscription> _line = [];
    private RetainedCursor? _cursor; // over the messages of the first in line, once its turn has come
    private Publication? _held; // the one that there was no room for

    /// <summary>Places in the line.</summary>
    public int Length => _line.Count;

    private RetainedStore Store => session.Shard.Broker.Retained;

    private long Now => session.Shard.Loop.Now;

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

    /// <summary>The session is over.</summary>
    public void End()
    {
        CloseCursor();
        _line.Clear();
        _inLine.Clear();
    }

    /// <summary>Sends what there is room for; called again when output has drained or messages have been acknowledged.</summary>
    public void Pump()
    {
        if (session.Connection is not { } connection) return;
        while (Next() is { } message)
        {
            Subscription subscription = _line.Peek();
            QoS qos = subscription.Options.DeliveryQoS(message.QoS);
            if (connection.IsOutputFull || (qos != QoS.AtMostOnce && (!session.Deliveries.CanSend || (session.QueuedMessages > 0 && !session.Deliveries.MayWaitForStore(message.Size)))))
            {
                _held = message;
                return;
            }
            session.Shard.RetainedTurns.Charge(message.Size);
            PublicationView view = message.View();
            session.Offer(ref view, qos, retain: true, subscription.Identifiers, null); // 3.1.1: [MQTT-3.3.1-8]
        }
        if (_line.Count == 0) session.Backlog = null;
        else session.Shard.RetainedTurns.Wait(this);
    }

    // The first in line's next message; null at the end of the line or of this turn's share.
    private Publication? Next()
    {
        RetainedTurns turns = session.Shard.RetainedTurns;
        while (_line.TryPeek(out Subscription? subscription))
        {
            if (_inLine.Remove(subscription)) _cursor = Store.Open(subscription.Filter);
            while (_cursor is { } cursor && subscription.Entry is not null) // unless it has unsubscribed meanwhile
            {
                if (turns.VisitsLeft <= 0) return null;
                Publication? message = _held is null ? Store.Next(cursor, Now, ref turns.VisitsLeft) : Renewed();
                if (message is not null && !IsOwn(subscription, message)) return message;
                if (message is null && cursor.Node is null && _held is null) break;
            }
            CloseCursor();
            _line.Dequeue();
        }
        return null;
    }

    // What was replaced while it waited is sent as it is now: it has gone out as a live message too, unless that was dropped. The client
    // may see the new one twice, but never the old one after it, and never none.
    private Publication? Renewed()
    {
        Publication? message = Store.Find(_held!.Topic, Now);
        _held = null;
        return message;
    }

    private void CloseCursor()
    {
        if (_cursor is not null) Store.Close(_cursor);
        _cursor = null;
        _held = null;
    }

    private static bool IsOwn(Subscription subscription, Publication message) =>
        subscription.Options.NoLocal && message.PublisherId == subscription.Session.ClientId; // 5.0: [MQTT-3.8.3-3]
}
