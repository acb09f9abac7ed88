using Godwit.Capture.Network;

namespace Godwit.Capture.Tcp;

/// <summary>The two ends of a connection, the same for both directions: the lower one first.</summary>
internal readonly struct FlowKey : IEquatable<FlowKey>
{
    private readonly IpAddress _low, _high;
    private readonly uint _ports;

    /// <param name="source">The sender's address.</param>
    /// <param name="sourcePort">Its port.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="destinationPort">Its port.</param>
    /// <param name="isFromLow">Whether the sender is the lower end.</param>
    public FlowKey(IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort, out bool isFromLow)
    {
        int order = source.CompareTo(destination);
        isFromLow = order < 0 || (order == 0 && sourcePort <= destinationPort);
        (_low, _high) = isFromLow ? (source, destination) : (destination, source);
        _ports = isFromLow ? (uint)sourcePort << 16 | destinationPort : (uint)destinationPort << 16 | sourcePort;
    }

    public bool Equals(FlowKey other) => _ports == other._ports && _low == other._low && _high == other._high;

    public override bool Equals(object? obj) => obj is FlowKey other && Equals(other);

    // Addresses come from strangers: the framework's hash is seeded.
    public override int GetHashCode() => HashCode.Combine(_low.High, _low.Low, _high.High, _high.Low, _ports);
}
