using System.Collections.Concurrent;
using Godwit.Broker.Connections;

namespace Godwit.Broker.Routing;

/// <summary>
/// A shard's mail to one other shard. What is on its way is bounded: beyond <see cref="Limit"/> the connections that publish into it
/// are not read until the other loop has caught up. The number of messages is bounded too, because whoever else has a message for that
/// loop waits until those before it are delivered.
/// </summary>
internal sealed class Outbox(Shard from, Shard to)
{
    /// <summary>Bytes of messages on their way between two loops before publishers have to wait; less with a small memory budget.</summary>
    public const int Limit = 8 * 1024 * 1024;

    /// <summary>Messages on their way between two loops before publishers have to wait: a few tenths of a millisecond of delivering.</summary>
    public const int MessageLimit = 1024;

    /// <summary>Batches kept for reuse, so that steady traffic between loops allocates nothing.</summary>
    private const int MaximumSpare = 8;

    private readonly ConcurrentQueue<Mail> _spare = [];
    private readonly List<ClientConnection> _waiting = [];
    private Mail? _open;
    private long _inTransit;
    private int _messages; // of those in transit
    private readonly long _limit = from.Broker.Memory.AtMost(Limit, 32);
    private int _someoneWaits;

    /// <summary>Bytes of a batch, the last message not counted, and what it keeps for its next use; less with a small memory budget.</summary>
    public long LargestBatch { get; } = from.Broker.Memory.AtMost(4 * 1024 * 1024, 512);

    /// <summary>Bytes on their way, without those that this turn collects. From any thread.</summary>
    public long InTransit => Volatile.Read(ref _inTransit);

    /// <summary>Whether publishers have to wait.</summary>
    public bool IsBehind => IsFull || Messages > MessageLimit;

    /// <summary>Whether no more bytes may be on their way.</summary>
    public bool IsFull => Bytes > _limit;

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
        Interlocked.Add(ref _messages, mail.Count);
        to.Loop.Post(mail);
    }

    /// <summary>A publisher stops being read until <see cref="Resume"/>.</summary>
    public void Wait(ClientConnection connection)
    {
        _waiting.Add(connection);
        Interlocked.Exchange(ref _someoneWaits, 1);
        // The other loop may have caught up before it could know that somebody waits, and may never return a batch again.
        if (HasCaughtUp(Bytes, Messages)) ResumeWaiting();
    }

    /// <summary>Called by the receiving loop when it is done with a batch.</summary>
    public void Return(Mail mail, int size, int count)
    {
        if (_spare.Count < MaximumSpare) _spare.Enqueue(mail);
        if (HasCaughtUp(Interlocked.Add(ref _inTransit, -size), Interlocked.Add(ref _messages, -count))) ResumeWaiting();
    }

    // Those on their way, and those of this turn.
    private long Bytes => Volatile.Read(ref _inTransit) + (_open?.Size ?? 0);

    private int Messages => Volatile.Read(ref _messages) + (_open?.Count ?? 0);

    private bool HasCaughtUp(long bytes, int messages) => bytes <= _limit / 2 && messages <= MessageLimit / 2;

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
