namespace Godwit.Broker.Limits;

/// <summary>Connections by user name, while they are limited. All loops share it: a user's clients live on any of them.</summary>
internal sealed class UserCounts
{
    private readonly Dictionary<string, int> _counts = [];
    private readonly Lock _lock = new();

    /// <summary>A client of the user connects.</summary>
    /// <param name="user">The user.</param>
    /// <param name="most">How many may be there.</param>
    /// <param name="isReplacing">Whether another one of them goes for it.</param>
    /// <returns>False if there are too many.</returns>
    public bool TryEnter(string user, int most, bool isReplacing)
    {
        lock (_lock)
        {
            int count = _counts.GetValueOrDefault(user);
            if (count >= most && !isReplacing) return false;
            _counts[user] = count + 1;
            return true;
        }
    }

    public void Leave(string user)
    {
        lock (_lock)
        {
            int count = _counts[user] - 1;
            if (count > 0) _counts[user] = count;
            else _counts.Remove(user);
        }
    }
}
