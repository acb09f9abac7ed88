// Saves what can be read of a damaged store into a new one: page by page, whatever order they are in. Then what has lost its other half goes.
using Godwit.Broker.Storage;
using Godwit.Storage.Schema;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Salvage;

internal sealed class Salvager : IDisposable
{
    // How the rows of each table look: whether they have a number (which then is the first column) and the types of their columns, of which
    // n, t and b are an integer, text and blob, and a capital is one that may be NULL. No two tables look the same.
    private static readonly (string Table, bool HasRowId, string Columns)[] Shapes =
    [
        ("session", true, "NtTnnnnn"),
        ("subscription", false, "ntnN"),
        ("received", false, "nn"),
        ("will", true, "NnNNtbBnnTnN"),
        ("shared_queue", true, "Ntt"),
        ("message", true, "NtbBnnTnN"),
        ("delivery", false, "nnNnnnT"),
        ("retained", true, "tbBnnTnN"),
    ];

    private readonly PageFile _file;
    private readonly RowReader _reader;
    private readonly SqliteDatabase _target;
    private readonly SqliteStatement[] _inserts;
    private long _rejected;

    private Salvager(string damagedFile, SqliteDatabase target)
    {
        _file = new PageFile(damagedFile);
        _reader = new RowReader(_file);
        _target = target;
        _inserts = [.. Shapes.Select(shape => target.Prepare($"INSERT OR IGNORE INTO {shape.Table} VALUES ({string.Join(", ", shape.Columns.Select(_ => "?"))})"))];
    }

    /// <summary>Saves what can be read.</summary>
    /// <param name="damagedFile">The damaged file, its log beside it.</param>
    /// <param name="target">An empty store.</param>
    /// <param name="reason">What was wrong.</param>
    public static StoreDamage Run(string damagedFile, SqliteDatabase target, string reason)
    {
        target.Execute("BEGIN IMMEDIATE");
        using var salvager = new Salvager(damagedFile, target);
        int unreadable = salvager.CopyRows();
        IReadOnlyList<string> removed = StoreConsistency.Repair(target);
        target.Execute("COMMIT");

        List<string> losses = [];
        if (unreadable > 0) losses.Add($"{unreadable} of {salvager._file.Count} pages could not be read entirely");
        if (salvager._rejected > 0) losses.Add($"{salvager._rejected} rows were not valid");
        losses.AddRange(removed);
        var saved = StoreSchema.Tables.Where(table => table is not ("message_references" or "ended_queue"))
            .ToDictionary(table => table, table => target.QueryInteger($"SELECT count(*) FROM {table}") ?? 0);
        return new StoreDamage(reason, damagedFile, saved, losses);
    }

    public void Dispose()
    {
        foreach (SqliteStatement insert in _inserts) insert.Dispose();
        _file.Dispose();
    }

    // Returns how many pages were not whole.
    private int CopyRows()
    {
        HashSet<int> free = FreePages.Read(_file);
        int unreadable = 0;
        for (int page = 1; page <= _file.Count; page++)
            if (!free.Contains(page) && !_reader.ReadPage(page, CopyRow)) unreadable++;
        return unreadable;
    }

    private void CopyRow()
    {
        int shape = Array.FindIndex(Shapes, s => s.HasRowId == _reader.RowId.HasValue && Fits(s.Columns));
        if (shape < 0) return;
        try
        {
            Insert(_inserts[shape]);
        }
        catch (StoreException invalid) when (invalid.Failure == StoreFailure.Damaged)
        {
            _rejected++;
        }
    }

    private void Insert(SqliteStatement insert)
    {
        for (int i = 0; i < _reader.Values.Count; i++)
        {
            RowValue value = _reader.Values[i];
            switch (value.Type)
            {
                case RowValue.Number: insert.Bind(i + 1, value.Integer); break;
                case RowValue.Text: insert.BindCopyOfText(i + 1, _reader.Bytes.Slice(value.Start, value.Length)); break;
                case RowValue.Blob: insert.BindCopyOfBlob(i + 1, _reader.Bytes.Slice(value.Start, value.Length)); break;
                // The column that is the row's number is NULL in the row itself.
                case RowValue.Null when i == 0: insert.Bind(1, _reader.RowId); break;
                default: insert.BindNull(i + 1); break;
            }
        }
        insert.Run();
    }

    private bool Fits(string columns)
    {
        if (columns.Length != _reader.Values.Count) return false;
        for (int i = 0; i < columns.Length; i++)
        {
            bool fits = _reader.Values[i].Type switch
            {
                RowValue.Number => columns[i] is 'n' or 'N' && !(i == 0 && columns[0] == 'N'),
                RowValue.Text => columns[i] is 't' or 'T',
                RowValue.Blob => columns[i] is 'b' or 'B',
                _ => char.IsUpper(columns[i]),
            };
            if (!fits) return false;
        }
        return true;
    }
}
