// A shared subscription (MQTT 5 section 4.8.2): every message goes to one of its members. It has a home loop of its own, where the
// choice is made: the next member in turn that is connected and has room in its receive window. While nobody has room, QoS 1 and 2
// messages wait here, not with a member that may never come back.
using System.Text;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Routing;

internal sealed class SharedGroup(string shareName, byte[] filter, Shard home)
{
    private readonly List<SharedMember> _members = [];
    private readonly LinkedList<Publication> _waiting = [];
    private LossAccount? _losses;
    private long _waitingBytes;
    private int _next;

    public string ShareName { get; } = shareName;

    /// <summary>The filter without <c>$share/NAME/</c>.</summary>
    public byte[] Filter { get; } = filter;

    /// <summary>Where the group's state lives.</summary>
    public Shard Home { get; } = home;

    /// <summary>Members by the index's count, under its lock.</summary>
    public int MemberCount { get; set; }

    /// <summary>On the home loop: messages that wait for a member to have room.</summary>
    public int WaitingMessages => _waiting.Count;

    public void Join(SharedMember member) => Home.Loop.PostOrRun(() => _members.Add(member));

    /// <summary>Called after the index has been told, so that the home loop knows whether the last member has gone.</summary>
    public void Leave(SharedMember member) => Home.Loop.PostOrRun(() =>
    {
        _members.Remove(member);
        if (IsOver) DropAll(DropReason.SessionEnded);
    });

    /// <summary>On the home loop: counts everything that waits as lost.</summary>
    public void DropAll(DropReason reason)
    {
        foreach (Publication publication in _waiting) Drop(reason, publication);
        _waiting.Clear();
        _waitingBytes = 0;
    }

    /// <summary>On the home loop: a message for one of the members.</summary>
    public void Offer(ref PublicationView view)
    {
        // Waiting messages go first, but QoS 0 needs no room in a receive window and is not held up by those that do.
        bool mayGo = _waiting.Count == 0 || view.QoS == QoS.AtMostOnce;
        if (mayGo && Choose(view.QoS) is { } member)
        {
            Give(ref view, member);
        }
        else if (view.QoS == QoS.AtMostOnce)
        {
            Drop(DropReason.NoMemberAvailable, view);
        }
        else
        {
            Wait(view.Keep(), first: false);
        }
    }

    /// <summary>On the home loop: gives waiting messages to members that have room again.</summary>
    public void Pump()
    {
        while (_waiting.First is { } first && Choose(first.Value.QoS) is { } member)
        {
            Publication publication = Unwait(first);
            if (publication.ExpiresAt <= Home.Loop.Now)
            {
                Drop(DropReason.Expired, publication);
                continue;
            }
            PublicationView view = publication.View();
            Give(ref view, member);
        }
    }

    /// <summary>On the home loop: messages that a member gave back, in their order; they go before those that came later.</summary>
    public void TakeBack(List<Publication> publications)
    {
        for (int i = publications.Count - 1; i >= 0; i--) Wait(publications[i], first: true);
    }

    private void Give(ref PublicationView view, SharedMember member)
    {
        Shard shard = member.Session.Shard;
        if (view.QoS == QoS.AtMostOnce && Home.IsCongested(shard))
        {
            Drop(DropReason.NoMemberAvailable, view); // its publisher is on a third loop and does not know
            return;
        }
        if (view.QoS != QoS.AtMostOnce) member.Outstanding++;
        if (shard == Home) member.Deliver(ref view);
        else Home.Mail(ref view, shard, member);
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

    private void Wait(Publication publication, bool first)
    {
        if (IsOver)
        {
            Drop(DropReason.SessionEnded, publication);
            return;
        }
        if (first) _waiting.AddFirst(publication);
        else _waiting.AddLast(publication);
        _waitingBytes += publication.Size;
        while (_waiting.Count > Home.Options.MaximumQueuedMessages || _waitingBytes > Home.Options.MaximumQueuedBytes)
        {
            Drop(DropReason.QueueFull, Unwait(Home.Options.OverflowPolicy == OverflowPolicy.DropOldest ? _waiting.First! : _waiting.Last!));
        }
    }

    private void Drop(DropReason reason, Publication publication) =>
        Drop(publication.ExpiresAt <= Home.Loop.Now ? DropReason.Expired : reason, publication.View());

    // As long as no member has been chosen it is the shared subscription's loss.
    private void Drop(DropReason reason, in PublicationView view) =>
        Home.Losses.Add(_losses ??= new LossAccount($"$share/{ShareName}/{Encoding.UTF8.GetString(Filter)}"), reason, view, view.QoS);

    private Publication Unwait(LinkedListNode<Publication> node)
    {
        _waiting.Remove(node);
        _waitingBytes -= node.Value.Size;
        return node.Value;
    }
}
