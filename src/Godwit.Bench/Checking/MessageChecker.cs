// Looks at every message that one subscriber gets: is it one of this phase's, whole, new, and in its publisher's order?
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class MessageChecker : IMessageChecker
{
    private readonly MessageLoad _load;
    private readonly MessagePlan _plan;
    private readonly byte[] _topic, _filler;
    private readonly int _first; // the first publisher whose messages come here
    private readonly SequenceTracker[] _trackers;
    private readonly long[] _highest; // shared: of what came to this member

    public MessageChecker(MessageLoad load, int subscriber)
    {
        _load = load;
        _plan = load.Plan;
        _first = _plan.IsPaired ? subscriber : 0;
        _topic = _plan.TopicBytes(_first);
        Expected = new ExpectedPublish(_plan.TopicOf(_first), _plan.QoS, _plan.Payload.Bytes.Length, _plan.Options.Version);
        _filler = _plan.Level == StampLevel.Full ? _plan.Payload.Bytes[MessageStamp.FullSize..] : [];
        _trackers = new SequenceTracker[_plan.IsPaired ? 1 : _plan.Publishers];
        _highest = _plan.IsShared ? new long[_plan.Publishers] : [];
    }

    /// <summary>What is to come here.</summary>
    public ExpectedPublish Expected { get; }

    /// <summary>Messages that came to this subscriber in this phase.</summary>
    public long Received { get; private set; }

    public void BeginPhase()
    {
        Received = 0;
        Array.Clear(_trackers);
        Array.Fill(_highest, -1);
    }

    public void OnMessage(SubscriberConnection subscriber, in PublishPacket message, long now)
    {
        if (message.QoS != _plan.QoS || message.Payload.Length != _plan.Payload.Bytes.Length || !message.Topic.SequenceEqual(_topic))
            _load.Owner.Tally.Corrupt++;
        else
            OnPayload(message.Payload, message.Dup, now);
    }

    /// <summary>A message of the right topic, QoS and size.</summary>
    public void OnPayload(ReadOnlySpan<byte> payload, bool dup, long now)
    {
        Tally tally = _load.Owner.Tally;
        MessageStamp stamp = MessageStamp.Read(payload, _plan.Level);
        if (_plan.Level != StampLevel.Full)
        {
            // Nobody can tell whose message it is: as if the publishers took turns.
            OnUnnumbered(now, stamp.Time);
            return;
        }
        if (stamp.Run != _load.RunTag)
        {
            if (stamp.Run >> 8 == _load.RunTag >> 8) tally.Stragglers++;
            else tally.Corrupt++;
            return;
        }
        int index = stamp.Publisher - _first;
        if ((uint)index >= (uint)_trackers.Length || !payload[MessageStamp.FullSize..].SequenceEqual(_filler))
        {
            tally.Corrupt++;
            return;
        }
        if (_plan.IsShared) OnShared(stamp, dup, now);
        else OnNumbered(ref _trackers[index], stamp, dup, now);
    }

    private void OnNumbered(ref SequenceTracker tracker, in MessageStamp stamp, bool dup, long now)
    {
        long before = tracker.Next;
        if (!Count(tracker.Accept(stamp.Sequence), dup)) return;
        Note(stamp.Time, now);
        if (!_load.IsOpenLoop && tracker.Next != before) _load.Pass(stamp.Publisher, before, tracker.Next);
    }

    // Members get what others do not, so a gap means nothing; but what one member gets is in order.
    private void OnShared(in MessageStamp stamp, bool dup, long now)
    {
        Arrival arrival = _load.SharedTrackers![stamp.Publisher].Accept(stamp.Sequence);
        if (arrival != Arrival.Duplicate) arrival = stamp.Sequence > _highest[stamp.Publisher] ? Arrival.InOrder : Arrival.Late;
        if (!Count(arrival, dup)) return;
        _highest[stamp.Publisher] = Math.Max(_highest[stamp.Publisher], stamp.Sequence);
        Note(stamp.Time, now);
        _load.PassOne(stamp.Publisher);
    }

    private void OnUnnumbered(long now, long time)
    {
        (long turn, long index) = Math.DivRem(Received, _trackers.Length);
        Note(_plan.Level == StampLevel.Time ? time : -1, now);
        if (_load.IsOpenLoop) return;
        if (_plan.IsShared) _load.PassOne((int)index);
        else _load.Pass(_first + (int)index, turn, turn + 1);
    }

    private bool Count(Arrival arrival, bool dup)
    {
        Tally tally = _load.Owner.Tally;
        if (arrival == Arrival.Late) tally.OutOfOrder++;
        if (arrival != Arrival.Duplicate) return true;
        if (dup) tally.MarkedDuplicates++;
        else tally.Duplicates++;
        return false;
    }

    private void Note(long time, long now)
    {
        BenchLoop owner = _load.Owner;
        Received++;
        owner.Tally.Received++;
        owner.LastProgress = now;
        if (time >= 0) owner.Latency.Record(now - time);
    }
}
