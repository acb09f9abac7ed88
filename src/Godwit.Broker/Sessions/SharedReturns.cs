using Godwit.Broker.Durability;
using Godwit.Broker.Routing;

namespace Godwit.Broker.Sessions;

/// <summary>
/// The stored messages that a session gives back to shared subscriptions. Until they are stored in a shared subscription's queue, their
/// places in the session's queue are the only ones that they have: a session that ends stays in the store for so long. If the broker dies
/// meanwhile, the session is there again.
/// </summary>
/// <param name="shard">The session's shard.</param>
/// <param name="clientId">The session's client identifier.</param>
/// <param name="queue">The session's queue.</param>
internal sealed class SharedReturns(Shard shard, string clientId, long queue)
{
    private readonly List<Action> _whenRemoved = [];
    private int _underWay;
    private bool _isToBeRemoved;

    /// <summary>Gives a message back.</summary>
    /// <param name="member">The membership that it came by.</param>
    /// <param name="publication">The message.</param>
    /// <param name="place">Its place in the session's queue.</param>
    /// <param name="isMoving">Whether it moves there from the group's queue with the open batch: stored in the group's queue first it would be there twice.</param>
    public void GiveBack(SharedMember member, Publication publication, long place, bool isMoving)
    {
        _underWay++;
        var returned = new ReturnedDelivery(publication) { SessionPlace = place, SessionQueue = queue, Returns = this };
        if (isMoving) shard.Store!.WhenStored(AcknowledgementLevel.Os, () => member.GiveBack(returned));
        else member.GiveBack(returned);
    }

    /// <summary>On the loop of a shared subscription: its log has places for so many of them.</summary>
    public void OnReturned(Shard home, int count) => home.Store!.WhenStored(AcknowledgementLevel.Os, () => shard.Loop.PostOrRun(() => OnStored(count)));

    /// <summary>The session is over: removes it from the store, now or as soon as its messages have other places.</summary>
    public void RemoveSession()
    {
        _isToBeRemoved = true;
        if (_underWay == 0) Remove();
        else shard.Leaving[clientId] = this;
    }

    /// <summary>Does something when the removal is noted down. A client that begins anew is not told so before.</summary>
    public void WhenRemoved(Action action) => _whenRemoved.Add(action);

    private void OnStored(int count)
    {
        _underWay -= count;
        if (_underWay > 0 || !_isToBeRemoved) return;
        if (shard.Leaving.GetValueOrDefault(clientId) == this) shard.Leaving.Remove(clientId);
        Remove();
    }

    private void Remove()
    {
        shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveSession, Queue = queue });
        foreach (Action action in _whenRemoved) action();
    }
}
