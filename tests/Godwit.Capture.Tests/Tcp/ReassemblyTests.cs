using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Tests.Tcp;

public class ReassemblyTests
{
    private const TcpFlags Fin = TcpFlags.Fin | TcpFlags.Ack, Rst = TcpFlags.Rst | TcpFlags.Ack;

    [Fact]
    public void Connection_InOrder_GivesBothStreamsAndTheirEnds()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "hello").Server(5001, 1006, "world!").Client(1006, 5007, "", Fin).Server(5007, 1007, "", Fin).Client(1007, 5008);

        Assert.Equal("I+5 R+6 I:Closed R:Closed", wire.Stream.ToString());
        Assert.Equal("hello", wire.Stream.TextOf(Side.Initiator));
        Assert.Equal("world!", wire.Stream.TextOf(Side.Responder));
        Assert.Equal(40_000, wire.Stream.Connection.Initiator.Port);
        Assert.True(wire.Stream.Connection.IsFromBeginning);
        Assert.Equal(7, wire.Counters.Segments - 1);
        Assert.Equal("I+5 R+6 I:Closed R:Closed", wire.Complete().Stream.ToString());
    }

    [Fact]
    public void Connection_StillOpenAtTheEnd_IsLostOnce()
    {
        Assert.Equal("I+5 I:Lost", new Wire().Handshake().Client(1001, 5001, "hello").Complete().Stream.ToString());
        Assert.Equal("I:Closed R:Lost", new Wire().Handshake().Client(1001, 5001, "", Fin).Complete().Stream.ToString());
    }

    [Fact]
    public void Data_SentTwice_IsGivenOnce()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "hello").Client(1001, 5001, "hello").Client(1003, 5001, "llo, you");

        Assert.Equal("hello, you", wire.Stream.TextOf(Side.Initiator));
        Assert.All(wire.Segments.TakeLast(2), segment => Assert.Equal(SegmentKind.Retransmission, segment.Kind));
    }

    [Fact]
    public void Data_Overtaken_IsPutInOrderWithItsOwnFrames()
    {
        Wire wire = new Wire().Handshake().Client(1006, 5001, "world").Client(1011, 5001, "!").Client(1001, 5001, "hello");

        Assert.Equal("helloworld!", wire.Stream.TextOf(Side.Initiator));
        Assert.Equal([6, 4, 5], wire.Stream.Frames);
        Assert.Equal([SegmentKind.Data, SegmentKind.Data, SegmentKind.OutOfOrder], wire.Segments.TakeLast(3).Select(segment => segment.Kind));
        Assert.Equal([SegmentNotes.LostBefore, SegmentNotes.None, SegmentNotes.None], wire.Segments.TakeLast(3).Select(segment => segment.Notes));
    }

    [Fact]
    public void Data_OverlapsWhatWaits_FirstWins()
    {
        Wire wire = new Wire().Handshake().Client(1003, 5001, "CD").Client(1006, 5001, "F").Client(1001, 5001, "abcdefg");

        Assert.Equal("abCDeFg", wire.Stream.TextOf(Side.Initiator));
    }

    [Fact]
    public void SequenceNumbers_WrapAround_AreNoGap()
    {
        Wire wire = new Wire().Client(uint.MaxValue - 3, 0, "", TcpFlags.Syn).Server(uint.MaxValue, uint.MaxValue - 2, "", TcpFlags.Syn | TcpFlags.Ack)
            .Client(uint.MaxValue - 2, 0, "abcdef").Server(0, 3, "xyz").Client(3, 3, "gh");

        Assert.Equal("abcdefgh", wire.Stream.TextOf(Side.Initiator));
        Assert.Equal("xyz", wire.Stream.TextOf(Side.Responder));
        Assert.Equal(7, wire.Last.Sequence);
        Assert.Equal(4, wire.Last.Acknowledgement);
    }

    [Fact]
    public void Gap_AcknowledgedByTheOtherEnd_IsGivenUp()
    {
        Wire wire = new Wire().Handshake().Client(1011, 5001, "after").Server(5001, 1016);
        Assert.Equal("", wire.Stream.ToString());

        wire.Microseconds += 1000;
        wire.Server(5001, 1016, "ok");

        Assert.Equal("I-10 I+5 R+2", wire.Stream.ToString());
        Assert.Equal(1, wire.Counters.Gaps);
        Assert.Equal(10, wire.Counters.MissingBytes);
    }

    [Fact]
    public void Gap_AcknowledgedButFilledAMomentLater_IsNone()
    {
        Wire wire = new Wire().Handshake().Client(1006, 5001, "world").Server(5001, 1011).Client(1001, 5001, "hello");

        Assert.Equal("I+5 I+5", wire.Stream.ToString());
    }

    [Fact]
    public void Gap_OfAConnectionThatIsSilentThen_IsGivenUpByTheTrafficOfOthers()
    {
        Wire wire = new Wire().Handshake().Client(1011, 5001, "after").Server(5001, 1016);
        wire.Microseconds += 1000;
        wire.ClientPort++;
        wire.Handshake();

        Assert.Equal("I-10 I+5", wire.Streams.All[0].ToString());
    }

    [Fact]
    public void Gap_NotAcknowledged_IsWaitedForUntilTheEnd()
    {
        Wire wire = new Wire().Handshake().Client(1011, 5001, "after");
        wire.Microseconds += 10_000_000;
        wire.Server(5001, 1001, "x");
        Assert.Equal("R+1", wire.Stream.ToString());

        Assert.Equal("R+1 I-10 I+5 I:Lost", wire.Complete().Stream.ToString());
    }

    [Fact]
    public void Gap_WithTooMuchBehindIt_IsGivenUp()
    {
        var wire = new Wire(new CaptureOptions { MaxWaitingPerDirection = 10_000 });
        wire.Handshake();
        for (uint i = 0; i < 20; i++) wire.Client(2001 + i * 1000, 5001, new string((char)('a' + i), 1000));

        Assert.StartsWith("I-1000 I+1000", wire.Stream.ToString(), StringComparison.Ordinal);
        Assert.Equal(21_000, wire.Stream.BytesOf(Side.Initiator).Length);
    }

    [Fact]
    public void Gaps_OfAllConnectionsTogether_AreBounded()
    {
        var wire = new Wire(new CaptureOptions { MaxWaiting = 20_000 });
        for (uint i = 0; i < 100; i++)
        {
            wire.ClientPort = (ushort)(30_000 + i);
            wire.Handshake().Client(2001, 5001, new string('x', 1000));
        }

        Assert.InRange(wire.Streams.All.Count(stream => stream.Events.Count == 0), 1, 20);
        Assert.Equal("I-1000 I+1000", wire.Streams.All[0].ToString());
    }

    [Fact]
    public void Gap_BeforeFin_IsGivenUpWithIt()
    {
        Wire wire = new Wire().Handshake().Client(1006, 5001, "", Fin).Server(5001, 1007);
        wire.Microseconds += 1000;
        wire.Server(5001, 1007);

        Assert.Equal("I-5 I:Closed", wire.Stream.ToString());
    }

    [Fact]
    public void Fin_BeforeDataThatWasOvertaken_WaitsForIt()
    {
        Assert.Equal("I+5 I:Closed", new Wire().Handshake().Client(1006, 5001, "", Fin).Client(1001, 5001, "hello").Stream.ToString());
        Assert.Equal("I+5 I+5 I:Closed", new Wire().Handshake().Client(1006, 5001, "world", Fin).Client(1001, 5001, "hello").Stream.ToString());
    }

    [Fact]
    public void Fin_BeforeBytesThatWait_CutsThemOff()
    {
        Wire wire = new Wire().Handshake().Client(1003, 5001, "cdXX").Client(1020, 5001, "far").Client(1005, 5001, "", Fin).Client(1001, 5001, "ab");

        Assert.Equal("I+2 I+2 I:Closed", wire.Stream.ToString());
    }

    [Fact]
    public void Data_BehindFin_IsNotUsed()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "hello", Fin).Client(1007, 5001, "more").Client(1001, 5001, "hello+");

        Assert.Equal("I+5 I:Closed", wire.Stream.ToString());
        Assert.True(wire.Counters[SkipReason.AfterEnd] >= 1);
        Assert.Equal("I+5 I:Closed R:Lost", wire.Complete().Stream.ToString());
    }

    [Fact]
    public void Rst_WithBytesWaiting_GivesThemFirst()
    {
        Wire wire = new Wire().Handshake().Client(1006, 5001, "world").Server(5001, 1001, "", Rst).Client(1001, 5001, "hello").Client(1011, 5001, "more");

        Assert.Equal("I-5 I+5 R:Reset", wire.Stream.ToString());
        Assert.Equal(1, wire.Counters[SkipReason.AfterEnd]);
    }

    [Fact]
    public void Rst_AsAnswerToSyn_EndsTheConnection()
    {
        Wire wire = new Wire().Client(1000, 0, "", TcpFlags.Syn).Server(0, 1001, "", Rst);

        Assert.Equal("R:Reset", wire.Stream.ToString());
        Assert.Equal(1883, wire.Stream.Connection.Responder.Port);
    }

    [Fact]
    public void Rst_OfNoConnection_OpensNone()
    {
        Wire wire = new Wire().Server(0, 1001, "", Rst);

        Assert.Empty(wire.Streams.All);
        Assert.Equal(1, wire.Counters[SkipReason.StrayReset]);
    }

    [Fact]
    public void Syn_WithData_GivesIt()
    {
        Wire wire = new Wire().Client(1000, 0, "early", TcpFlags.Syn).Server(5000, 1006, "", TcpFlags.Syn | TcpFlags.Ack).Client(1006, 5001, "later");

        Assert.Equal("earlylater", wire.Stream.TextOf(Side.Initiator));
    }

    [Fact]
    public void Syn_SentAgain_IsTheSameConnection()
    {
        Wire wire = new Wire().Client(1000, 0, "", TcpFlags.Syn).Client(1000, 0, "", TcpFlags.Syn).Server(5000, 1001, "", TcpFlags.Syn | TcpFlags.Ack);

        Assert.Equal(SegmentKind.Retransmission, wire.Segments[1].Kind);
        Assert.Single(wire.Streams.All);
    }

    [Fact]
    public void Syn_OnPortsThatWereUsedBefore_OpensANewConnection()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "old");
        wire.Client(77_000, 0, "", TcpFlags.Syn).Server(88_000, 77_001, "", TcpFlags.Syn | TcpFlags.Ack).Client(77_001, 88_001, "new");

        Assert.Equal("I+3 I:Lost", wire.Streams.All[0].ToString());
        Assert.Equal("new", wire.Streams.All[1].TextOf(Side.Initiator));
        Assert.Equal(2, wire.Streams.All[1].Connection.Number);
    }

    [Fact]
    public void SynAck_WithoutItsSyn_TellsWhoHasOpened()
    {
        Wire wire = new Wire { ServerPort = 50_000, ClientPort = 40_000 }.Server(5000, 1001, "", TcpFlags.Syn | TcpFlags.Ack).Client(1001, 5001, "hello");

        Assert.Equal(40_000, wire.Stream.Connection.Initiator.Port);
        Assert.True(wire.Stream.Connection.IsFromBeginning);
        Assert.Equal("I+5", wire.Stream.ToString());
    }

    [Fact]
    public void SynAck_CapturedBeforeItsSyn_IsTheSameConnection()
    {
        Wire wire = new Wire().Server(5000, 1001, "", TcpFlags.Syn | TcpFlags.Ack).Client(1000, 0, "", TcpFlags.Syn).Client(1001, 5001, "hello");

        Assert.Equal("I+5", wire.Stream.ToString());
    }

    [Fact]
    public void Syn_FromBothEnds_IsOneConnection()
    {
        Wire wire = new Wire().Client(1000, 0, "", TcpFlags.Syn).Server(5000, 0, "", TcpFlags.Syn).Client(1000, 5001, "", TcpFlags.Syn | TcpFlags.Ack)
            .Server(5000, 1001, "", TcpFlags.Syn | TcpFlags.Ack).Client(1001, 5001, "hello").Server(5001, 1006, "hi");

        Assert.Equal("I+5 R+2", wire.Stream.ToString());
    }

    [Theory]
    [InlineData(40_000, 1883, true)]
    [InlineData(1883, 40_000, false)]
    [InlineData(1000, 8883, true)]
    [InlineData(50_000, 49_000, true)]
    [InlineData(49_000, 50_000, false)]
    public void Connection_SeenFromTheMiddle_GuessesTheInitiatorByPorts(ushort clientPort, ushort serverPort, bool isClient)
    {
        Wire wire = new Wire { ClientPort = clientPort, ServerPort = serverPort }.Client(7000, 9000, "data");

        Assert.Equal(isClient ? clientPort : serverPort, wire.Stream.Connection.Initiator.Port);
        Assert.False(wire.Stream.Connection.IsFromBeginning);
        Assert.Equal("data", wire.Stream.TextOf(isClient ? Side.Initiator : Side.Responder));
    }

    [Fact]
    public void Connection_SeenFromTheMiddle_KnowsWhatItMissedOfTheOtherEnd()
    {
        // The client has acknowledged up to 9000; what comes from 9010 on has a gap before it.
        Wire wire = new Wire().Client(7000, 9000, "data").Server(9010, 7004, "late").Client(7004, 9014);
        wire.Microseconds += 1000;
        wire.Client(7004, 9014);

        Assert.Equal("I+4 R-10 R+4", wire.Stream.ToString());
    }

    [Fact]
    public void KeepAlive_AsFirstSegment_DoesNotShiftTheStream()
    {
        Wire wire = new Wire().Client(6999, 9000).Server(9000, 7000).Client(7000, 9000, "data");

        Assert.Equal("I+4", wire.Stream.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    public void KeepAlive_Probe_GivesNothing(string garbage)
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "hello").Server(5001, 1006);
        wire.Microseconds += 60_000_000;
        wire.Client(1005, 5001, garbage).Server(5001, 1006);

        Assert.Equal("I+5", wire.Stream.ToString());
        Assert.Equal([SegmentKind.KeepAlive, SegmentKind.KeepAliveAck], wire.Segments.TakeLast(2).Select(segment => segment.Kind));
    }

    [Fact]
    public void SnapLength_CutsData_IsAGap()
    {
        var wire = new Wire { SnapLength = 14 + 20 + 20 + 4 };
        wire.Handshake().Client(1001, 5001, "hello").Client(1006, 5001, "world!");

        Assert.Equal("I+4 I-1 I+4 I-2", wire.Stream.ToString());
        Assert.Equal(SegmentNotes.CutOff, wire.Last.Notes);
        Assert.Equal(2 + 3, wire.Counters.CutFrames); // short frames lose padding only
    }

    [Fact]
    public void SnapLength_CutsDataThatWaits_IsAGapInItsPlace()
    {
        var wire = new Wire { SnapLength = 14 + 20 + 20 + 4 };
        wire.Handshake().Client(1006, 5001, "world!").Client(1001, 5001, "hello");

        Assert.Equal("I+4 I-1 I+4 I-2", wire.Stream.ToString());
    }

    [Fact]
    public void Segment_FarOutside_IsNotUsed()
    {
        Wire wire = new Wire().Handshake().Client(1001 + 0x7000_0000, 5001, "forged").Client(1001, 5001, "hello");

        Assert.Equal("I+5", wire.Stream.ToString());
        Assert.Equal(1, wire.Counters[SkipReason.OutsideWindow]);
    }

    [Fact]
    public void Segments_FarOutsideOneAfterTheOther_AreANewConnection()
    {
        Wire wire = new Wire().Handshake();
        for (uint i = 0; i < 4; i++) wire.Client(1001 + 0x7000_0000 + i, 5001, "x");

        Assert.Equal("I:Lost", wire.Streams.All[0].ToString());
        Assert.Equal("I+1 I+1", wire.Streams.All[1].ToString());
    }

    [Fact]
    public void Data_LongAfterTheEnd_IsANewConnectionWhoseSynWasMissed()
    {
        Wire wire = new Wire().Handshake().Client(1001, 5001, "", Fin).Server(5001, 1002, "", Fin).Client(0x3000_0000, 0x2000_0000, "new");

        Assert.Equal("I:Closed R:Closed", wire.Streams.All[0].ToString());
        Assert.Equal("I+3", wire.Streams.All[1].ToString());
    }

    [Fact]
    public void Connections_TooMany_GiveUpTheClosedThenTheOldest()
    {
        var wire = new Wire(new CaptureOptions { MaxConnections = 3 });
        foreach (ushort port in new ushort[] { 1, 2, 3 })
        {
            wire.ClientPort = port;
            wire.Handshake();
        }
        wire.Client(1001, 5001, "", Fin).Server(5001, 1002, "", Fin);
        foreach (ushort port in new ushort[] { 4, 5 })
        {
            wire.ClientPort = port;
            wire.Handshake();
        }

        Assert.Equal(["I:Lost", "", "I:Closed R:Closed", "", ""], wire.Streams.All.Select(stream => stream.ToString()));
        Assert.Equal(1, wire.Counters.ConnectionsGivenUp);
    }

    [Fact]
    public void Connections_ThatAreOver_AreForgottenAfterManyOthers()
    {
        var wire = new Wire(isObserved: false);
        for (int i = 0; i < 10_001; i++)
        {
            wire.ClientPort = (ushort)(20_000 + i);
            wire.Handshake().Client(1001, 5001, "", Fin).Server(5001, 1002, "", Fin);
        }
        wire.Client(1002, 5002, "late");
        Assert.Equal(10_001, wire.Counters.Connections);

        wire.ClientPort = 20_000;
        wire.Client(1002, 5002, "late");
        Assert.Equal(10_002, wire.Counters.Connections);
        Assert.Equal(0, wire.Counters.ConnectionsGivenUp);
    }

    [Fact]
    public void Checksum_Wrong_IsLeftOutOnlyIfAskedFor()
    {
        byte[] tcp = Network.Frames.Tcp(1, 1883, 100, 200, TcpFlags.Ack, "hello"u8);
        byte[] wrong = Network.Frames.Ethernet(0x0800, Network.Frames.IPv4("1.2.3.4", "5.6.7.8", tcp));
        byte[] right = Network.Frames.Ethernet(0x0800, Network.Frames.IPv4("1.2.3.4", "5.6.7.8", Network.Frames.WithChecksum([.. tcp], "1.2.3.4", "5.6.7.8")));
        byte[] right6 = Network.Frames.Ethernet(0x86dd, Network.Frames.IPv6("fe80::1", "::2", Network.Frames.WithChecksum([.. tcp], "fe80::1", "::2")));
        Wire usual = new(), strict = new(new CaptureOptions { VerifyChecksums = true });

        usual.Feed(wrong);
        strict.Feed(wrong);
        Assert.Equal("I+5", usual.Stream.ToString());
        Assert.Empty(strict.Streams.All);
        Assert.Equal(1, strict.Counters[SkipReason.BadChecksum]);

        strict.Feed(right);
        strict.Feed(right6);
        Assert.Equal(["I+5", "I+5"], strict.Streams.All.Select(stream => stream.ToString()));
    }
}
