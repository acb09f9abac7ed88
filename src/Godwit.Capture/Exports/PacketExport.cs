// Wireshark's "exported PDU": each MQTT packet as a frame of its own, with tags that say which dissector it is for and where it comes from. So
// what was decrypted, or taken out of WebSocket, can be looked at in Wireshark without keys.
//
//   type (2) | length (2) | value, padded to 4 bytes        any number of them, big-endian; type 0 is the last
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Godwit.Capture.Files;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Capture.Exports;

/// <summary>Writes MQTT packets as exported PDUs in pcapng.</summary>
public sealed class PacketExport : IPacketView, IDisposable
{
    private const ushort DissectorName = 12, SourceV4 = 20, DestinationV4 = 21, SourceV6 = 22, DestinationV6 = 23, PortType = 24, SourcePort = 25, DestinationPort = 26, EndOfTags = 0;
    private const uint TcpPort = 2;

    private readonly PcapngWriter _writer;
    private readonly TextViewOptions _options;
    private readonly int _interface;
    private readonly byte[] _tags = new byte[256];
    private int _used;

    /// <summary>Begins the file.</summary>
    /// <param name="stream">Where to; closed with this.</param>
    /// <param name="options">What to hide; of it only that counts.</param>
    public PacketExport(Stream stream, TextViewOptions options)
    {
        _options = options;
        _writer = new PcapngWriter(stream);
        _interface = _writer.AddInterface(LinkType.ExportedPdu, "mqtt", "MQTT packets, decrypted");
    }

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        _used = 0;
        IPEndPoint source = PacketContext.Source(packet), destination = PacketContext.Destination(packet);
        Tag(DissectorName, "mqtt"u8);
        Tag(source.AddressFamily == AddressFamily.InterNetwork ? SourceV4 : SourceV6, source.Address.GetAddressBytes());
        Tag(destination.AddressFamily == AddressFamily.InterNetwork ? DestinationV4 : DestinationV6, destination.Address.GetAddressBytes());
        Tag(PortType, TcpPort);
        Tag(SourcePort, (uint)source.Port);
        Tag(DestinationPort, (uint)destination.Port);
        Tag(EndOfTags, default(ReadOnlySpan<byte>));
        byte[] bytes = [.. _tags.AsSpan(0, _used), .. SecretMask.Copy(packet, _options)];
        string? comment = context.Findings.Count == 0 ? null
            : string.Join('\n', context.Findings.Select(finding => $"{finding.Rule.Severity.ToString().ToLowerInvariant()} {finding.Rule.Id}: {finding.Sentence}"));
        _writer.WriteFrame(_interface, packet.Last.Time, bytes, _used + packet.Frame.Length, comment);
    }

    /// <summary>Completes the file.</summary>
    public void Dispose() => _writer.Dispose();

    private void Tag(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Tag(type, bytes);
    }

    private void Tag(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> target = _tags.AsSpan(_used);
        BinaryPrimitives.WriteUInt16BigEndian(target, type);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)value.Length);
        value.CopyTo(target[4..]);
        _used += 4 + (value.Length + 3 & ~3);
    }
}
