namespace Godwit.Security.Files;

/// <summary>Finds what somebody probably meant.</summary>
public static class Suggestion
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

    // Insertions, deletions, replacements, and two letters in the wrong order: the slip of quick fingers.
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
