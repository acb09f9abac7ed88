using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Control;

/// <summary><c>losses</c>: the entries of the ledger, of one client or reason if wanted.</summary>
internal sealed class LossWalk(BrokerState broker, ControlReply reply, ControlPage page, string? clientId, DropReason? reason)
    : ControlWalk(broker, reply, page)
{
    // Entries looked at in one turn.
    private const int Most = 256;

    private readonly string? _client = LossAccount.Cut(clientId);

    protected override bool Visit(Shard shard)
    {
        LossLedger ledger = shard.Losses;
        for (int i = 0; i < Most && Place < ledger.Count; i++)
        {
            if (Page.IsFull) return false;
            LossEntry entry = ledger[(int)Place];
            bool isWanted = (_client is null || entry.Client == _client) && (reason is null || entry.Reason == reason);
            if (isWanted && Page.Add([ledger.Describe(entry)], ControlJson.Instance.Loss) == 0) return false;
            Place++;
        }
        return Place >= ledger.Count;
    }
}
