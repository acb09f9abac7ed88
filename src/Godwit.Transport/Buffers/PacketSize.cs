// What one connection may take of a turn: all others wait for it. 32 KiB of small packets are some hundred microseconds' work, and so
// are 256 KiB of larger ones. After a large packet only the next one's beginning is read, because that has to be copied.
namespace Godwit.Transport;

/// <summary>What kind of packets a connection seems to send.</summary>
internal enum PacketSize : byte
{
    /// <summary>Many fit into one receive.</summary>
    Small,

    /// <summary>Some fit.</summary>
    Medium,

    /// <summary>Each has a buffer of its own.</summary>
    Large,
}

internal static class PacketSizes
{
    /// <summary>A packet of this size takes long to move rather than to handle.</summary>
    private const int Medium = 4 * 1024;

    /// <summary>Bytes that are received at one time.</summary>
    public static int MostToReceive(this PacketSize expected) => expected switch
    {
        PacketSize.Small => 32 * 1024,
        PacketSize.Medium => 256 * 1024,
        _ => 4 * 1024,
    };

    /// <summary>The incomplete packet at the end of what has been received stands for those that come.</summary>
    public static PacketSize Next(this PacketSize expected, in InputBuffer kept)
    {
        if (kept.Required > Medium) return PacketSize.Medium;
        return kept.Length > 0 || expected == PacketSize.Large ? PacketSize.Small : expected;
    }
}
