// The broker's port to its store, on SQLite. Every method is one to three prepared statements; there are no caches that a rollback would
// have to undo, so what the file says is always what holds.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Protocol;
using Godwit.Storage.Opening;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage;

/// <summary>
/// Sessions, queues and retained messages in one SQLite file, which people may read with <c>sqlite3</c> while the broker runs. The tables are
/// documented in <c>docs/store.md</c>.
/// </summary>
public sealed class SqliteStore : IBrokerStore
{
    /// <summary>Places that one transaction removes of a queue that has ended: about ten milliseconds' work, for which others have to wait.</summary>
    internal const int MostRemovedAtOnce = 1024;

    private static readonly string[] SessionTables = ["subscription", "received", "will", "session"];

    private readonly StoreLock _lock;
    private readonly SqliteDatabase _database;
    private readonly StoreLog _log;
    private readonly MessageColumns _messages = new();

    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _addMessage;
    private readonly SqliteStatement _hasMessage;
    private readonly SqliteStatement _removeMessage;
    private readonly SqliteStatement _setReferences;
    private readonly SqliteStatement _addReferences;
    private readonly SqliteStatement _getReferences;
    private readonly SqliteStatement _removeReferences;
    private readonly SqliteStatement _addDelivery;
    private readonly SqliteStatement _removeDelivery;
    private readonly SqliteStatement _releaseDelivery;
    private readonly SqliteStatement _readQueue;
    private readonly SqliteStatement _firstPlaces;
    private readonly SqliteStatement _removePlaces;
    private readonly SqliteStatement _addEnded;
    private readonly SqliteStatement _firstEnded;
    private readonly SqliteStatement _removeEnded;
    private readonly SqliteStatement _putSession;
    private readonly SqliteStatement[] _removeSession;
    private readonly SqliteStatement _putSubscription;
    private readonly SqliteStatement _removeSubscription;
    private readonly SqliteStatement _addReceived;
    private readonly SqliteStatement _removeReceived;
    private readonly SqliteStatement _putWill;
    private readonly SqliteStatement _removeWill;
    private readonly SqliteStatement _putSharedQueue;
    private readonly SqliteStatement _removeSharedQueue;
    private readonly SqliteStatement _putRetained;
    private readonly SqliteStatement _removeRetained;

    internal SqliteStore(StoreLock storeLock, SqliteDatabase database, SqliteStoreOptions options)
    {
        _lock = storeLock;
        _database = database;
        Description = options.FilePath;

        _begin = database.Prepare("BEGIN IMMEDIATE");
        _rollback = database.Prepare("ROLLBACK");
        _addMessage = database.Prepare($"INSERT OR REPLACE INTO message (id, {MessageColumns.Names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _hasMessage = database.Prepare("SELECT 1 FROM message WHERE id = ?");
        _removeMessage = database.Prepare("DELETE FROM message WHERE id = ?");
        _setReferences = database.Prepare("INSERT OR REPLACE INTO message_references (message, count) VALUES (?, ?)");
        _addReferences = database.Prepare(
            "INSERT INTO message_references (message, count) VALUES (?1, ?2 + 1) ON CONFLICT (message) DO UPDATE SET count = count + ?2");
        _getReferences = database.Prepare("SELECT count FROM message_references WHERE message = ?");
        _removeReferences = database.Prepare("DELETE FROM message_references WHERE message = ?");
        _addDelivery = database.Prepare(
            "INSERT OR REPLACE INTO delivery (queue, sequence, message, qos, retain, size, identifiers) VALUES (?, ?, ?, ?, ?, ?, ?)");
        _removeDelivery = database.Prepare("DELETE FROM delivery WHERE queue = ? AND sequence = ?");
        _releaseDelivery = database.Prepare("UPDATE delivery SET message = NULL WHERE queue = ? AND sequence = ? AND message IS NOT NULL");
        _readQueue = database.Prepare(
            $"""
            SELECT d.sequence, d.message, d.qos, d.retain, d.size, d.identifiers, m.id, {MessageColumns.NamesOf("m")}
            FROM delivery d LEFT JOIN message m ON m.id = d.message
            WHERE d.queue = ? AND d.sequence > ? ORDER BY d.sequence LIMIT ?
            """);
        _firstPlaces = database.Prepare("SELECT sequence, message FROM delivery WHERE queue = ? ORDER BY sequence LIMIT ?");
        _removePlaces = database.Prepare("DELETE FROM delivery WHERE queue = ? AND sequence <= ?");
        _addEnded = database.Prepare("INSERT OR REPLACE INTO ended_queue (queue) VALUES (?)");
        _firstEnded = database.Prepare("SELECT queue FROM ended_queue LIMIT 1");
        _removeEnded = database.Prepare("DELETE FROM ended_queue WHERE queue = ?");
        _putSession = database.Prepare(
            """
            INSERT OR REPLACE INTO session (queue, client_id, user_name, expiry_interval, created_at, seen_at, is_connected, sent_sequence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _removeSession = [.. SessionTables.Select(table => database.Prepare($"DELETE FROM {table} WHERE queue = ?"))];
        _putSubscription = database.Prepare("INSERT OR REPLACE INTO subscription (queue, filter, options, identifier) VALUES (?, ?, ?, ?)");
        _removeSubscription = database.Prepare("DELETE FROM subscription WHERE queue = ? AND filter = ?");
        _addReceived = database.Prepare("INSERT OR IGNORE INTO received (queue, packet_id) VALUES (?, ?)");
        _removeReceived = database.Prepare("DELETE FROM received WHERE queue = ? AND packet_id = ?");
        _putWill = database.Prepare(
            $"INSERT OR REPLACE INTO will (queue, delay_seconds, expiry_seconds, due_at, {MessageColumns.Names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _removeWill = database.Prepare("DELETE FROM will WHERE queue = ?");
        _putSharedQueue = database.Prepare("INSERT OR REPLACE INTO shared_queue (queue, share_name, filter) VALUES (?, ?, ?)");
        _removeSharedQueue = database.Prepare("DELETE FROM shared_queue WHERE queue = ?");
        _putRetained = database.Prepare($"INSERT OR REPLACE INTO retained ({MessageColumns.Names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        _removeRetained = database.Prepare("DELETE FROM retained WHERE topic = ?");
        _log = new StoreLog(database, options);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>Opens a directory's store, or makes it. What is damaged is moved aside and what can be read of it is kept; the report says so.</summary>
    /// <exception cref="StoreException">
    /// Another broker has it (<see cref="StoreFailure.Busy"/>), it is of a newer version (<see cref="StoreFailure.TooNew"/>), there is no room or no
    /// right to write, or SQLite is not installed.
    /// </exception>
    public static SqliteStore Open(SqliteStoreOptions options, out StoreOpenReport report) => StoreOpener.Open(options, out report);

    /// <inheritdoc/>
    public StoreCounters Load(IStoreReader reader) => new StoreLoader(_database, _messages).Load(reader);

    /// <inheritdoc/>
    public void Begin(bool isSynced)
    {
        _log.Prepare(isSynced);
        _begin.Run();
    }

    /// <inheritdoc/>
    public void Commit() => _log.Commit();

    /// <inheritdoc/>
    public void Rollback()
    {
        // After some errors SQLite has rolled back already.
        if (_database.IsInTransaction) _rollback.Run();
    }

    /// <inheritdoc/>
    public void AddMessage(long id, in StoredMessage message, int references)
    {
        _addMessage.Bind(1, id);
        _messages.BindAndRun(_addMessage, 2, message);
        if (references > 1)
        {
            _setReferences.Bind(1, id);
            _setReferences.Bind(2, references);
            _setReferences.Run();
        }
    }

    /// <inheritdoc/>
    public bool AddReferences(long id, int count)
    {
        _hasMessage.Bind(1, id);
        if (!_hasMessage.Step()) return false;
        _hasMessage.Reset();
        _addReferences.Bind(1, id);
        _addReferences.Bind(2, count);
        _addReferences.Run();
        return true;
    }

    /// <inheritdoc/>
    public void AddDelivery(in StoredDelivery delivery)
    {
        _addDelivery.Bind(1, delivery.Queue);
        _addDelivery.Bind(2, delivery.Sequence);
        _addDelivery.Bind(3, delivery.MessageId == 0 ? null : delivery.MessageId);
        _addDelivery.Bind(4, (long)delivery.QoS);
        _addDelivery.Bind(5, delivery.Retain ? 1 : 0);
        _addDelivery.Bind(6, delivery.Size);
        if (delivery.Identifiers is not { Length: > 0 } identifiers)
        {
            _addDelivery.BindNull(7);
            _addDelivery.Run();
            return;
        }
        byte[] text = new byte[IdentifierList.MaximumLength(identifiers)];
        _addDelivery.BindCopyOfText(7, text.AsSpan(0, IdentifierList.Write(identifiers, text)));
        _addDelivery.Run();
    }

    /// <inheritdoc/>
    public void RemoveDelivery(long queue, long sequence, long messageId)
    {
        _removeDelivery.Bind(1, queue);
        _removeDelivery.Bind(2, sequence);
        if (_removeDelivery.RunCounting() > 0 && messageId != 0) RemoveReference(messageId);
    }

    /// <inheritdoc/>
    public void ReleaseDelivery(long queue, long sequence, long messageId)
    {
        _releaseDelivery.Bind(1, queue);
        _releaseDelivery.Bind(2, sequence);
        if (_releaseDelivery.RunCounting() > 0) RemoveReference(messageId);
    }

    /// <inheritdoc/>
    public void ReadQueue(long queue, long after, int maximumCount, long maximumBytes, IQueueReader reader)
    {
        _readQueue.Bind(1, queue);
        _readQueue.Bind(2, after);
        _readQueue.Bind(3, maximumCount);
        long bytes = 0;
        try
        {
            while (_readQueue.Step())
            {
                var delivery = new StoredDelivery
                {
                    Queue = queue,
                    Sequence = _readQueue.Integer(0),
                    MessageId = _readQueue.Integer(1),
                    QoS = (QoS)_readQueue.Integer(2),
                    Retain = _readQueue.Integer(3) != 0,
                    Size = (int)_readQueue.Integer(4),
                    Identifiers = _readQueue.IsNull(5) ? null : IdentifierList.Read(_readQueue.Text(5)),
                };
                if (delivery.MessageId == 0) reader.OnDelivery(delivery, default);
                else if (_readQueue.IsNull(6)) throw MissingMessage(delivery);
                else reader.OnDelivery(delivery, _messages.Read(_readQueue, 7));
                bytes += delivery.Size;
                if (bytes >= maximumBytes) break;
            }
        }
        finally
        {
            _readQueue.Reset();
        }
    }

    /// <inheritdoc/>
    public void PutSession(StoredSession session)
    {
        _putSession.Bind(1, session.Queue);
        _putSession.BindCopyOfText(2, Encoding.UTF8.GetBytes(session.ClientId));
        if (session.UserName is null) _putSession.BindNull(3);
        else _putSession.BindCopyOfText(3, Encoding.UTF8.GetBytes(session.UserName));
        _putSession.Bind(4, session.ExpiryInterval);
        _putSession.Bind(5, session.CreatedAt);
        _putSession.Bind(6, session.SeenAt);
        _putSession.Bind(7, session.IsConnected ? 1 : 0);
        _putSession.Bind(8, session.SentSequence);
        _putSession.Run();
    }

    /// <inheritdoc/>
    public void RemoveSession(long queue)
    {
        RemoveQueue(queue);
        foreach (SqliteStatement table in _removeSession) RunFor(table, queue);
    }

    /// <inheritdoc/>
    public void PutSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier)
    {
        _putSubscription.Bind(1, queue);
        _putSubscription.BindCopyOfText(2, filter);
        _putSubscription.Bind(3, options);
        _putSubscription.Bind(4, identifier == 0 ? null : identifier);
        _putSubscription.Run();
    }

    /// <inheritdoc/>
    public void RemoveSubscription(long queue, ReadOnlySpan<byte> filter)
    {
        _removeSubscription.Bind(1, queue);
        _removeSubscription.BindCopyOfText(2, filter);
        _removeSubscription.Run();
    }

    /// <inheritdoc/>
    public void AddReceived(long queue, ushort packetId)
    {
        _addReceived.Bind(1, queue);
        _addReceived.Bind(2, packetId);
        _addReceived.Run();
    }

    /// <inheritdoc/>
    public void RemoveReceived(long queue, ushort packetId)
    {
        _removeReceived.Bind(1, queue);
        _removeReceived.Bind(2, packetId);
        _removeReceived.Run();
    }

    /// <inheritdoc/>
    public void PutWill(long queue, StoredWill will, in StoredMessage message)
    {
        _putWill.Bind(1, queue);
        _putWill.Bind(2, will.DelaySeconds);
        _putWill.Bind(3, will.ExpirySeconds);
        _putWill.Bind(4, will.DueAt);
        _messages.BindAndRun(_putWill, 5, message);
    }

    /// <inheritdoc/>
    public void RemoveWill(long queue) => RunFor(_removeWill, queue);

    /// <inheritdoc/>
    public void PutSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter)
    {
        _putSharedQueue.Bind(1, queue);
        _putSharedQueue.BindCopyOfText(2, Encoding.UTF8.GetBytes(shareName));
        _putSharedQueue.BindCopyOfText(3, filter);
        _putSharedQueue.Run();
    }

    /// <inheritdoc/>
    public void RemoveSharedQueue(long queue)
    {
        RemoveQueue(queue);
        RunFor(_removeSharedQueue, queue);
    }

    /// <inheritdoc/>
    public bool RemoveEnded()
    {
        if (!_firstEnded.Step()) return false;
        long queue = _firstEnded.Integer(0);
        _firstEnded.Reset();
        if (!RemovePlaces(queue)) RunFor(_removeEnded, queue);
        return true;
    }

    /// <inheritdoc/>
    public void PutRetained(in StoredMessage message) => _messages.BindAndRun(_putRetained, 1, message);

    /// <inheritdoc/>
    public void RemoveRetained(ReadOnlySpan<byte> topic)
    {
        _removeRetained.BindCopyOfText(1, topic);
        _removeRetained.Run();
    }

    /// <summary>Brings the log into the file and closes it, so that the next start finds it in order.</summary>
    public void Dispose()
    {
        try
        {
            Rollback();
        }
        catch (StoreException)
        {
            // Closing the connection rolls back as well.
        }
        _log.Dispose();
        _database.Dispose();
        _lock.Dispose();
    }

    private static void RunFor(SqliteStatement statement, long id)
    {
        statement.Bind(1, id);
        statement.Run();
    }

    // Were a queue of millions removed at once, everybody would wait for it.
    private void RemoveQueue(long queue)
    {
        if (RemovePlaces(queue)) RunFor(_addEnded, queue);
    }

    // Whether there may be more.
    private bool RemovePlaces(long queue)
    {
        _firstPlaces.Bind(1, queue);
        _firstPlaces.Bind(2, MostRemovedAtOnce);
        int count = 0;
        long last = 0;
        try
        {
            for (; _firstPlaces.Step(); count++)
            {
                last = _firstPlaces.Integer(0);
                if (!_firstPlaces.IsNull(1)) RemoveReference(_firstPlaces.Integer(1));
            }
        }
        finally
        {
            _firstPlaces.Reset();
        }
        _removePlaces.Bind(1, queue);
        _removePlaces.Bind(2, last);
        _removePlaces.Run();
        return count == MostRemovedAtOnce;
    }

    // A message that stands in one queue only has no row of references.
    private void RemoveReference(long messageId)
    {
        _getReferences.Bind(1, messageId);
        long count = 1;
        if (_getReferences.Step())
        {
            count = _getReferences.Integer(0);
            _getReferences.Reset();
        }
        if (count > 2)
        {
            _setReferences.Bind(1, messageId);
            _setReferences.Bind(2, count - 1);
            _setReferences.Run();
            return;
        }
        RunFor(count == 2 ? _removeReferences : _removeMessage, messageId);
    }

    private StoreException MissingMessage(in StoredDelivery delivery) => new(StoreFailure.Damaged,
        $"The store {Description} is damaged: the message {delivery.MessageId} at place {delivery.Sequence} of queue {delivery.Queue} is not there.");
}
