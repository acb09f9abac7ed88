namespace Godwit.Capture.Network;

/// <summary>What IP delivers: a whole datagram without its IP header, from one frame or put together from fragments.</summary>
internal ref struct Datagram
{
    public Arrival At;
    public IpAddress Source, Destination;

    /// <summary>What there is of it in the capture.</summary>
    public ReadOnlySpan<byte> Bytes;

    /// <summary>How many bytes it had.</summary>
    public int Length;

    /// <summary>What it carries: 6 = TCP.</summary>
    public byte Protocol;

    /// <summary>The number that IPv4 gives each datagram, by which a frame that was captured twice is told from one that was sent twice; 0 in IPv6.</summary>
    public ushort Identification;

    /// <summary>Bytes before the transport's header, on the link: everything before the IP header, and that itself.</summary>
    public int LinkHeader, IpHeader;

    /// <summary>The frame's length on the link.</summary>
    public int FrameLength;
}
