// Which protocol version a connection speaks whose CONNECT was not seen. Most packets differ: MQTT 5 puts a property length where 3.1.1 has
// payload, codes or nothing. So each packet is read both ways, and what cannot be read counts against a version; one packet that is damaged
// decides nothing for good. 3.1 and 3.1.1 have the same packets behind CONNECT.
using Godwit.Protocol;
using Godwit.Protocol.Fields;

namespace Godwit.Capture.Mqtt;

/// <summary>Collects what packets tell about the version.</summary>
internal struct VersionGuess
{
    private int _against311, _against5, _for5;

    /// <summary>Whether the packets seen allow one version only.</summary>
    public readonly bool IsCertain => _against311 == 0 != (_against5 == 0);

    /// <summary>
    /// The likelier one; <see cref="ProtocolVersion.V311"/> as long as nothing tells them apart. A packet that has something behind its
    /// header, and that still is a packet of MQTT 5, is hardly one by chance.
    /// </summary>
    public readonly ProtocolVersion Best =>
        _against5 < _against311 || (_against5 == _against311 && _for5 > 0) ? ProtocolVersion.V5 : ProtocolVersion.V311;

    /// <summary>A whole packet has come.</summary>
    public void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        bool fits311 = Fits(frame, packet, ProtocolVersion.V311), fits5 = Fits(frame, packet, ProtocolVersion.V5);
        if (!fits311 && !fits5) return;
        if (!fits311) _against311++;
        if (!fits5) _against5++;
        if (fits5 && HasProperties(frame)) _for5++;
    }

    private static bool Fits(in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version) =>
        FrameFinder.Find(packet, version, out _, out Violation? violation) == FrameStatus.Complete && violation is null
        && PacketFields.Report(frame, packet, version, default(NoFields)) is null;

    private static bool HasProperties(in PacketFrame frame) =>
        frame.Type is PacketType.Publish or PacketType.Subscribe or PacketType.Suback or PacketType.Unsubscribe;
}
