// What a trace does not show unless it is asked and allowed to: passwords, and the data of enhanced authentication. They are written over with
// asterisks before they leave the connection's loop. Of what cannot be read everything behind the last field that can is.
using Godwit.Protocol;
using Godwit.Protocol.Fields;

namespace Godwit.Broker.Tracing;

internal static class TraceSecrets
{
    // Of bytes that are no packet, so that somebody sees what they are.
    private const int Shown = 16;

    /// <summary>Whether packets of a type may have secrets in them.</summary>
    public static bool MayBeIn(PacketType type) => type is PacketType.Connect or PacketType.Connack or PacketType.Auth;

    /// <summary>Hides those of a packet, in place.</summary>
    public static void Hide(in PacketFrame frame, Span<byte> packet, ProtocolVersion version)
    {
        var found = new Found();
        Violation? violation = PacketFields.Report(frame, packet, version, new Sink(found));
        foreach ((int offset, int length) in found.Secrets) packet.Slice(offset, length).Fill((byte)'*');
        if (violation is not null) packet[Math.Min(packet.Length, found.End)..].Fill((byte)'*');
    }

    /// <summary>Hides what a client has sent before CONNECT that is no packet, in place.</summary>
    public static void Hide(Span<byte> bytes) => bytes[Math.Min(Shown, bytes.Length)..].Fill((byte)'*');

    private sealed class Found
    {
        public List<(int Offset, int Length)> Secrets { get; } = [];

        public int End { get; set; }

        public PropertyId Property { get; set; }
    }

    private readonly struct Sink(Found found) : IFieldSink
    {
        public void Field(FieldName name, int offset, int length)
        {
            if (name == FieldName.Password || (name == FieldName.PropertyValue && found.Property == PropertyId.AuthenticationData)) found.Secrets.Add((offset, length));
            found.End = offset + length;
        }

        public void Bits(FieldName name, int offset, byte mask)
        {
        }

        public void BeginProperty(PropertyId id, int offset) => found.Property = id;
    }
}
