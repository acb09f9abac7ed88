// A wire between a client and a server: what a test puts on it goes through links, IP and TCP into recorded streams.
using System.Text;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Network;

namespace Godwit.Capture.Tests.Tcp;

internal sealed class Wire : ISegmentObserver
{
    public const string ClientAddress = "10.0.0.1", ServerAddress = "10.0.0.2";
    public const uint ClientStart = 1000, ServerStart = 5000;

    private readonly FrameFeed _feed;
    private long _frame;
    private ushort _identification = 1;

    public Wire(CaptureOptions? options = null, bool isObserved = true) => _feed = new FrameFeed(Streams, isObserved ? this : null, options);

    public RecordedStreams Streams { get; } = new();

    public List<SegmentInfo> Segments { get; } = [];

    public CaptureCounters Counters => _feed.Counters;

    public RecordedStream Stream => Streams.Single;

    public SegmentInfo Last => Segments[^1];

    /// <summary>What the next frame's time is, in microseconds; each frame takes 100 of them.</summary>
    public long Microseconds { get; set; } = 1_000_000;

    public ushort ClientPort { get; set; } = 40_000;

    public ushort ServerPort { get; set; } = 1883;

    /// <summary>How many bytes of a frame are captured.</summary>
    public int SnapLength { get; set; } = int.MaxValue;

    public void OnSegment(in SegmentInfo segment) => Segments.Add(segment);

    /// <summary>SYN, SYN+ACK, ACK. Data begins at 1001 and 5001.</summary>
    public Wire Handshake()
    {
        Client(ClientStart, 0, "", TcpFlags.Syn);
        Server(ServerStart, ClientStart + 1, "", TcpFlags.Syn | TcpFlags.Ack);
        return Client(ClientStart + 1, ServerStart + 1);
    }

    public Wire Client(uint sequence, uint acknowledgement, string data = "", TcpFlags flags = TcpFlags.Ack, ushort window = 1000, byte[]? options = null) =>
        Send(true, Frames.Tcp(ClientPort, ServerPort, sequence, acknowledgement, flags, Encoding.Latin1.GetBytes(data), window, options));

    public Wire Server(uint sequence, uint acknowledgement, string data = "", TcpFlags flags = TcpFlags.Ack, ushort window = 1000, byte[]? options = null) =>
        Send(false, Frames.Tcp(ServerPort, ClientPort, sequence, acknowledgement, flags, Encoding.Latin1.GetBytes(data), window, options));

    /// <summary>The last frame once more.</summary>
    public Wire Again()
    {
        Feed(LastFrame);
        return this;
    }

    public Wire Complete()
    {
        _feed.Complete();
        return this;
    }

    public void Feed(byte[] frame, LinkType link = LinkType.Ethernet)
    {
        LastFrame = frame;
        _feed.OnFrame(new Frame
        {
            Number = ++_frame,
            Time = Microseconds * 1000,
            Link = link,
            Bytes = frame.AsSpan(0, Math.Min(frame.Length, SnapLength)),
            OriginalLength = frame.Length,
        });
        Microseconds += 100;
    }

    private byte[] LastFrame { get; set; } = [];

    private Wire Send(bool isFromClient, byte[] tcp)
    {
        (string source, string destination) = isFromClient ? (ClientAddress, ServerAddress) : (ServerAddress, ClientAddress);
        Feed(Frames.Ethernet(Frames.IPv4Type, Frames.IPv4(source, destination, tcp, identification: _identification++)));
        return this;
    }
}
