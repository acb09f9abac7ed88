using Godwit.Transport;

namespace Godwit.Broker.Sessions;

/// <summary>
/// What one turn of a loop may spend on retained messages, all its sessions together, so that those who exchange messages meanwhile do
/// not notice. Whoever needs more goes on in a later turn, one after the other.
/// </summary>
internal sealed class RetainedTurns(EventLoop loop) : ILoopWork
{
    /// <summary>Nodes of the tree that may be visited in one turn, messages sent included: less than a tenth of a millisecond.</summary>
    public const int MostVisits = 128;

    // Bytes whose copying costs about as much as a visit.
    private const int VisitBytes = 1024;

    private readonly Queue<RetainedBacklog> _waiting = [];
    private readonly HashSet<RetainedBacklog> _isWaiting = [];
    private bool _isPosted;

    /// <summary>Visits left in this turn.</summary>
    public int VisitsLeft = MostVisits;

    /// <summary>A message of so many bytes is sent.</summary>
    public void Charge(int bytes) => VisitsLeft -= bytes / VisitBytes;

    /// <summary>Pumps the backlog in a later turn.</summary>
    public void Wait(RetainedBacklog backlog)
    {
        if (!_isWaiting.Add(backlog)) return;
        _waiting.Enqueue(backlog);
        Post();
    }

    public void EndTurn() => VisitsLeft = MostVisits;

    public void Run(EventLoop current)
    {
        _isPosted = false;
        for (int i = _waiting.Count; i > 0 && VisitsLeft > 0; i--)
        {
            RetainedBacklog next = _waiting.Dequeue();
            _isWaiting.Remove(next);
            next.Pump();
        }
        if (_waiting.Count > 0) Post();
    }

    private void Post()
    {
        if (_isPosted) return;
        _isPosted = true;
        loop.Post(this);
    }
}
