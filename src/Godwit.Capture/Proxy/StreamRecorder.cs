// Writes streams as a capture, so that other programs can open what a proxy has seen: IP packets as they might have been, with sequence numbers,
// a beginning and an end. Acknowledgements ride on the data; times are those of the streams.
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Proxy;

/// <summary>Writes the streams of all connections into a capture on their way to other consumers.</summary>
public sealed class StreamRecorder : IStreamConsumerFactory
{
    /// <summary>MQTT's port without TLS: programs that read a capture take what goes by it for MQTT, and look for no TLS there.</summary>
    public const int PlainPort = 1883;

    private readonly PcapngWriter _writer;
    private readonly IStreamConsumerFactory? _next;
    private readonly int? _port;
    private readonly int _interface;
    private readonly byte[] _packet = new byte[Recording.LargestPacket];

    /// <summary>Begins a capture.</summary>
    /// <param name="writer">Where to. It stays open.</param>
    /// <param name="next">Who else gets the streams; null = nobody.</param>
    /// <param name="port">The responder's port in the capture; null = its own. For streams from which TLS has been taken off, <see cref="PlainPort"/>.</param>
    public StreamRecorder(PcapngWriter writer, IStreamConsumerFactory? next = null, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        (_writer, _next, _port) = (writer, next, port);
        _interface = writer.AddInterface(LinkType.Raw, "proxy", "What went through a proxy, as IP packets that were never on a wire");
    }

    /// <inheritdoc/>
    public IStreamConsumer Open(StreamConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new Recording(this, connection, _next?.Open(connection));
    }

    private sealed class Recording : IStreamConsumer
    {
        public const int LargestPacket = Ipv6Header + TcpHeader + LargestSegment;

        private const int LargestSegment = 32 * 1024, Ipv4Header = 20, Ipv6Header = 40, TcpHeader = 20, SynOptions = 4;
        private const byte TcpProtocol = 6, HopLimit = 64, WindowScale = 8;

        private readonly StreamRecorder _owner;
        private readonly IStreamConsumer? _next;
        private readonly byte[][] _addresses;
        private readonly int[] _ports;
        private readonly uint[] _sequence = new uint[2];

        public Recording(StreamRecorder owner, StreamConnection connection, IStreamConsumer? next)
        {
            (_owner, _next) = (owner, next);
            IPAddress one = connection.Initiator.Address, other = connection.Responder.Address;
            bool isMixed = one.AddressFamily != other.AddressFamily;
            _addresses = [.. new[] { one, other }.Select(address => (isMixed ? address.MapToIPv6() : address).GetAddressBytes())];
            _ports = [connection.Initiator.Port, owner._port ?? connection.Responder.Port];
            Write(Side.Initiator, TcpFlags.Syn, default, connection.Opened);
            Write(Side.Responder, TcpFlags.Syn | TcpFlags.Ack, default, connection.Opened);
            Write(Side.Initiator, TcpFlags.Ack, default, connection.Opened);
        }

        public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
        {
            for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
            {
                ReadOnlySpan<byte> part = rest[..Math.Min(rest.Length, LargestSegment)];
                rest = rest[part.Length..];
                Write(from, TcpFlags.Ack | TcpFlags.Psh, part, at);
            }
            _next?.OnBytes(from, bytes, at);
        }

        public void OnGap(Side from, long count, Arrival at)
        {
            _sequence[(int)from] += (uint)count;
            _next?.OnGap(from, count, at);
        }

        public void OnEnd(Side from, StreamEnd end, Arrival at)
        {
            if (end == StreamEnd.Closed) Write(from, TcpFlags.Fin | TcpFlags.Ack, default, at);
            else if (end == StreamEnd.Reset) Write(from, TcpFlags.Rst | TcpFlags.Ack, default, at);
            _next?.OnEnd(from, end, at);
        }

        private void Write(Side from, TcpFlags flags, ReadOnlySpan<byte> data, Arrival at)
        {
            int options = (flags & TcpFlags.Syn) != 0 ? SynOptions : 0, tcpLength = TcpHeader + options + data.Length;
            byte[] source = _addresses[(int)from], destination = _addresses[1 - (int)from];
            bool isV4 = source.Length == 4;
            Span<byte> packet = _owner._packet.AsSpan(0, (isV4 ? Ipv4Header : Ipv6Header) + tcpLength);
            Span<byte> tcp = isV4 ? WriteIpv4(packet, source, destination) : WriteIpv6(packet, source, destination, tcpLength);
            tcp.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)_ports[(int)from]);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)_ports[1 - (int)from]);
            BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], _sequence[(int)from]);
            if ((flags & TcpFlags.Ack) != 0) BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], _sequence[1 - (int)from]);
            tcp[12] = (byte)((TcpHeader + options) / 4 << 4);
            tcp[13] = (byte)flags;
            BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], ushort.MaxValue);
            if (options > 0) ((ReadOnlySpan<byte>)[3, 3, WindowScale, 0]).CopyTo(tcp[TcpHeader..]); // window scale, end of options
            data.CopyTo(tcp[(TcpHeader + options)..]);
            uint sum = TcpProtocol + (uint)tcpLength + Sum(source) + Sum(destination) + Sum(tcp);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Fold(sum));
            _sequence[(int)from] += (uint)data.Length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0 ? 1u : 0);
            _owner._writer.WriteFrame(_owner._interface, at.Time, packet);
        }

        private static Span<byte> WriteIpv4(Span<byte> packet, byte[] source, byte[] destination)
        {
            const ushort DontFragment = 0x4000;
            Span<byte> header = packet[..Ipv4Header];
            header.Clear();
            header[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(header[6..], DontFragment);
            header[8] = HopLimit;
            header[9] = TcpProtocol;
            source.CopyTo(header[12..]);
            destination.CopyTo(header[16..]);
            BinaryPrimitives.WriteUInt16BigEndian(header[10..], Fold(Sum(header)));
            return packet[Ipv4Header..];
        }

        private static Span<byte> WriteIpv6(Span<byte> packet, byte[] source, byte[] destination, int length)
        {
            Span<byte> header = packet[..Ipv6Header];
            header.Clear();
            header[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)length);
            header[6] = TcpProtocol;
            header[7] = HopLimit;
            source.CopyTo(header[8..]);
            destination.CopyTo(header[24..]);
            return packet[Ipv6Header..];
        }

        private static uint Sum(ReadOnlySpan<byte> bytes)
        {
            uint sum = 0;
            for (; bytes.Length > 1; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
        }

        private static ushort Fold(uint sum)
        {
            while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
            return (ushort)~sum;
        }
    }
}
