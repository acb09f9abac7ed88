// Gathers the properties of a packet that is built from options or a message: absent ones are left out, the buffer grows as needed.
using Godwit.Protocol;

namespace Godwit.Client;

internal sealed class PropertyBuffer
{
    private const int LongestInteger = 6;

    private byte[] _bytes = [];
    private int _length;

    public static byte[] Of(IReadOnlyList<UserProperty>? userProperties)
    {
        if (userProperties is null || userProperties.Count == 0) return [];
        var buffer = new PropertyBuffer();
        buffer.Add(userProperties);
        return buffer.ToArray();
    }

    public void Add(PropertyId id, uint? value)
    {
        if (value is not { } number) return;
        var writer = new PropertyWriter(Room(LongestInteger));
        writer.Add(id, number);
        _length += writer.Length;
    }

    public void Add(PropertyId id, string? value)
    {
        if (value is not null) Add(id, Text.Encode(value, id.ToString()));
    }

    public void Add(PropertyId id, ReadOnlyMemory<byte>? value)
    {
        if (value is { } bytes) Add(id, bytes.Span);
    }

    public void Add(IReadOnlyList<UserProperty> userProperties)
    {
        foreach (UserProperty property in userProperties)
        {
            byte[] name = Text.Encode(property.Name, nameof(UserProperty)), value = Text.Encode(property.Value, nameof(UserProperty));
            var writer = new PropertyWriter(Room(PropertyWriter.SizeOf(name, value, isPair: true)));
            writer.AddUserProperty(name, value);
            _length += writer.Length;
        }
    }

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    private void Add(PropertyId id, ReadOnlySpan<byte> value)
    {
        var writer = new PropertyWriter(Room(PropertyWriter.SizeOf(default, value, isPair: false)));
        writer.Add(id, value);
        _length += writer.Length;
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size) Array.Resize(ref _bytes, Math.Max(_length + size, _bytes.Length * 2));
        return _bytes.AsSpan(_length);
    }
}
