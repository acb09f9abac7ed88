// A store as JSON, a row on each line: {"table":"session","queue":1,"client_id":"...",...}. The first line says what it is and of which version.
// Blobs are base64. Import makes the store of that version and then migrates it, so an old export can be read for as long as an old store.
using System.Text;
using System.Text.Json;
using Godwit.Broker.Storage;
using Godwit.Storage.Schema;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Tools;

/// <summary><c>godwit store export</c> and <c>import</c>: a store as JSON lines and back.</summary>
public static class StoreExport
{
    private const string Format = "godwit-store";

    /// <summary>Writes a directory's store as it is at one moment. A broker may be running.</summary>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="StoreException">There is none, or it is damaged.</exception>
    public static long Write(string directory, Stream output, CancellationToken stop = default)
    {
        using SqliteDatabase database = StoreFile.OpenToRead(StoreFile.In(directory));
        database.Execute("BEGIN");
        // Not disposed of: that would close the output.
        var buffered = new BufferedStream(output, 1 << 16);
        using var line = new Utf8JsonWriter(buffered);
        line.WriteStartObject();
        line.WriteString("format", Format);
        line.WriteNumber("version", database.QueryInteger("PRAGMA user_version") ?? 0);
        EndLine(line, buffered);
        long rows = 0;
        foreach (string table in StoreSchema.TablesOf(database))
        {
            List<(string Name, string Type)> columns = ColumnsOf(database, table);
            using SqliteStatement row = database.Prepare($"SELECT {string.Join(", ", columns.Select(column => column.Name))} FROM {table}");
            while (row.Step())
            {
                stop.ThrowIfCancellationRequested();
                line.WriteStartObject();
                line.WriteString("table", table);
                for (int i = 0; i < columns.Count; i++) WriteValue(line, columns[i], row, i);
                EndLine(line, buffered);
                rows++;
            }
        }
        buffered.Flush();
        return rows;
    }

    /// <summary>Makes a directory's store from what <see cref="Write"/> has written: all of it or nothing.</summary>
    /// <returns>How many rows were read.</returns>
    /// <exception cref="StoreException">There is a store already, a broker uses the directory, or the input is not what it should be.</exception>
    public static long Read(Stream input, string directory, CancellationToken stop = default)
    {
        Directory.CreateDirectory(directory);
        using StoreLock storeLock = StoreLock.Take(directory);
        string file = Path.Combine(directory, SqliteStoreOptions.FileName);
        if (File.Exists(file)) throw new StoreException(StoreFailure.Unavailable, $"There is a store in {directory} already. Import into another directory, or move it away.");
        string partial = file + ".partial";
        File.Delete(partial);
        try
        {
            long rows;
            using (var database = new SqliteDatabase(partial, SqliteAccess.Create)) rows = ReadInto(database, input, stop);
            File.Move(partial, file);
            return rows;
        }
        finally
        {
            foreach (string suffix in new[] { "", "-wal", "-shm" }) File.Delete(partial + suffix);
        }
    }

    private static void WriteValue(Utf8JsonWriter line, (string Name, string Type) column, SqliteStatement row, int index)
    {
        if (row.IsNull(index)) line.WriteNull(column.Name);
        else if (column.Type == "INTEGER") line.WriteNumber(column.Name, row.Integer(index));
        else if (column.Type == "TEXT") line.WriteString(column.Name, row.Text(index));
        else line.WriteBase64String(column.Name, row.Blob(index));
    }

    private static void EndLine(Utf8JsonWriter line, Stream output)
    {
        line.WriteEndObject();
        line.Flush();
        line.Reset();
        output.WriteByte((byte)'\n');
    }

    private static long ReadInto(SqliteDatabase database, Stream input, CancellationToken stop)
    {
        using var reader = new StreamReader(input, Encoding.UTF8, leaveOpen: true);
        int version = ReadHeader(reader.ReadLine());
        IReadOnlyList<string> migrations = StoreSchema.Migrations;
        StoreSchema.Create(database, [.. migrations.Take(version)]);
        database.Execute("BEGIN");
        var writers = StoreSchema.TablesOf(database).ToDictionary(table => table, table => new RowWriter(database, table));
        long number = 1;
        while (reader.ReadLine() is { } text)
        {
            stop.ThrowIfCancellationRequested();
            number++;
            try
            {
                using JsonDocument row = JsonDocument.Parse(text);
                writers[row.RootElement.GetProperty("table").GetString()!].Write(row.RootElement);
            }
            catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException
                or StoreException { Failure: StoreFailure.Damaged })
            {
                throw new StoreException(StoreFailure.Damaged, $"Line {number} of the input is not a row of a store: {wrong.Message} Nothing was imported.", wrong);
            }
        }
        if (StoreConsistency.Check(database) is [{ } problem, ..])
            throw new StoreException(StoreFailure.Damaged, $"The rows of the input do not fit together: {problem}. Nothing was imported.");
        database.Execute("COMMIT");
        StoreSchema.Migrate(database, version, migrations);
        database.Checkpoint(CheckpointMode.Truncate);
        return number - 1;
    }

    private static int ReadHeader(string? line)
    {
        try
        {
            using JsonDocument header = JsonDocument.Parse(line ?? "");
            if (header.RootElement.GetProperty("format").GetString() == Format)
            {
                int version = header.RootElement.GetProperty("version").GetInt32();
                if (version > StoreSchema.Migrations.Count)
                    throw new StoreException(StoreFailure.TooNew, $"The input has version {version}, and this godwit knows versions up to {StoreSchema.Migrations.Count}. Use a newer godwit.");
                if (version > 0) return version;
            }
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
        }
        throw new StoreException(StoreFailure.Damaged, "The input is not an export of a store: its first line is not {\"format\":\"godwit-store\",...}.");
    }

    private static List<(string Name, string Type)> ColumnsOf(SqliteDatabase database, string table) =>
        [.. database.QueryTexts($"SELECT name || ' ' || type FROM pragma_table_info('{table}') ORDER BY cid").Select(text => text.Split(' ')).Select(parts => (parts[0], parts[1]))];

    /// <summary>Inserts JSON objects into one table.</summary>
    private sealed class RowWriter(SqliteDatabase database, string table)
    {
        private readonly List<(string Name, string Type)> _columns = ColumnsOf(database, table);
        private SqliteStatement? _insert;

        public void Write(JsonElement row)
        {
            _insert ??= database.Prepare($"INSERT INTO {table} ({string.Join(", ", _columns.Select(column => column.Name))}) VALUES ({string.Join(", ", _columns.Select(_ => "?"))})");
            for (int i = 0; i < _columns.Count; i++)
            {
                JsonElement value = row.GetProperty(_columns[i].Name);
                if (value.ValueKind == JsonValueKind.Null) _insert.BindNull(i + 1);
                else if (_columns[i].Type == "INTEGER") _insert.Bind(i + 1, value.GetInt64());
                else if (_columns[i].Type == "TEXT") _insert.BindCopyOfText(i + 1, Encoding.UTF8.GetBytes(value.GetString()!));
                else _insert.BindCopyOfBlob(i + 1, value.GetBytesFromBase64());
            }
            _insert.Run();
        }
    }
}
