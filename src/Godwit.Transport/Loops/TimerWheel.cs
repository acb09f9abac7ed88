// Hierarchical timer wheel. Level n has 64 lists, each 64^n milliseconds wide; a timer sits on the level of the highest base-64 digit
// in which its deadline differs from the wheel's time. Scheduling and cancelling are O(1); a timer moves down at most once per level.
// Because all deadlines lie ahead and differ first in that digit, nothing ever wraps around: the first occupied list of the lowest
// occupied level is always the next one to look at. Timers fire in the order of their deadlines, equal ones in the order scheduled.
using System.Numerics;

namespace Godwit.Transport;

internal sealed class TimerWheel
{
    public const int NotScheduled = -1;

    private const int DigitBits = 6;
    private const int ListsPerLevel = 1 << DigitBits;
    private const int Levels = 11; // 11 digits of 6 bits cover every positive long
    private const int OverdueList = Levels * ListsPerLevel;
    private const int FiringList = OverdueList + 1;

    private readonly (LoopTimer? First, LoopTimer? Last)[] _lists = new (LoopTimer?, LoopTimer?)[FiringList + 1];
    private readonly ulong[] _occupied = new ulong[Levels];
    private int _occupiedLevels;
    private long _time;

    public TimerWheel(long now) => _time = now;

    /// <summary>When to look again at the latest, or null if nothing is scheduled. Never later than the first deadline.</summary>
    public long? NextDue
    {
        get
        {
            if (_lists[OverdueList].First is not null || _lists[FiringList].First is not null) return _time;
            return _occupiedLevels == 0 ? null : StartOfFirst(out _);
        }
    }

    public void Schedule(LoopTimer timer, long due)
    {
        Cancel(timer);
        timer.Due = due;
        if (due <= _time) Append(OverdueList, timer);
        else Place(timer);
    }

    public void Cancel(LoopTimer timer)
    {
        int index = timer.List;
        if (index == NotScheduled) return;
        ref (LoopTimer? First, LoopTimer? Last) list = ref _lists[index];
        if (timer.Previous is null) list.First = timer.Next;
        else timer.Previous.Next = timer.Next;
        if (timer.Next is null) list.Last = timer.Previous;
        else timer.Next.Previous = timer.Previous;
        timer.Previous = timer.Next = null;
        timer.List = NotScheduled;
        if (list.First is null) MarkEmpty(index);
    }

    /// <summary>Fires everything due by <paramref name="now"/>; what callbacks schedule for then or earlier waits for the next call.</summary>
    /// <returns>Whether anything fired.</returns>
    public bool Advance(long now, EventLoop loop)
    {
        bool fired = false;
        if (_lists[OverdueList].First is not null || _lists[FiringList].First is not null) fired |= Fire(OverdueList, loop);
        while (_occupiedLevels != 0)
        {
            long start = StartOfFirst(out int index);
            if (start > now) break;
            _time = start;
            if (index < ListsPerLevel) fired |= Fire(index, loop);
            else MoveDown(index);
        }
        if (now > _time) _time = now;
        return fired;
    }

    private long StartOfFirst(out int index)
    {
        int level = BitOperations.TrailingZeroCount(_occupiedLevels);
        int digit = BitOperations.TrailingZeroCount(_occupied[level]);
        index = level * ListsPerLevel + digit;
        int shift = level * DigitBits;
        long above = level + 1 == Levels ? 0 : _time >> (shift + DigitBits) << (shift + DigitBits);
        return above | (long)digit << shift;
    }

    private bool Fire(int index, EventLoop loop)
    {
        Take(index, FiringList);
        bool fired = false;
        while (_lists[FiringList].First is { } timer)
        {
            Cancel(timer);
            fired = true;
            try
            {
                timer.OnDue(loop);
            }
            catch (Exception exception)
            {
                loop.OnUnexpected(exception);
            }
        }
        return fired;
    }

    private void MoveDown(int index)
    {
        LoopTimer? timer = _lists[index].First;
        _lists[index] = default;
        MarkEmpty(index);
        while (timer is not null)
        {
            LoopTimer? next = timer.Next;
            timer.Previous = timer.Next = null;
            Place(timer);
            timer = next;
        }
    }

    private void Place(LoopTimer timer)
    {
        ulong difference = (ulong)(_time ^ timer.Due);
        int level = difference == 0 ? 0 : BitOperations.Log2(difference) / DigitBits;
        int digit = (int)(timer.Due >> (level * DigitBits)) & (ListsPerLevel - 1);
        Append(level * ListsPerLevel + digit, timer);
        _occupied[level] |= 1ul << digit;
        _occupiedLevels |= 1 << level;
    }

    private void Append(int index, LoopTimer timer)
    {
        ref (LoopTimer? First, LoopTimer? Last) list = ref _lists[index];
        timer.List = index;
        timer.Previous = list.Last;
        if (list.Last is null) list.First = timer;
        else list.Last.Next = timer;
        list.Last = timer;
    }

    // Only the firing list has timers while their callbacks run, so that a callback may cancel or re-schedule any of them.
    private void Take(int from, int to)
    {
        LoopTimer? timer = _lists[from].First;
        _lists[from] = default;
        MarkEmpty(from);
        while (timer is not null)
        {
            LoopTimer? next = timer.Next;
            timer.Previous = timer.Next = null;
            Append(to, timer);
            timer = next;
        }
    }

    private void MarkEmpty(int index)
    {
        if (index >= OverdueList) return;
        int level = index / ListsPerLevel;
        _occupied[level] &= ~(1ul << (index % ListsPerLevel));
        if (_occupied[level] == 0) _occupiedLevels &= ~(1 << level);
    }
}
