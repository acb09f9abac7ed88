// Closed loop: how far the messages of one publisher have got with the receivers on one loop. A message is through when each of them has
// passed it; that a message was passed over, because a later one came first, counts too: a lost message must not stop the publisher for ever.
namespace Godwit.Bench;

internal sealed class DeliveryProgress
{
    private readonly int _receivers;
    private readonly int[] _counts;
    private long _through;

    /// <param name="receivers">How many there are on this loop.</param>
    /// <param name="window">How many messages may be under way.</param>
    public DeliveryProgress(int receivers, int window)
    {
        _receivers = receivers;
        _counts = receivers == 1 ? [] : new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)window + 1)];
    }

    /// <summary>All messages below this one are through. May be read on other loops.</summary>
    public long Through => Volatile.Read(ref _through);

    /// <summary>A receiver that had passed all below <paramref name="from"/> has now passed all below <paramref name="to"/>.</summary>
    /// <returns>Whether <see cref="Through"/> has changed.</returns>
    public bool Pass(long from, long to)
    {
        if (_receivers == 1)
        {
            if (to <= _through) return false;
            Volatile.Write(ref _through, to);
            return true;
        }
        long through = _through;
        if (to - through > _counts.Length)
        {
            // The publisher has given up waiting for what was lost.
            through = to - _counts.Length;
            for (long i = _through; i < Math.Min(through, _through + _counts.Length); i++) _counts[i & (_counts.Length - 1)] = 0;
        }
        for (long i = Math.Max(from, through); i < to; i++) _counts[i & (_counts.Length - 1)]++;
        while (through < to && _counts[through & (_counts.Length - 1)] >= _receivers)
        {
            _counts[through & (_counts.Length - 1)] = 0;
            through++;
        }
        if (through == _through) return false;
        Volatile.Write(ref _through, through);
        return true;
    }

    /// <summary>One more message is through, whichever it was: for receivers that share the messages.</summary>
    public void PassOne() => Volatile.Write(ref _through, _through + 1);

    /// <summary>Begins again, for the next phase.</summary>
    public void Reset()
    {
        Array.Clear(_counts);
        Volatile.Write(ref _through, 0);
    }
}
