using System.Collections.Concurrent;
using Godwit.Broker.Connections;

namespace Godwit.Broker.Routing;

/// <summary>
/// A shard's mail to one other shard. What is on its way is bounded: beyond <see cref="Limit"/> the connections that publish into it
/// are not read until the other loop has caught up.
/// </summary>
internal sealed class Outbox(Shard from, Shard to)
{
    /// <summary>Bytes of messages on their way between two loops before publishers have to wait; less with a small memory budget.</summary>
    public const int Limit = 8 * 1024 * 1024;

    /// <summary>Batches kept for reuse, so that steady traffic between loops allocates nothing.</summary>
    private const int MaximumSpare = 8;

    private readonly ConcurrentQueue<Mail> _spare = [];
    private readonly List<ClientConnection> _waiting = [];
    private Mail? _open;
    private long _inTransit;
    private readonly long _limit = from.Broker.Memory.AtMost(Limit, 32);
    private int _someoneWaits;

    /// <summary>Bytes of a batch, the last message not counted, and what it keeps for its next use; less with a small memory budget.</summary>
    public long LargestBatch { get; } = from.Broker.Memory.AtMost(4 * 1024 * 1024, 512);

    /// <summary>Bytes on their way, without those that this turn collects. From any thread.</summary>
    public long InTransit => Volatile.Read(ref _inTransit);

    /// <summary>Whether publishers have to wait.</summary>
    public bool IsFull => Volatile.Read(ref _inTransit) + (_open?.Size ?? 0) > _limit;

    /// <summary>Whether nothing is on its way.</summary>
    public bool IsIdle => _open is null && Volatile.Read(ref _inTransit) == 0;

    public void Add(ref PublicationView view, object? target, long place)
    {
        _open ??= _spare.TryDequeue(out Mail? spare) ? spare : new Mail(to, this);
        _open.Add(ref view, target, place);
        if (_open.Size >= LargestBatch) Send();
    }

    /// <summary>Posts what this turn has collected, or the first part of much.</summary>
    public void Send()
    {
        if (_open is not { } mail) return;
        _open = null;
        Interlocked.Add(ref _inTransit, mail.Size);
        to.Loop.Post(mail);
    }

    /// <summary>A publisher stops being read until <see cref="Resume"/>.</summary>
    public void Wait(ClientConnection connection)
    {
        _waiting.Add(connection);
        Interlocked.Exchange(ref _someoneWaits, 1);
        // The other loop may have caught up before it could know that somebody waits, and may never return a batch again.
        if (Volatile.Read(ref _inTransit) + (_open?.Size ?? 0) <= _limit / 2) ResumeWaiting();
    }

    /// <summary>Called by the receiving loop when it is done with a batch.</summary>
    public void Return(Mail mail, int size)
    {
        if (_spare.Count < MaximumSpare) _spare.Enqueue(mail);
        if (Interlocked.Add(ref _inTransit, -size) <= _limit / 2) ResumeWaiting();
    }

    private void ResumeWaiting()
    {
        if (Interlocked.Exchange(ref _someoneWaits, 0) == 1) from.Loop.Post(Resume);
    }

    private void Resume()
    {
        ClientConnection[] waiting = [.. _waiting];
        _waiting.Clear();
        foreach (ClientConnection connection in waiting) connection.Release();
    }
}
