// A capture made frame by frame: connections whose segments a test may split, repeat, swap, lose and wrap as it likes.
using Godwit.Capture;
using Godwit.Capture.Files;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Network;

namespace Godwit.Interop.Tests.Captures;

internal sealed class SyntheticCapture : IDisposable
{
    private readonly Dictionary<LinkType, int> _interfaces = [];
    private readonly PcapngWriter _writer;
    private long _time = 1_772_359_964_000_000_000;
    private ushort _port = 40_000, _identification = 1;

    public SyntheticCapture(string file) => _writer = new PcapngWriter(File.Create(file));

    /// <summary>A connection to port 1883 from a port of its own, with its handshake.</summary>
    /// <param name="wrap">Makes frames of a datagram; one of Ethernet if null.</param>
    /// <param name="link">The kind of link of these frames.</param>
    /// <param name="isIpV6">Whether its addresses are.</param>
    /// <param name="isFromBeginning">Whether the handshake is in the capture.</param>
    public SyntheticConnection Connect(Func<byte[], byte[][]>? wrap = null, LinkType link = LinkType.Ethernet, bool isIpV6 = false, bool isFromBeginning = true)
    {
        if (!_interfaces.ContainsKey(link)) _interfaces[link] = _writer.AddInterface(link);
        var connection = new SyntheticConnection(this, ++_port, isIpV6, link, wrap ?? (datagram => [Frames.Ethernet(isIpV6 ? Frames.IPv6Type : Frames.IPv4Type, datagram)]));
        if (isFromBeginning) connection.Handshake();
        return connection;
    }

    public ushort NextIdentification() => _identification++;

    public void Write(LinkType link, byte[] frame)
    {
        _writer.WriteFrame(_interfaces[link], _time, frame);
        _time += 100_000;
    }

    public void Dispose() => _writer.Dispose();
}

/// <summary>A segment that can be sent whenever a test wants.</summary>
internal sealed record Segment(bool IsFromClient, uint Sequence, byte[] Data);

/// <summary>A connection of a <see cref="SyntheticCapture"/>.</summary>
internal sealed class SyntheticConnection(SyntheticCapture capture, ushort port, bool isIpV6, LinkType link, Func<byte[], byte[][]> wrap)
{
    private const ushort ServerPort = 1883;

    private readonly uint[] _next = [1000, 5000];

    public void Handshake()
    {
        Write(true, TcpFlags.Syn, _next[0]++, 0, []);
        Write(false, TcpFlags.Syn | TcpFlags.Ack, _next[1]++, _next[0], []);
        Write(true, TcpFlags.Ack, _next[0], _next[1], []);
    }

    /// <summary>Data in one segment.</summary>
    public SyntheticConnection Client(params byte[][] packets) => Send(Next(true, packets));

    /// <inheritdoc cref="Client"/>
    public SyntheticConnection Server(params byte[][] packets) => Send(Next(false, packets));

    /// <summary>Takes the place in the stream of a segment that is sent later, or not at all.</summary>
    public Segment Next(bool isFromClient, params byte[][] packets)
    {
        byte[] data = [.. packets.SelectMany(packet => packet)];
        uint sequence = _next[isFromClient ? 0 : 1];
        _next[isFromClient ? 0 : 1] += (uint)data.Length;
        return new Segment(isFromClient, sequence, data);
    }

    /// <summary>Puts a segment on the wire.</summary>
    public SyntheticConnection Send(Segment segment)
    {
        Write(segment.IsFromClient, TcpFlags.Ack | TcpFlags.Psh, segment.Sequence, _next[segment.IsFromClient ? 1 : 0], segment.Data);
        return this;
    }

    /// <summary>A bare acknowledgement of all that has a place in the stream.</summary>
    public SyntheticConnection Ack(bool isFromClient)
    {
        Write(isFromClient, TcpFlags.Ack, _next[isFromClient ? 0 : 1], _next[isFromClient ? 1 : 0], []);
        return this;
    }

    /// <summary>Both ends close.</summary>
    public void Close()
    {
        Write(true, TcpFlags.Fin | TcpFlags.Ack, _next[0]++, _next[1], []);
        Write(false, TcpFlags.Fin | TcpFlags.Ack, _next[1]++, _next[0], []);
        Ack(true);
    }

    private void Write(bool isFromClient, TcpFlags flags, uint sequence, uint acknowledgement, byte[] data)
    {
        byte[] tcp = Frames.Tcp(isFromClient ? port : ServerPort, isFromClient ? ServerPort : port, sequence, acknowledgement, flags, data);
        (string client, string server) = isIpV6 ? ("fd00::1", "fd00::2") : ("10.0.0.1", "10.0.0.2");
        (string from, string to) = isFromClient ? (client, server) : (server, client);
        byte[] datagram = isIpV6 ? Frames.IPv6(from, to, tcp) : Frames.IPv4(from, to, tcp, identification: capture.NextIdentification());
        foreach (byte[] frame in wrap(datagram)) capture.Write(link, frame);
    }
}
