// A shared subscription (MQTT 5 section 4.8.2): every message goes to one of its members. It has a home loop of its own, where the
// choice is made: the next member in turn that is connected and has room in its receive window. While nobody has room, QoS 1 and 2
// messages wait here, not with a member that may never come back.
using System.Text;
using Godwit.Broker.Durability;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Broker.Routing;

internal sealed class SharedGroup(string shareName, byte[] filter, Shard home) : IQueueOwner
{
    private readonly List<SharedMember> _members = [];
    private readonly LinkedList<Delivery> _waiting = [];
    private DurableQueue? _durable; // once a member's session is stored
    private LossAccount? _losses;
    private long _waitingBytes;
    private int _next;
    private bool _isAwaitingStore;

    public string ShareName { get; } = shareName;

    /// <summary>The filter without <c>$share/NAME/</c>.</summary>
    public byte[] Filter { get; } = filter;

    /// <summary>Where the group's state lives.</summary>
    public Shard Home { get; } = home;

    /// <summary>The number of its queue in the store; 0 while it has none.</summary>
    public long QueueNumber => _durable?.Number ?? 0;

    /// <summary>Members by the index's count, under its lock.</summary>
    public int MemberCount { get; set; }

    /// <summary>On the home loop: messages that wait for a member to have room.</summary>
    public long WaitingMessages => _waiting.Count + (_durable?.StoredOnly ?? 0);

    public void Join(SharedMember member) => Home.Loop.PostOrRun(() =>
    {
        _members.Add(member);
        if (member.IsDurable && _durable is null && Home.Store is { } store)
        {
            _durable = new DurableQueue(store, this, Home.Broker.NextQueue());
            store.Add(new StoreOperation { Kind = StoreOperationKind.PutSharedQueue, Queue = _durable.Number, Item = this });
        }
    });

    /// <summary>Called after the index has been told, so that the home loop knows whether the last member has gone.</summary>
    public void Leave(SharedMember member) => Home.Loop.PostOrRun(() =>
    {
        _members.Remove(member);
        if (!IsOver) return;
        DropAll(DropReason.SessionEnded);
        if (_durable is not { } queue) return;
        queue.End();
        Home.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveSharedQueue, Queue = queue.Number });
        _durable = null;
    });

    /// <summary>On the home loop: counts everything that waits as lost.</summary>
    public void DropAll(DropReason reason)
    {
        foreach (Delivery delivery in _waiting)
        {
            Drop(reason, delivery);
            delivery.Publication!.Unhold(Home.Counters);
        }
        if (_durable is { StoredOnly: > 0 } queue) Home.Losses.Add(Losses, reason, queue.StoredOnly, queue.StoredOnlyBytes);
        _waiting.Clear();
        _waitingBytes = 0;
    }

    /// <summary>After a restart: its queue in the store.</summary>
    public void Restore(long queue) => _durable = new DurableQueue(Home.Store!, this, queue);

    /// <summary>After a restart: what waits there. It comes when a member does.</summary>
    public void Restore(in StoredQueue queue) => _durable!.Restore(queue.Count, queue.Bytes, queue.LastSequence, 0);

    /// <summary>On the home loop: a message for one of the members.</summary>
    public void Offer(ref PublicationView view)
    {
        // Waiting messages go first, but QoS 0 needs no room in a receive window and is not held up by those that do.
        bool mayGo = view.QoS == QoS.AtMostOnce || (_waiting.Count == 0 && _durable is null or { StoredOnly: 0 });
        if (mayGo && Choose(view.QoS) is { } member) Give(ref view, member, 0);
        else if (view.QoS == QoS.AtMostOnce) Drop(DropReason.NoMemberAvailable, view);
        else Wait(_durable is null ? view.Keep() : view.KeepRecorded(), null);
    }

    /// <summary>On the home loop: gives waiting messages to members that have room again.</summary>
    public void Pump()
    {
        while (_waiting.First is { } first)
        {
            Delivery delivery = first.Value;
            Publication publication = delivery.Publication!;
            if (publication.ExpiresAt <= Home.Loop.Now)
            {
                Drop(DropReason.Expired, delivery);
                Unwait(first);
                _durable?.Remove(delivery);
                continue;
            }
            if (delivery.Sequence > 0 && !(publication.Record!.IsStored && Home.Store!.IsCommitted(delivery.Ticket)))
            {
                WaitForStore();
                return;
            }
            if (Choose(publication.QoS) is not { } member) return;
            Unwait(first);
            PublicationView view = publication.View();
            Give(ref view, member, delivery.Sequence);
        }
        _durable?.Read(0);
    }

    /// <summary>On the home loop: the store has messages of the queue.</summary>
    public void OnRead(List<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries) Insert(delivery, null);
        Pump();
    }

    /// <summary>Something was committed: perhaps what the first message waited for.</summary>
    public void OnStored()
    {
        _isAwaitingStore = false;
        Pump();
    }

    /// <summary>On the home loop: messages that a member gave back, in their order; they go before those that came later.</summary>
    public void TakeBack(List<ReturnedDelivery> returned)
    {
        LinkedListNode<Delivery>? first = _waiting.First; // in front of which they go
        foreach (ReturnedDelivery delivery in returned)
        {
            MessageRecord? record = delivery.Publication.Record;
            if (delivery.GroupPlace != 0 && !IsOver) Insert(Waiting(delivery.Publication) with { Sequence = delivery.GroupPlace }, first);
            else Wait(delivery.Publication, first);
            if (delivery.SessionPlace != 0)
            {
                Home.Store!.Add(new StoreOperation
                {
                    Kind = StoreOperationKind.RemoveDelivery,
                    Queue = delivery.SessionQueue,
                    Sequence = delivery.SessionPlace,
                    Item = record,
                });
            }
            if (record is not null) Home.Leave(record);
        }
        if (returned.Find(delivery => delivery.Returns is not null).Returns is { } returns)
            returns.OnReturned(Home, returned.Count(delivery => delivery.Returns is not null));
    }

    private void Give(ref PublicationView view, SharedMember member, long place)
    {
        Shard shard = member.Session.Shard;
        if (view.QoS == QoS.AtMostOnce && Home.IsCongested(shard))
        {
            Drop(DropReason.NoMemberAvailable, view); // its publisher is on a third loop and does not know
            return;
        }
        if (view.QoS != QoS.AtMostOnce) member.Outstanding++;
        if (shard == Home) member.Deliver(ref view, place);
        else Home.Mail(ref view, shard, member, place);
    }

    // A message moves from the group's queue to a member's only once it is there: the member's loop removes it here and adds it there at
    // once, so that after a crash it is in one of them, and in one only.
    private void WaitForStore()
    {
        if (!_isAwaitingStore) Home.Store!.Wait(this);
        _isAwaitingStore = true;
    }

    private SharedMember? Choose(QoS qos)
    {
        for (int i = 0; i < _members.Count; i++)
        {
            if (_next >= _members.Count) _next = 0;
            SharedMember member = _members[_next++];
            if (qos == QoS.AtMostOnce ? member.IsOnline : member.HasRoom) return member;
        }
        return null;
    }

    // Without members the index forgets the group: who joins later is in a new one.
    private bool IsOver => MemberCount == 0;

    private static Delivery Waiting(Publication publication) => new(publication, publication.QoS, publication.Retain, null, null);

    private void Wait(Publication publication, LinkedListNode<Delivery>? before)
    {
        if (IsOver)
        {
            Drop(DropReason.SessionEnded, Waiting(publication));
            return;
        }
        Delivery delivery = Waiting(publication);
        if (_durable is { } queue)
        {
            publication.MakeRecord(isSynced: false); // unless it has one
            delivery = queue.Add(delivery);
            if (queue.IsMemoryFull(before is null ? _waiting.Count : 0, before is null ? _waitingBytes : 0))
            {
                if (queue.StoredOnly < Home.Options.MaximumStoredMessages && queue.StoredOnlyBytes < Home.Options.MaximumStoredBytes)
                {
                    queue.LeaveInStore(delivery);
                    return;
                }
                Drop(DropReason.QueueFull, delivery);
                queue.Remove(delivery);
                return;
            }
        }
        Insert(delivery, before);
        while (IsFull || (Home.Memory.IsShedding && _durable is null && _waiting.Count > 1))
        {
            DropReason reason = IsFull ? DropReason.QueueFull : DropReason.Memory;
            Delivery dropped = Unwait(Home.Options.OverflowPolicy == OverflowPolicy.DropOldest ? _waiting.First! : _waiting.Last!);
            Drop(reason, dropped);
            _durable?.Remove(dropped);
            if (reason == DropReason.Memory) return; // one goes for each that comes
        }
    }

    private bool IsFull => _waiting.Count > Home.Options.MaximumQueuedMessages || _waitingBytes > Home.Options.MaximumQueuedBytes;

    private void Insert(in Delivery delivery, LinkedListNode<Delivery>? before)
    {
        if (before is null) _waiting.AddLast(delivery);
        else _waiting.AddBefore(before, delivery);
        _waitingBytes += delivery.Size;
        delivery.Publication!.Hold(Home.Counters);
    }

    // As long as no member has been chosen it is the shared subscription's loss.
    private LossAccount Losses => _losses ??= new LossAccount($"$share/{ShareName}/{Encoding.UTF8.GetString(Filter)}");

    private void Drop(DropReason reason, in Delivery delivery) =>
        Drop(delivery.Publication!.ExpiresAt <= Home.Loop.Now ? DropReason.Expired : reason, delivery.Publication.View());

    private void Drop(DropReason reason, in PublicationView view) => Home.Losses.Add(Losses, reason, view, view.QoS);

    private Delivery Unwait(LinkedListNode<Delivery> node)
    {
        _waiting.Remove(node);
        _waitingBytes -= node.Value.Size;
        node.Value.Publication!.Unhold(Home.Counters);
        return node.Value;
    }
}
