namespace Godwit.Interop.Tests.Captures;

/// <summary>A field as somebody has seen it.</summary>
/// <param name="Name">Wireshark's name.</param>
/// <param name="Offset">Its first byte, counted from the packet's.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Value">A number in decimal, text and bytes in hexadecimal; empty for groups.</param>
internal sealed record SeenField(string Name, int Offset, int Length, string Value)
{
    public override string ToString() => $"{Name} = {(Value.Length > 60 ? Value[..60] + "..." : Value)} (bytes {Offset} to {Offset + Length})";
}

/// <summary>An MQTT packet as somebody has seen it.</summary>
/// <param name="Frame">The number of the frame in which it was complete.</param>
/// <param name="Type">Its type and flags: the first byte.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Fields">Its fields, in the order of their bytes.</param>
internal sealed record SeenPacket(long Frame, byte Type, int Length, IReadOnlyList<SeenField> Fields)
{
    /// <summary>The version by which it was read, and what is wrong with it; where that is known.</summary>
    public string Reading { get; init; } = "";

    /// <summary>Whether something is wrong with its bytes, so far as that is known.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Whether all its bytes were looked at.</summary>
    public bool IsWhole { get; init; } = true;
}
