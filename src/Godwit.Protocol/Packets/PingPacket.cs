// PINGREQ (C0 00) and PINGRESP (D0 00): sections 3.12 and 3.13.
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>PINGREQ, client to server, and PINGRESP, server to client: two bytes each.</summary>
public static class PingPacket
{
    /// <summary>The bytes of PINGREQ.</summary>
    public static ReadOnlySpan<byte> Pingreq => [0xC0, 0];

    /// <summary>The bytes of PINGRESP. <c>[MQTT-3.12.4-1]</c></summary>
    public static ReadOnlySpan<byte> Pingresp => [0xD0, 0];

    /// <summary>Checks that nothing follows the fixed header.</summary>
    public static bool TryRead(in PacketFrame frame, out Violation? violation)
    {
        violation = frame.RemainingLength == 0 ? null : Violations.TrailingBytes;
        return violation is null;
    }
}
