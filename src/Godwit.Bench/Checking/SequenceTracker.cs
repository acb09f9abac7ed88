// What has come of one publisher's sequence 0, 1, 2, ... In order, which is nearly always, that is one comparison. Only a gap makes a bitmap
// of the last messages, so that a late one and a repeated one can be told apart.
namespace Godwit.Bench;

/// <summary>What a message's arrival means.</summary>
internal enum Arrival
{
    /// <summary>The one that was expected.</summary>
    InOrder,

    /// <summary>Some before it have not come yet.</summary>
    AfterGap,

    /// <summary>A later one came before it.</summary>
    Late,

    /// <summary>It has come before; also one so late that this is not known any more.</summary>
    Duplicate,
}

internal struct SequenceTracker
{
    /// <summary>How far back it is known which messages are missing.</summary>
    public const int Memory = 32_768;

    private ulong[]? _missing;

    /// <summary>One more than the highest that has come.</summary>
    public long Next { get; private set; }

    /// <summary>Notes a message.</summary>
    public Arrival Accept(long sequence)
    {
        if (sequence == Next)
        {
            if (_missing is not null) Set(_missing, sequence, false);
            Next++;
            return Arrival.InOrder;
        }
        if (sequence > Next)
        {
            _missing ??= new ulong[Memory / 64];
            for (long i = Math.Max(Next, sequence - Memory + 1); i < sequence; i++) Set(_missing, i, true);
            Set(_missing, sequence, false);
            Next = sequence + 1;
            return Arrival.AfterGap;
        }
        if (_missing is null || sequence < Next - Memory || !IsSet(_missing, sequence)) return Arrival.Duplicate;
        Set(_missing, sequence, false);
        return Arrival.Late;
    }

    private static bool IsSet(ulong[] bits, long sequence) => (bits[sequence % Memory / 64] >> (int)(sequence % 64) & 1) != 0;

    private static void Set(ulong[] bits, long sequence, bool isMissing)
    {
        ref ulong word = ref bits[sequence % Memory / 64];
        ulong bit = 1ul << (int)(sequence % 64);
        if (isMissing) word |= bit;
        else word &= ~bit;
    }
}
