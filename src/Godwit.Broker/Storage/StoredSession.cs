namespace Godwit.Broker.Storage;

/// <summary>What a store keeps of a session itself. Times are Unix milliseconds.</summary>
/// <param name="Queue">Its number, and that of its queue.</param>
/// <param name="ClientId">The client identifier.</param>
/// <param name="UserName">The user name of its latest connection; null without one.</param>
/// <param name="ExpiryInterval">Seconds it outlives its connection; 0xFFFFFFFF for ever.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="SeenAt">When the client last connected or went.</param>
/// <param name="IsConnected">Whether the client was connected. After a crash: until the crash.</param>
/// <param name="SentSequence">
/// While not connected: the last place in its queue that was sent to the client at least once; what stands up to there goes out with DUP.
/// </param>
public sealed record StoredSession(
    long Queue, string ClientId, string? UserName, uint ExpiryInterval, long CreatedAt, long SeenAt, bool IsConnected, long SentSequence);

/// <summary>What waits in a queue.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Count">How many places it has.</param>
/// <param name="Bytes">The sum of their sizes.</param>
/// <param name="LastSequence">The last place.</param>
public readonly record struct StoredQueue(long Queue, long Count, long Bytes, long LastSequence);

/// <summary>When and how a will is published; its message is stored with it.</summary>
/// <param name="DelaySeconds">The Will Delay Interval.</param>
/// <param name="ExpirySeconds">The Message Expiry Interval, which starts when it is published; null for none.</param>
/// <param name="DueAt">When it is due, in Unix milliseconds; null while the client is connected.</param>
public sealed record StoredWill(uint DelaySeconds, uint? ExpirySeconds, long? DueAt);
