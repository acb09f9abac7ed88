using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Tests.Tcp;

public class SegmentObserverTests
{
    [Fact]
    public void SegmentInfo_OfAHandshake_HasNumbersAndSizes()
    {
        byte[] scale = [1, 3, 3, 7]; // no operation, then window scale 7
        Wire wire = new Wire().Client(1000, 0, "", TcpFlags.Syn, 500, scale).Server(5000, 1001, "", TcpFlags.Syn | TcpFlags.Ack, 600, scale).Client(1001, 5001, "hello", window: 700);

        SegmentInfo syn = wire.Segments[0], answer = wire.Segments[1], data = wire.Segments[2];
        Assert.Equal((0, 0, 500), (syn.Sequence, syn.Acknowledgement, syn.Window));
        Assert.Equal((0, 1, 600), (answer.Sequence, answer.Acknowledgement, answer.Window));
        Assert.Equal((1, 1, 700 << 7), (data.Sequence, data.Acknowledgement, data.Window));
        Assert.Equal([SegmentKind.Control, SegmentKind.Control, SegmentKind.Data], wire.Segments.Select(segment => segment.Kind));
        Assert.Equal((14, 20, 24, 60), (syn.LinkHeaderLength, syn.IpHeaderLength, syn.TcpHeaderLength, syn.FrameLength));
        Assert.Equal((Side.Initiator, 5, 3), (data.From, data.PayloadLength, data.At.Frame));
    }

    [Fact]
    public void FastRetransmission_AfterDuplicateAcks_IsToldFromOthers()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "a").Server(5001, 1002).Client(1003, 5001, "c").Server(5001, 1002).Client(1004, 5001, "d").Server(5001, 1002)
            .Client(1002, 5001, "b").Server(5001, 1005);

        Assert.Equal(
            [SegmentKind.Data, SegmentKind.Ack, SegmentKind.Data, SegmentKind.DuplicateAck, SegmentKind.Data, SegmentKind.DuplicateAck, SegmentKind.FastRetransmission, SegmentKind.Ack],
            wire.Segments.Skip(3).Select(segment => segment.Kind));
        Assert.Equal("abcd", wire.Stream.TextOf(Side.Initiator));
    }

    [Fact]
    public void Retransmission_OfWhatTheCaptureMissed_ComesLate()
    {
        Wire wire = new Wire().Handshake().Client(1002, 5001, "b");
        wire.Microseconds += 200_000;
        wire.Client(1001, 5001, "a");

        Assert.Equal(SegmentKind.Retransmission, wire.Last.Kind);
    }

    [Fact]
    public void Window_ZeroAndOpenAgain_IsNoted()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "a").Server(5001, 1002, window: 0).Server(5001, 1002, window: 500);

        Assert.Equal([SegmentNotes.ZeroWindow, SegmentNotes.WindowUpdate], wire.Segments.TakeLast(2).Select(segment => segment.Notes));
        Assert.All(wire.Segments.TakeLast(2), segment => Assert.Equal(SegmentKind.Ack, segment.Kind));
    }

    [Fact]
    public void Ack_OfWhatWasNotCaptured_IsNoted()
    {
        Wire wire = new Wire().Handshake().Server(5001, 1050);

        Assert.Equal(SegmentNotes.AcksUnseen, wire.Last.Notes);
    }

    [Fact]
    public void Frame_CapturedTwice_IsACopyAndNoRetransmission()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "a").Again().Server(5001, 1002).Again().Client(1002, 5001, "b");

        Assert.Equal([SegmentKind.Data, SegmentKind.Copy, SegmentKind.Ack, SegmentKind.Copy, SegmentKind.Data], wire.Segments.Skip(3).Select(segment => segment.Kind));
        Assert.Equal("I+1 I+1", wire.Stream.ToString());
    }

    [Fact]
    public void Fin_SentAgain_IsARetransmission()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "", TcpFlags.Fin | TcpFlags.Ack).Client(1001, 5001, "", TcpFlags.Fin | TcpFlags.Ack);

        Assert.Equal([SegmentKind.Control, SegmentKind.Retransmission], wire.Segments.TakeLast(2).Select(segment => segment.Kind));
        Assert.Equal("I:Closed", wire.Stream.ToString());
    }

    [Fact]
    public void Data_AfterTheEnd_IsStray()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "", TcpFlags.Fin | TcpFlags.Ack).Client(1002, 5001, "x");

        Assert.Equal(SegmentKind.Stray, wire.Last.Kind);
    }
}
