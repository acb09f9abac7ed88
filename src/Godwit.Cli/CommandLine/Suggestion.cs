namespace Godwit.Cli.CommandLine;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The candidate that differs least from what was typed; null if all of them differ in more than about a third.</summary>
    public static string? Nearest(string typed, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int least = Math.Max(1, typed.TrimStart('-').Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            // A single letter is near to every other one: that would be no help.
            if (candidate.TrimStart('-').Length < 2) continue;
            int distance = candidate.StartsWith(typed, StringComparison.Ordinal) && typed.Length > 3 ? 1 : Distance(typed, candidate);
            if (distance >= least) continue;
            least = distance;
            nearest = candidate;
        }
        return nearest;
    }

    // Levenshtein's: insertions, deletions and replacements, row by row.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
