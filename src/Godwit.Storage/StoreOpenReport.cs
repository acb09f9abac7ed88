namespace Godwit.Storage;

/// <summary>What was found when a store was opened.</summary>
/// <param name="IsNew">There was none; an empty one has been made.</param>
/// <param name="MigratedFrom">The older version that it had; null if it was up to date.</param>
/// <param name="Damage">What was wrong with it and what has been saved; null if nothing was.</param>
public sealed record StoreOpenReport(bool IsNew = false, int? MigratedFrom = null, StoreDamage? Damage = null);

/// <summary>What became of a damaged store.</summary>
/// <param name="Reason">What was wrong, in SQLite's words.</param>
/// <param name="MovedTo">Where the damaged file is now. It is never deleted.</param>
/// <param name="Saved">How many rows of each table have been saved.</param>
/// <param name="Losses">What could not be saved, a sentence each; empty if nothing is known to be lost.</param>
public sealed record StoreDamage(string Reason, string MovedTo, IReadOnlyDictionary<string, long> Saved, IReadOnlyList<string> Losses)
{
    /// <summary>The damage in one sentence for people.</summary>
    public override string ToString()
    {
        string saved = Saved.Values.Sum() == 0 ? "nothing could be saved" : $"saved: {string.Join(", ", Saved.Where(t => t.Value > 0).Select(t => $"{t.Value} {t.Key}"))}";
        string lost = Losses.Count == 0 ? "no loss was found" : $"lost: {string.Join("; ", Losses)}";
        return $"The store was damaged ({Reason}) and has been moved to {MovedTo}; {saved}; {lost}.";
    }
}
