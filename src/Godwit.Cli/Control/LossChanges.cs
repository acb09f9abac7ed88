using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;

namespace Godwit.Cli.Control;

/// <summary>What has been lost from one look to the next. Counts that have become smaller are those of a broker that has started again.</summary>
internal sealed class LossChanges(IEnumerable<Loss> before)
{
    private Dictionary<(string, string, DropReason), long> _counts = CountsOf(before);

    /// <summary>What is new, and remembers it.</summary>
    public IEnumerable<(Loss Loss, long More)> Take(IReadOnlyList<Loss> now)
    {
        Dictionary<(string, string, DropReason), long> old = _counts;
        _counts = CountsOf(now);
        foreach (Loss loss in now.DistinctBy(KeyOf).OrderBy(loss => loss.LastAt))
        {
            long count = _counts[KeyOf(loss)], known = old.GetValueOrDefault(KeyOf(loss));
            if (count != known) yield return (loss, count > known ? count - known : count);
        }
    }

    // "(others)" has a line for each event loop.
    private static Dictionary<(string, string, DropReason), long> CountsOf(IEnumerable<Loss> losses) =>
        losses.GroupBy(KeyOf).ToDictionary(group => group.Key, group => group.Sum(loss => loss.Count));

    private static (string, string, DropReason) KeyOf(Loss loss) => (loss.Client, loss.TopicPrefix, loss.Reason);
}
