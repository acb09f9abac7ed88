// Two short byte strings side by side: the fewest replacements, insertions and removals that lead from one to the other.
namespace Godwit.Capture.Explain;

internal static class ByteAlignment
{
    /// <summary>How many steps lead from one to the other.</summary>
    public static int Distance(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        Trim(ref from, ref to);
        int[] row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++) row[j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int above = row[j];
                row[j] = from[i - 1] == to[j - 1] ? diagonal : 1 + Math.Min(diagonal, Math.Min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[to.Length];
    }

    /// <summary>The pairs of bytes in order; null on one side where the other has one more.</summary>
    public static List<(byte? From, byte? To)> Align(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = from.Length; i >= 0; i--)
        {
            for (int j = to.Length; j >= 0; j--)
            {
                cost[i, j] = i == from.Length ? to.Length - j : j == to.Length ? from.Length - i
                    : from[i] == to[j] ? cost[i + 1, j + 1]
                    : 1 + Math.Min(cost[i + 1, j + 1], Math.Min(cost[i + 1, j], cost[i, j + 1]));
            }
        }
        var pairs = new List<(byte?, byte?)>();
        for (int i = 0, j = 0; i < from.Length || j < to.Length;)
        {
            if (i < from.Length && j < to.Length && (from[i] == to[j] || cost[i, j] == 1 + cost[i + 1, j + 1])) pairs.Add((from[i++], to[j++]));
            else if (j < to.Length && cost[i, j] == 1 + cost[i, j + 1]) pairs.Add((null, to[j++]));
            else pairs.Add((from[i++], null));
        }
        return pairs;
    }

    // What is equal at both ends costs nothing, and is most of it.
    private static void Trim(ref ReadOnlySpan<byte> from, ref ReadOnlySpan<byte> to)
    {
        int start = from.CommonPrefixLength(to);
        from = from[start..];
        to = to[start..];
        while (!from.IsEmpty && !to.IsEmpty && from[^1] == to[^1])
        {
            from = from[..^1];
            to = to[..^1];
        }
    }
}
