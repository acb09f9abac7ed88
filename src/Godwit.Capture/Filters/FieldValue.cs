using System.Net;

namespace Godwit.Capture.Filters;

/// <summary>What a field holds.</summary>
public enum FieldKind : byte
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>1 or 0.</summary>
    Flag,

    /// <summary>A number whose values have names.</summary>
    Name,

    /// <summary>Text in UTF-8.</summary>
    Text,

    /// <summary>Bytes of any kind.</summary>
    Bytes,

    /// <summary>An IP address.</summary>
    Address,

    /// <summary>A number or a text, as the packet has it.</summary>
    Any,
}

/// <summary>One value of a field.</summary>
public readonly ref struct FieldValue
{
    /// <summary>A number.</summary>
    public static FieldValue Of(double number) => new() { Number = number, HasNumber = true };

    /// <summary>A flag.</summary>
    public static FieldValue Of(bool flag) => Of(flag ? 1 : 0);

    /// <summary>Text or bytes.</summary>
    public static FieldValue Of(ReadOnlySpan<byte> bytes) => new() { Bytes = bytes };

    /// <summary>An address.</summary>
    public static FieldValue Of(IPAddress address) => new() { Address = address };

    /// <summary>Whether it is a number.</summary>
    public bool HasNumber { get; private init; }

    /// <summary>The number.</summary>
    public double Number { get; private init; }

    /// <summary>The text or bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private init; }

    /// <summary>The address.</summary>
    public IPAddress? Address { get; private init; }
}
