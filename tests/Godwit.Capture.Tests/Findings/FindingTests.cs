// A table: for each rule a scene in which it is broken, and one next to it in which it is not.
using Godwit.Capture.Conversations;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Conversations;
using Godwit.Capture.Tests.Mqtt;
using Godwit.Protocol;

namespace Godwit.Capture.Tests.Findings;

internal sealed class Silent : IConversationObserver;

public class FindingTests
{
    public static TheoryData<string, string, string> Table => new()
    {
        // Connections
        { "connect-refused", "connect; S 20 02 00 05", "start" },
        { "no-connack", "connect; fin S; fin C", "start; disconnect; fin C; fin S" },
        { "keep-alive-exceeded", "start; +91; ping", "start; +89; ping" },
        { "keep-alive-off", "C 10 0D 00 04 'MQTT' 04 02 00 00 00 01 'c'", "connect" },
        { "keep-alive-long", "C 10 0D 00 04 'MQTT' 04 02 0E 11 00 01 'c'", "C 10 0D 00 04 'MQTT' 04 02 0E 10 00 01 'c'" },
        { "taken-over", "start; #2; start", "start; disconnect; fin C; fin S; #2; start" },
        { "client-id-fight", "start; #2; start; #3; start; #4; start", "start; #2; start; #3; start" },
        { "session-lost", "connect-kept; connack; subscribe; suback; rst C; #2; connect-kept; connack", "connect-kept; connack; subscribe; suback; rst C; #2; connect-kept; connack-present" },
        { "closed-without-disconnect", "start; fin C; fin S", "start; disconnect; fin C; fin S" },
        { "connection-reset", "start; rst S", "start; disconnect; rst S" },
        { "server-closed", "start; fin S; fin C", "start; disconnect; fin S; fin C" },
        { "will-after-disconnect", "#2; start; #1; connect-will; connack; disconnect; fin C; fin S; #2; S 30 05 00 01 'g' 'by'", "#2; start; #1; connect-will; connack; fin C; fin S; #2; S 30 05 00 01 'g' 'by'" },
        { "will-missing", "#2; start; C 82 06 00 01 00 01 'g' 00; S 90 03 00 01 00; #1; connect-will; connack; fin C; fin S; +10; #2; ping",
            "#2; start; C 82 06 00 01 00 01 'g' 00; S 90 03 00 01 00; #1; connect-will; connack; fin C; fin S; #2; S 30 05 00 01 'g' 'by'; +10; ping" },
        { "ping-unanswered", "start; C C0 00; fin S; fin C", "start; ping; fin S; fin C" },

        // Exchanges
        { "no-connect-first", "C C0 00; S D0 00; C C0 00", "connect" },
        { "second-connect", "start; connect", "start; #2; C 10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'd'" },
        { "no-connack-first", "connect; S D0 00", "start; S D0 00" },
        { "wrong-direction", "start; S C0 00", "start; C C0 00" },
        { "packet-after-disconnect", "start; disconnect; ping", "start; ping; disconnect" },
        { "packet-id-in-use", "start; publish1; publish1", "start; publish1; puback; publish1" },
        { "dup-without-original", "start; C 3A 07 00 03 'a/b' 00 07", "start; C 32 07 00 03 'a/b' 00 07" },
        { "publish-repeated", "start; publish1; C 3A 07 00 03 'a/b' 00 07", "start; publish1; puback" },
        { "unknown-acknowledgement", "start; puback", "start; publish1; puback" },
        { "wrong-acknowledgement", "start; publish2; S 40 02 00 08", "start; publish2; S 50 02 00 08" },
        { "acknowledgements-out-of-order", "start; publish1; C 32 07 00 03 'a/b' 00 09; S 40 02 00 09", "start; publish1; C 32 07 00 03 'a/b' 00 09; puback; S 40 02 00 09" },
        { "suback-code-count", "start; subscribe; S 90 04 00 01 01 01", "start; subscribe; suback" },
        { "receive-maximum-exceeded", "connect5; S 20 06 00 00 03 21 00 01; C 32 06 00 01 't' 00 01 00; C 32 06 00 01 't' 00 02 00", "connect5; S 20 06 00 00 03 21 00 02; C 32 06 00 01 't' 00 01 00; C 32 06 00 01 't' 00 02 00" },
        { "maximum-packet-size-exceeded", "connect5; S 20 08 00 00 05 27 00 00 00 07; C 30 06 00 01 't' 00 '12'", "connect5; S 20 08 00 00 05 27 00 00 00 08; C 30 06 00 01 't' 00 '12'" },
        { "topic-alias-too-high", "connect5; S 20 06 00 00 03 22 00 01; C 30 07 00 01 't' 03 23 00 02", "connect5; S 20 06 00 00 03 22 00 02; C 30 07 00 01 't' 03 23 00 02" },
        { "topic-alias-unknown", "connect5; S 20 06 00 00 03 22 00 01; C 30 06 00 00 03 23 00 01", "connect5; S 20 06 00 00 03 22 00 01; C 30 07 00 01 't' 03 23 00 01; C 30 06 00 00 03 23 00 01" },
        { "session-present-after-clean", "connect; connack-present", "connect-kept; connack-present" },
        { "qos2-incomplete", "start; publish2; S 50 02 00 08; rst C", "start; publish2; S 50 02 00 08; C 62 02 00 08; S 70 02 00 08; rst C" },

        // Subscriptions
        { "subscription-refused", "start; subscribe; S 90 03 00 01 80", "start; subscribe; suback" },
        { "subscription-qos-lowered", "start; subscribe; S 90 03 00 01 00", "start; subscribe; suback" },
        { "subscribe-unanswered", "start; subscribe; rst C", "start; subscribe; suback; rst C" },
        { "unsubscribe-unanswered", "start; C A2 07 00 09 00 03 'a/b'; rst C", "start; C A2 07 00 09 00 03 'a/b'; S B0 02 00 09; rst C" },
        { "subscribes-to-everything", "start; C 82 06 00 01 00 01 '#' 00", "start; C 82 08 00 01 00 03 'a/#' 00" },
        { "filter-leading-slash", "start; C 82 07 00 01 00 02 '/a' 00", "start; C 82 07 00 01 00 02 'a/' 00" },
        { "wildcard-not-available", "connect5; S 20 05 00 00 02 28 00; C 82 09 00 01 00 00 03 'a/+' 00", "connect5; S 20 05 00 00 02 28 01; C 82 09 00 01 00 00 03 'a/+' 00" },
        { "shared-not-available", "connect5; S 20 05 00 00 02 2A 00; C 82 10 00 01 00 00 0A '$share/g/a' 00", "connect5; S 20 05 00 00 02 2A 01; C 82 10 00 01 00 00 0A '$share/g/a' 00" },
        { "subscription-identifier-not-available", "connect5; S 20 05 00 00 02 29 00; C 82 09 00 01 02 0B 01 00 01 'a' 00", "start5; C 82 09 00 01 02 0B 01 00 01 'a' 00" },
        { "shared-before-5", "start; C 82 0F 00 01 00 0A '$share/g/a' 00", "start5; C 82 10 00 01 00 00 0A '$share/g/a' 00" },

        // Messages
        { "publish-unacknowledged", "start; publish1; rst C", "start; publish1; puback; rst C" },
        { "publish-refused", "start5; C 32 06 00 01 't' 00 01 00; S 40 03 00 01 87", "start5; C 32 06 00 01 't' 00 01 00; S 40 03 00 01 00" },
        { "no-matching-subscribers", "start5; C 32 06 00 01 't' 00 01 00; S 40 03 00 01 10", "start5; C 32 06 00 01 't' 00 01 00; S 40 02 00 01" },
        { "topic-leading-slash", "start; C 30 04 00 02 '/a'", "start; C 30 04 00 02 'a/'" },
        { "topic-dollar", "start; C 30 04 00 02 '$a'", "start; S 30 04 00 02 '$a'" },
        { "topic-invisible-characters", "start; C 30 04 00 02 'a ' C0 00", "start; C 30 05 00 03 'a b'" },
        { "retain-not-available", "connect5; S 20 05 00 00 02 25 00; C 31 04 00 01 't' 00", "connect5; S 20 05 00 00 02 25 00; C 30 04 00 01 't' 00" },
        { "qos-above-maximum", "connect5; S 20 05 00 00 02 24 00; C 32 06 00 01 't' 00 01 00", "connect5; S 20 05 00 00 02 24 01; C 32 06 00 01 't' 00 01 00" },
        { "payload-not-utf8", "start5; C 30 07 00 01 't' 02 01 01 FF", "start5; C 30 07 00 01 't' 02 01 00 FF" },

        // Identity
        { "random-client-id-with-session", "C 10 1C 00 04 'MQTT' 04 00 00 3C 00 10 'mqttjs_1a2b3c4d5'", "C 10 1C 00 04 'MQTT' 04 00 00 3C 00 10 'kitchen-sensor-1'" },
        { "empty-client-id-with-session", "C 10 0C 00 04 'MQTT' 04 00 00 3C 00 00", "C 10 0C 00 04 'MQTT' 04 02 00 3C 00 00" },
        { "assigned-client-id-with-session", "C 10 12 00 04 'MQTT' 05 02 00 3C 05 11 00 00 00 64 00 00; S 20 07 00 00 04 12 00 01 'x'",
            "C 10 0D 00 04 'MQTT' 05 02 00 3C 00 00 00; S 20 07 00 00 04 12 00 01 'x'" },

        // Packets
        { "unreadable-bytes", "start; C 00 01", "start; C C0 00" },
        { "incomplete-packet", "start; C 30 05 00 03; rst C", "start; C 30 05 00 03 'a/b'; rst C" },
        { "capture-incomplete", "start; gap C 10", "start; ping" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Rule_BrokenAndKept_IsFoundAndNotFound(string rule, string broken, string kept)
    {
        Scene scene = new Scene().Play(broken);
        Finding? finding = scene.Findings.Findings.FirstOrDefault(found => found.Rule.Id == rule);
        Assert.True(finding is not null, $"{rule} is not among {string.Join(", ", scene.Rules)}");
        Assert.EndsWith(".", finding.Sentence);
        Assert.DoesNotContain(rule, new Scene().Play(kept).Rules);
    }

    [Fact]
    public void Rule_Chatty_CountsSmallMessagesInAShortTime()
    {
        string messages = string.Concat(Enumerable.Repeat("publish1; puback;", 200));
        Assert.Contains("chatty", new Scene().Play("start;" + messages).Rules);
        Assert.DoesNotContain("chatty", new Scene().Play("start;" + messages.Replace("puback;", "puback; +0.1;")).Rules);
    }

    [Fact]
    public void Rule_PasswordInClear_IsAboutOtherMachines()
    {
        const string connect = "C 10 13 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 01 'u' 00 01 'p'";
        Assert.Contains("password-in-clear", new Scene(server: "192.0.2.1").Play(connect).Rules);
        Assert.DoesNotContain("password-in-clear", new Scene().Play(connect).Rules);
        Assert.DoesNotContain("password-in-clear", new Scene(server: "192.0.2.1").Play("connect").Rules);
    }

    [Fact]
    public void Rule_Ports_AreComparedWithTheContent()
    {
        Assert.Equal(["tls-on-plain-port"], new Scene().Play("C 16 03 01 02 00 01").Rules);
        Assert.Empty(new Scene(8883).Play("C 16 03 01 02 00 01").Rules);
        Assert.Equal(["plain-on-tls-port"], new Scene(8883).Play("start").Rules);
        Assert.Equal(["foreign-on-mqtt-port"], new Scene().Play("C 'GET / HTTP/1.1' 0D 0A 0D 0A").Rules);
        Assert.Empty(new Scene(80).Play("C 'GET / HTTP/1.1' 0D 0A 0D 0A").Rules);
    }

    [Fact]
    public void Rule_Transport_IsAboutSegments()
    {
        Assert.Equal(["tcp-retransmission"], Segments((SegmentKind.Data, 0, 10, 0), (SegmentKind.Retransmission, 0, 10, 300)));
        Assert.Equal(["tcp-zero-window"], Segments(SegmentNotes.ZeroWindow, (SegmentKind.Ack, 1, 0, 0)));
        Assert.Equal(["nagle-delay"], Segments((SegmentKind.Data, 0, 20, 0), (SegmentKind.Ack, 1, 0, 40), (SegmentKind.Data, 0, 20, 41)));
        Assert.Empty(Segments((SegmentKind.Data, 0, 20, 0), (SegmentKind.Ack, 1, 0, 1), (SegmentKind.Data, 0, 20, 2)));
        Assert.Empty(Segments((SegmentKind.Data, 0, 20, 0), (SegmentKind.Ack, 1, 0, 40), (SegmentKind.Data, 0, 20, 90)));
    }

    [Fact]
    public void Rule_OfTheCodec_IsFoundInItsVector()
    {
        foreach (GoldenVector vector in GoldenVectors.Malformed.Where(v => v.Type is not (PacketType.None or PacketType.Connect) && v.Version != ProtocolVersion.V31))
        {
            if (vector.Violation == Violations.PacketTooLarge || vector.Violation == Violations.LengthTooLong) continue;
            var findings = new FindingsCollector();
            var stream = new TestStream(new MqttStreams([new ConversationTracker([findings])]));
            stream.Client(vector.Version == ProtocolVersion.V5 ? ConnectVectors.Minimal5.Bytes : ConnectVectors.PythonTest.Bytes).Client(vector.Bytes);
            Assert.Contains(findings.Findings, finding => finding.Rule.Id == vector.Violation!.Name && finding.Statement == vector.Violation.StatementFor(finding.Version));
        }
    }

    [Fact]
    public void Findings_OfAnOrdinaryConversation_AreNone()
    {
        Scene scene = new Scene().Play("start; subscribe; suback; publish1; puback; publish2; S 50 02 00 08; C 62 02 00 08; S 70 02 00 08; +60; ping; disconnect; fin C; fin S");
        Assert.Empty(scene.Findings.Findings);
    }

    [Fact]
    public void Findings_OfTheSameKind_AreOneWithACount()
    {
        Scene scene = new Scene().Play("start;" + string.Concat(Enumerable.Repeat("puback;", 20)));
        Finding finding = scene.Findings.Findings.Single();
        Assert.Equal(20, finding.Count);
        Assert.Equal(8, finding.Packets.Count);
        Assert.Equal("The server has sent PUBACK for packet identifier 7, which is not in flight.", finding.Sentence);
        Assert.Equal("MQTT-2.3.1-6", finding.Statement);
    }

    [Fact]
    public void Rules_AllOfThem_AreInTheTableAndInTheDocumentation()
    {
        string[] elsewhere = ["chatty", "password-in-clear", "tls-on-plain-port", "plain-on-tls-port", "foreign-on-mqtt-port", "tcp-retransmission", "tcp-zero-window", "nagle-delay", "not-followed",
            "websocket-text-frame", "websocket-protocol-not-offered", "websocket-protocol-not-chosen", "layer-violation", "tls-not-opened", "layer-lost", "layer-ended", "layer-unfinished", "layer-note"];
        IEnumerable<string> inTable = Table.Select(row => (string)row[0]).Concat(elsewhere).Concat(Violations.All.Select(violation => violation.Name));
        Assert.Equal(FindingRules.All.Select(rule => rule.Id).Order(), inTable.Order());

        string documentation = File.ReadAllText(Testing.Repository.PathOf("docs/findings.md"));
        Assert.All(FindingRules.All, rule => Assert.Contains($"| `{rule.Id}` | {rule.Severity.ToString().ToLowerInvariant()} | {rule.Title} |", documentation));
    }

    private static string[] Segments(params (SegmentKind Kind, int Side, int Length, int Milliseconds)[] segments) => Segments(SegmentNotes.None, segments);

    private static string[] Segments(SegmentNotes notes, params (SegmentKind Kind, int Side, int Length, int Milliseconds)[] segments)
    {
        var findings = new FindingsCollector();
        StreamConnection connection = new TestStream(new MqttStreams([])).Stream;
        foreach ((SegmentKind kind, int side, int length, int milliseconds) in segments)
        {
            findings.OnSegment(new SegmentInfo
            {
                Connection = connection,
                From = (Side)side,
                At = new Arrival(1, milliseconds * 1_000_000L + 1),
                Flags = default,
                Sequence = 1,
                Acknowledgement = 1,
                Window = 1000,
                PayloadLength = length,
                LinkHeaderLength = 14,
                IpHeaderLength = 20,
                TcpHeaderLength = 20,
                FrameLength = 54 + length,
                Kind = kind,
                Notes = notes,
            });
        }
        return [.. findings.Findings.Select(finding => finding.Rule.Id)];
    }
}
