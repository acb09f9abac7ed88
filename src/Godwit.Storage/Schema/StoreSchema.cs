// The tables, as docs/store.md documents them. Times are Unix milliseconds; a queue is a number that a session or a shared subscription has.
// A message is one row however many queues it stands in, and that row is never rewritten: how often it is needed beyond once stands in a
// table of its own, because counting down in the row would copy the body each time.
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Schema;

internal static class StoreSchema
{
    /// <summary>Marks the file as Godwit's (<c>PRAGMA application_id</c>): "GDWT".</summary>
    public const int ApplicationId = 0x47445754;

    /// <summary>Small rows that are written all over the file: a larger page would be written for each of them.</summary>
    public const int PageSize = 4096;

    private const string MessageColumns = """
        topic       TEXT    NOT NULL,
        payload     BLOB    NOT NULL,
        properties  BLOB,
        qos         INTEGER NOT NULL,
        retain      INTEGER NOT NULL,
        publisher   TEXT,
        received_at INTEGER NOT NULL,
        expires_at  INTEGER
        """;

    /// <summary>How the schema became what it is: entry n leads from version n to version n + 1. Only ever appended to.</summary>
    public static IReadOnlyList<string> Migrations { get; } =
    [
        $"""
        CREATE TABLE session (
            queue           INTEGER PRIMARY KEY,
            client_id       TEXT    NOT NULL,
            user_name       TEXT,
            expiry_interval INTEGER NOT NULL,
            created_at      INTEGER NOT NULL,
            seen_at         INTEGER NOT NULL,
            is_connected    INTEGER NOT NULL,
            sent_sequence   INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE subscription (
            queue      INTEGER NOT NULL,
            filter     TEXT    NOT NULL,
            options    INTEGER NOT NULL,
            identifier INTEGER,
            PRIMARY KEY (queue, filter)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE received (
            queue     INTEGER NOT NULL,
            packet_id INTEGER NOT NULL,
            PRIMARY KEY (queue, packet_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE will (
            queue          INTEGER PRIMARY KEY,
            delay_seconds  INTEGER NOT NULL,
            expiry_seconds INTEGER,
            due_at         INTEGER,
            {MessageColumns}
        ) STRICT;

        CREATE TABLE shared_queue (
            queue      INTEGER PRIMARY KEY,
            share_name TEXT    NOT NULL,
            filter     TEXT    NOT NULL
        ) STRICT;

        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            {MessageColumns}
        ) STRICT;

        CREATE TABLE message_references (
            message INTEGER PRIMARY KEY,
            count   INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE delivery (
            queue       INTEGER NOT NULL,
            sequence    INTEGER NOT NULL,
            message     INTEGER,
            qos         INTEGER NOT NULL,
            retain      INTEGER NOT NULL,
            size        INTEGER NOT NULL,
            identifiers TEXT,
            PRIMARY KEY (queue, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE retained (
            {MessageColumns},
            PRIMARY KEY (topic)
        ) STRICT;

        CREATE VIEW waiting AS
            SELECT d.queue, coalesce(s.client_id, '$share/' || q.share_name || '/' || q.filter) AS receiver, d.sequence, d.qos,
                   m.topic, m.payload, m.publisher, datetime(m.received_at / 1000, 'unixepoch') AS received, d.size
            FROM delivery d
            LEFT JOIN session s ON s.queue = d.queue
            LEFT JOIN shared_queue q ON q.queue = d.queue
            LEFT JOIN message m ON m.id = d.message
            ORDER BY d.queue, d.sequence;
        """,
        "CREATE TABLE ended_queue (queue INTEGER PRIMARY KEY) STRICT;",
    ];

    /// <summary>The tables, in the order in which they can be copied.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        ["session", "subscription", "received", "will", "shared_queue", "message", "message_references", "delivery", "retained", "ended_queue"];

    /// <summary>Those of them that a file has: one of an older version may lack some.</summary>
    public static IReadOnlyList<string> TablesOf(SqliteDatabase database)
    {
        HashSet<string> names = [.. database.QueryTexts("SELECT name FROM sqlite_schema WHERE type = 'table'")];
        return [.. Tables.Where(names.Contains)];
    }

    /// <summary>Makes the tables of an empty file.</summary>
    public static void Create(SqliteDatabase database, IReadOnlyList<string> migrations)
    {
        // Both can be chosen for an empty file only.
        database.Execute($"PRAGMA page_size={PageSize}; PRAGMA journal_mode=WAL;");
        Migrate(database, 0, migrations);
    }

    /// <summary>Brings the tables from a version to the newest one: all steps or none.</summary>
    public static void Migrate(SqliteDatabase database, int version, IReadOnlyList<string> migrations)
    {
        database.Execute("BEGIN IMMEDIATE");
        foreach (string migration in migrations.Skip(version)) database.Execute(migration);
        database.Execute($"PRAGMA application_id={ApplicationId}; PRAGMA user_version={migrations.Count}; COMMIT");
    }
}
