// The entries of one answer. It ends where the client's packet limit, the wanted number or the work of a turn ends; the rest follows
// with the next request.
using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Godwit.Broker.Control;

/// <param name="name">The member that has the entries.</param>
/// <param name="limit">How many there may be.</param>
/// <param name="room">Bytes that the client can take.</param>
internal sealed class ControlPage(string name, int limit, int room)
{
    /// <summary>Bytes after which a page is full: some ten microseconds' work.</summary>
    private const int Usual = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _json = Begin(name);
    private readonly ArrayBufferWriter<byte> _next = new();
    private int _count;

    /// <summary>Whether the answer shall go.</summary>
    public bool IsFull => _count >= limit || _json.WrittenCount >= Usual || IsStuck;

    /// <summary>The next entries are too large for the client, even alone.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Adds entries that belong together: all of them or, unless the page is empty, none; then it is full.</summary>
    /// <returns>How many were added.</returns>
    public int Add<T>(IReadOnlyList<T> entries, JsonTypeInfo<T> type)
    {
        _next.ResetWrittenCount();
        int most = _count == 0 ? room : Math.Min(room, 2 * Usual), added = 0, fitting = 0;
        for (; added < entries.Count; added++)
        {
            if (_count + added > 0) _next.Write(","u8);
            using (var writer = new Utf8JsonWriter(_next, new JsonWriterOptions { Encoder = type.Options.Encoder })) JsonSerializer.Serialize(writer, entries[added], type);
            if (_json.WrittenCount + _next.WrittenCount > most) break;
            fitting = _next.WrittenCount;
        }
        if (added < entries.Count)
        {
            IsStuck = _count + added == 0;
            if (_count > 0) added = fitting = 0;
            limit = _count + added;
        }
        _json.Write(_next.WrittenSpan[..fitting]);
        _count += added;
        return added;
    }

    /// <summary>The answer.</summary>
    /// <param name="cursor">Where to go on; null at the end.</param>
    public ReadOnlyMemory<byte> End(string? cursor)
    {
        _json.Write("]"u8);
        if (cursor is not null) Encoding.UTF8.GetBytes($",\"cursor\":\"{cursor}\"", _json);
        _json.Write("}"u8);
        return _json.WrittenMemory;
    }

    private static ArrayBufferWriter<byte> Begin(string name)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        Encoding.UTF8.GetBytes($"{{\"{name}\":[", json);
        return json;
    }
}
