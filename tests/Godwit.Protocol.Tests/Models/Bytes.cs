// Values that compare by content, so that packet models are plain records and a failing test prints what differs.
using System.Text;

namespace Godwit.Protocol.Tests.Models;

/// <summary>Bytes that are equal when their content is.</summary>
internal readonly struct Bytes : IEquatable<Bytes>
{
    private readonly byte[]? _value;

    public Bytes(ReadOnlySpan<byte> value) => _value = value.ToArray();

    public ReadOnlySpan<byte> Span => _value;

    public int Length => Span.Length;

    public static implicit operator Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    public static implicit operator Bytes(byte[] value) => new(value);

    public bool Equals(Bytes other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Bytes other && Equals(other);

    public override int GetHashCode() => Length;

    public override string ToString() => Hex.Text(Span);
}

/// <summary>A list that is equal when its items are.</summary>
internal sealed class Items<T>(IEnumerable<T> items) : List<T>(items), IEquatable<Items<T>>
{
    public Items() : this([]) { }

    public bool Equals(Items<T>? other) => other is not null && this.SequenceEqual(other);

    public override bool Equals(object? obj) => Equals(obj as Items<T>);

    public override int GetHashCode() => Count;

    public override string ToString() => $"[{string.Join("; ", this)}]";
}
