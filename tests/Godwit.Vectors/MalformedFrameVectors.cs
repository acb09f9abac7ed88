// What is wrong in the fixed header (section 2.1), the data types (1.5) or the properties (2.2.2) of any packet.
using Godwit.Protocol;
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Packets that break the rules common to all packets.</summary>
public static class MalformedFrameVectors
{
    public static readonly GoldenVector TypeZero = new("type-0", V311, "00 00   # packet type 0", Violations.ReservedPacketType);
    public static readonly GoldenVector Auth31 = new(
        "auth-31", V31, "F0 00   # packet type 15 before MQTT 5", Violations.ReservedPacketType);
    public static readonly GoldenVector Auth311 = new(
        "auth-311", V311, "F0 00   # packet type 15 before MQTT 5", Violations.ReservedPacketType);

    public static readonly GoldenVector ConnectFlags = new("connect-fixed-header-flags", V311, """
        12 0C           # CONNECT with flags 0010
        00 04 'MQTT'    # protocol name
        04 02 00 00     # protocol level, flags, keep alive
        00 00           # client identifier
        """, Violations.FixedHeaderFlags);

    public static readonly GoldenVector PubackFlags311 = new(
        "puback-311-flags", V311, "42 02  00 01   # PUBACK with flags 0010", Violations.FixedHeaderFlags);
    public static readonly GoldenVector PubackFlags5 = new(
        "puback-5-flags", V5, "41 02  00 01   # PUBACK with flags 0001", Violations.FixedHeaderFlags);
    public static readonly GoldenVector PubrelFlags311 = new(
        "pubrel-311-flags", V311, "60 02  00 01   # PUBREL with flags 0000", Violations.PubrelFlags);
    public static readonly GoldenVector PubrelFlags5 = new(
        "pubrel-5-flags", V5, "6A 02  00 01   # PUBREL with flags 1010", Violations.PubrelFlags);

    public static readonly GoldenVector SubscribeFlags311 = new("subscribe-311-flags", V311, """
        80 06          # SUBSCRIBE with flags 0000
        00 01          # packet identifier 1
        00 01 'a' 00   # topic filter, QoS 0
        """, Violations.SubscribeFlags);

    public static readonly GoldenVector SubscribeFlags5 = new("subscribe-5-flags", V5, """
        8A 07          # SUBSCRIBE with flags 1010
        00 01 00       # packet identifier 1, property length 0
        00 01 'a' 00   # topic filter, QoS 0
        """, Violations.SubscribeFlags);

    public static readonly GoldenVector UnsubscribeFlags311 = new("unsubscribe-311-flags", V311, """
        A0 05       # UNSUBSCRIBE with flags 0000
        00 01       # packet identifier 1
        00 01 'a'   # topic filter
        """, Violations.UnsubscribeFlags);

    public static readonly GoldenVector UnsubscribeFlags5 = new("unsubscribe-5-flags", V5, """
        A3 06       # UNSUBSCRIBE with flags 0011
        00 01 00    # packet identifier 1, property length 0
        00 01 'a'   # topic filter
        """, Violations.UnsubscribeFlags);

    public static readonly GoldenVector DisconnectFlags311 = new(
        "disconnect-311-flags", V311, "E1 00   # DISCONNECT with flags 0001", Violations.DisconnectFlags);
    public static readonly GoldenVector DisconnectFlags5 = new(
        "disconnect-5-flags", V5, "E8 00   # DISCONNECT with flags 1000", Violations.DisconnectFlags);
    public static readonly GoldenVector AuthFlags5 = new("auth-5-flags", V5, "F2 00   # AUTH with flags 0010", Violations.AuthFlags);

    public static readonly GoldenVector LengthTooLong311 = new(
        "length-too-long-311", V311, "30 80 80 80 80 01   # a remaining length of five bytes", Violations.LengthTooLong);
    public static readonly GoldenVector LengthTooLong5 = new(
        "length-too-long-5", V5, "30 FF FF FF FF 7F   # a remaining length of five bytes", Violations.LengthTooLong);

    public static readonly GoldenVector PropertyLengthTooLong5 = new("property-length-too-long-5", V5, """
        30 0A              # PUBLISH
        00 03 'a/b'        # topic name
        80 80 80 80 01     # a property length of five bytes
        """, Violations.LengthTooLong);

    public static readonly GoldenVector LengthNotMinimal5 = new("length-not-minimal-5", V5, """
        30 84 00       # PUBLISH, remaining length 4 in two bytes
        00 01 'a' 00   # topic name, property length 0
        """, Violations.LengthNotMinimal);

    public static readonly GoldenVector ConnectLengthNotMinimal5 = new("connect-5-length-not-minimal", V5, """
        10 8D 00        # CONNECT, remaining length 13 in two bytes
        00 04 'MQTT'    # protocol name
        05 02 00 00     # protocol version, flags, keep alive
        00              # property length 0
        00 00           # client identifier
        """, Violations.LengthNotMinimal);

    public static readonly GoldenVector PropertyLengthNotMinimal5 = new("property-length-not-minimal-5", V5, """
        30 07         # PUBLISH
        00 03 'a/b'   # topic name
        80 00         # property length 0 in two bytes
        """, Violations.LengthNotMinimal);

    public static readonly GoldenVector SubscriptionIdentifierNotMinimal5 = new("subscription-identifier-not-minimal-5", V5, """
        30 09         # PUBLISH
        00 03 'a/b'   # topic name
        03            # property length 3
        0B 81 00      # subscription identifier 1 in two bytes
        """, Violations.LengthNotMinimal);

    public static readonly GoldenVector TooLarge311 = new(
        "packet-too-large-311", V311, "30 0F   # PUBLISH of 17 bytes", Violations.PacketTooLarge) { MaximumPacketSize = 16 };
    public static readonly GoldenVector TooLarge5 = new(
        "packet-too-large-5", V5, "30 FF FF FF 7F   # PUBLISH of 268,435,455 bytes",
        Violations.PacketTooLarge) { MaximumPacketSize = 1_000_000 };

    public static readonly GoldenVector TruncatedAck311 = new(
        "puback-311-truncated", V311, "40 01  00   # PUBACK with half a packet identifier", Violations.Truncated);
    public static readonly GoldenVector EmptyAck5 = new(
        "pubcomp-5-empty", V5, "70 00   # PUBCOMP without packet identifier", Violations.Truncated);
    public static readonly GoldenVector TruncatedConnack5 = new(
        "connack-5-without-property-length", V5, "20 02  00 00   # CONNACK without property length", Violations.Truncated);
    public static readonly GoldenVector TruncatedAuth5 = new(
        "auth-5-without-property-length", V5, "F0 01  00   # AUTH without property length", Violations.Truncated);

    public static readonly GoldenVector TruncatedTopic311 = new("publish-311-truncated-topic", V311, """
        30 04         # PUBLISH, remaining length 4
        00 03 'a/'    # topic name of 3 bytes, of which 2 are there
        """, Violations.Truncated);

    public static readonly GoldenVector PropertiesBeyondPacket5 = new("properties-beyond-packet-5", V5, """
        30 06         # PUBLISH, remaining length 6
        00 03 'a/b'   # topic name
        05            # property length 5, nothing follows
        """, Violations.Truncated);

    public static readonly GoldenVector PropertyBeyondProperties5 = new("property-beyond-properties-5", V5, """
        30 0B             # PUBLISH
        00 03 'a/b'       # topic name
        03                # property length 3
        02 00 00 00 0A    # message expiry interval: 5 bytes
        """, Violations.Truncated);

    public static readonly GoldenVector TrailingPingreq311 = new(
        "pingreq-311-trailing", V311, "C0 01  00   # PINGREQ with a byte too many", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingPingresp5 = new(
        "pingresp-5-trailing", V5, "D0 01  00   # PINGRESP with a byte too many", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingDisconnect311 = new(
        "disconnect-311-trailing", V311, "E0 01  00   # DISCONNECT with a reason code before MQTT 5", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingPuback311 = new(
        "puback-311-trailing", V311, "40 03  00 01  00   # PUBACK with a reason code before MQTT 5", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingPuback5 = new(
        "puback-5-trailing", V5, "40 05  00 01  00 00  00   # PUBACK with a byte too many", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingConnack311 = new(
        "connack-311-trailing", V311, "20 03  00 00 00   # CONNACK with properties before MQTT 5", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingUnsuback311 = new(
        "unsuback-311-trailing", V311, "B0 03  00 01  00   # UNSUBACK with a code before MQTT 5", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingAuth5 = new(
        "auth-5-trailing", V5, "F0 03  00 00 00   # AUTH with a byte too many", Violations.TrailingBytes);
    public static readonly GoldenVector TrailingDisconnect5 = new(
        "disconnect-5-trailing", V5, "E0 03  00 00 00   # DISCONNECT with a byte too many", Violations.TrailingBytes);

    public static readonly GoldenVector Surrogate311 = new("publish-311-surrogate", V311, """
        30 05            # PUBLISH
        00 03 ED A0 80   # topic name: U+D800
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector Surrogate5 = new("user-property-5-surrogate", V5, """
        40 0D                      # PUBACK
        00 01 00                   # packet identifier, reason code
        09                         # property length 9
        26 00 01 'k' 00 03 ED BF BF   # user property with the value U+DFFF
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector SurrogateName5 = new("user-property-5-surrogate-name", V5, """
        40 0C                   # PUBACK
        00 01 00                # packet identifier, reason code
        08                      # property length 8
        26 00 03 ED A0 80 00 00 # user property with the name U+D800
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector Overlong5 = new("publish-5-overlong", V5, """
        30 05            # PUBLISH
        00 02 C0 AF      # topic name: / in two bytes
        00               # property length 0
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector Null311 = new("publish-311-null-character", V311, """
        30 05            # PUBLISH
        00 03 'a' 00 'b' # topic name with U+0000
        """, Violations.NullCharacter);

    public static readonly GoldenVector Null5 = new("reason-string-5-null-character", V5, """
        E0 06            # DISCONNECT
        00 04            # reason code, property length 4
        1F 00 01 00      # reason string with U+0000
        """, Violations.NullCharacter);

    public static readonly GoldenVector ZeroIdPublish311 = new(
        "publish-311-zero-packet-id", V311, "32 05  00 01 'a'  00 00   # PUBLISH, QoS 1", Violations.ZeroPacketId);
    public static readonly GoldenVector ZeroIdSubscribe311 = new(
        "subscribe-311-zero-packet-id", V311, "82 06  00 00  00 01 'a' 00   # SUBSCRIBE", Violations.ZeroPacketId);
    public static readonly GoldenVector ZeroIdUnsubscribe5 = new(
        "unsubscribe-5-zero-packet-id", V5, "A2 06  00 00  00  00 01 'a'   # UNSUBSCRIBE", Violations.ZeroPacketId);
    public static readonly GoldenVector ZeroIdPublish5 = new(
        "publish-5-zero-packet-id", V5, "34 06  00 01 'a'  00 00  00   # PUBLISH, QoS 2", Violations.ZeroPacketId);
    public static readonly GoldenVector ZeroIdPubrec5 = new(
        "pubrec-5-zero-packet-id", V5, "50 02  00 00   # PUBREC", Violations.ZeroPacketId);

    public static readonly GoldenVector UnknownProperty5 = new("unknown-property-5", V5, """
        40 06      # PUBACK
        00 01 00   # packet identifier, reason code
        02         # property length 2
        04 00      # no property has the identifier 04
        """, Violations.UnknownProperty);

    public static readonly GoldenVector PropertyNotAllowed5 = new("property-not-allowed-5", V5, """
        40 07      # PUBACK
        00 01 00   # packet identifier, reason code
        03         # property length 3
        23 00 01   # topic alias: only in PUBLISH
        """, Violations.PropertyNotAllowed);

    public static readonly GoldenVector WillPropertyInConnect5 = new("will-property-in-connect-5", V5, """
        10 12             # CONNECT
        00 04 'MQTT'      # protocol name
        05 02 00 00       # protocol version, flags, keep alive
        05                # property length 5
        18 00 00 00 01    # will delay interval: only in the will properties
        00 00             # client identifier
        """, Violations.PropertyNotAllowed);

    public static readonly GoldenVector DuplicateProperty5 = new("duplicate-property-5", V5, """
        40 0A         # PUBACK
        00 01 00      # packet identifier, reason code
        06            # property length 6
        1F 00 00      # reason string
        1F 00 00      # reason string
        """, Violations.DuplicateProperty);

    public static readonly GoldenVector DuplicateSubscriptionIdentifier5 = new("subscribe-5-duplicate-subscription-identifier", V5, """
        82 0B          # SUBSCRIBE
        00 01          # packet identifier 1
        04 0B 01 0B 02 # two subscription identifiers: only in PUBLISH
        00 01 'a' 00   # topic filter, options
        """, Violations.DuplicateProperty);

    public static readonly GoldenVector ReceiveMaximumZero5 = new(
        "connack-5-receive-maximum-0", V5, "20 06  00 00  03  21 00 00   # receive maximum 0", Violations.PropertyValue);
    public static readonly GoldenVector MaximumPacketSizeZero5 = new(
        "connack-5-maximum-packet-size-0", V5, "20 08  00 00  05  27 00 00 00 00   # maximum packet size 0", Violations.PropertyValue);
    public static readonly GoldenVector MaximumQoS2 = new(
        "connack-5-maximum-qos-2", V5, "20 05  00 00  02  24 02   # maximum QoS 2", Violations.PropertyValue);
    public static readonly GoldenVector SubscriptionIdentifierZero5 = new(
        "publish-5-subscription-identifier-0", V5, "30 06  00 01 'a'  02  0B 00   # subscription identifier 0", Violations.PropertyValue);
    public static readonly GoldenVector PayloadFormat2 = new(
        "publish-5-payload-format-2", V5, "30 06  00 01 'a'  02  01 02   # payload format indicator 2", Violations.PropertyValue);
}
