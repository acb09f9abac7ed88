// What SQLite itself can do here: one loop that inserts the rows of a stored message into two tables, in the same groups, with the same
// page size, journal and wait for the disk, and does nothing else. No look-ups, no replacing, SQLite's own rule for its log.
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Bench;

internal static class BareLoop
{
    public static unsafe TimeSpan Run(string directory, int messages, int group)
    {
        Directory.CreateDirectory(directory);
        using var database = new SqliteDatabase(Path.Combine(directory, "bare.db"), SqliteAccess.Create);
        database.Execute(
            """
            PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;
            CREATE TABLE m (id INTEGER PRIMARY KEY, topic TEXT, payload BLOB, properties BLOB, qos INTEGER, retain INTEGER, publisher TEXT,
                            received_at INTEGER, expires_at INTEGER);
            CREATE TABLE d (queue INTEGER, sequence INTEGER, message INTEGER, qos INTEGER, retain INTEGER, size INTEGER, identifiers TEXT,
                            PRIMARY KEY (queue, sequence)) WITHOUT ROWID;
            """);
        SqliteStatement begin = database.Prepare("BEGIN");
        SqliteStatement commit = database.Prepare("COMMIT");
        SqliteStatement message = database.Prepare("INSERT INTO m VALUES (?, ?, ?, NULL, 1, 0, ?, ?, NULL)");
        SqliteStatement delivery = database.Prepare("INSERT INTO d VALUES (?, ?, ?, 1, 0, ?, NULL)");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        fixed (byte* topic = Rows.Topic, payload = Rows.Payload, publisher = Rows.PublisherBytes)
        {
            for (int i = 1; i <= messages;)
            {
                begin.Run();
                for (int n = 0; n < group && i <= messages; n++, i++)
                {
                    message.Bind(1, i);
                    message.BindText(2, topic, Rows.Topic.Length);
                    message.BindBlob(3, payload, Rows.Payload.Length);
                    message.BindText(4, publisher, Rows.PublisherBytes.Length);
                    message.Bind(5, Rows.Now);
                    message.Run();
                    delivery.Bind(1, Rows.QueueOf(i));
                    delivery.Bind(2, i);
                    delivery.Bind(3, i);
                    delivery.Bind(4, Rows.Size);
                    delivery.Run();
                }
                commit.Run();
            }
        }
        return clock.Elapsed;
    }
}
