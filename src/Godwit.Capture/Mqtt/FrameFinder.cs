// Finds a packet's extent also where the broker would have closed the connection: wrong flags or a needlessly long length are to be reported,
// and what comes behind them is worth reading.
using Godwit.Protocol;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Mqtt;

/// <summary>Reads fixed headers, forgivingly.</summary>
internal static class FrameFinder
{
    /// <summary>Finds the packet at the beginning of the input.</summary>
    /// <param name="input">What has come; not empty.</param>
    /// <param name="version">The connection's protocol version, as far as known.</param>
    /// <param name="frame">The fixed header, as soon as it is there; else default.</param>
    /// <param name="violation">What is wrong with it; the extent of the packet may be known all the same.</param>
    /// <returns><see cref="FrameStatus.Malformed"/> only if no extent can be told, so that the next packet's place is not known.</returns>
    public static FrameStatus Find(ReadOnlySpan<byte> input, ProtocolVersion version, out PacketFrame frame, out Violation? violation)
    {
        FrameStatus status = PacketFrame.Read(input, version, int.MaxValue, out frame, out violation);
        if (status != FrameStatus.Malformed) return status;
        if (violation == Violations.LengthTooLong || input[0] >> 4 == 0) return status;
        int size = VariableByteInteger.Read(input[1..], out int remainingLength);
        if (size < 0) return status;
        if (size == 0) return FrameStatus.NeedMore;
        frame = new PacketFrame((PacketType)(input[0] >> 4), (byte)(input[0] & 15), 1 + size, remainingLength);
        return frame.Length <= input.Length ? FrameStatus.Complete : FrameStatus.NeedMore;
    }
}
