// PUBACK, PUBREC, PUBREL, PUBCOMP (sections 3.4 to 3.7).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid acknowledgements of PUBLISH.</summary>
public static class PublishAckVectors
{
    public static readonly GoldenVector Puback31 = new("puback-31", V31, "40 02  12 34   # PUBACK, packet identifier 0x1234");
    public static readonly GoldenVector Pubrec31 = new("pubrec-31", V31, "50 02  12 34   # PUBREC, packet identifier 0x1234");
    public static readonly GoldenVector Pubrel31 = new("pubrel-31", V31, "62 02  12 34   # PUBREL, QoS 1, packet identifier 0x1234");
    public static readonly GoldenVector Pubcomp31 = new("pubcomp-31", V31, "70 02  12 34   # PUBCOMP, packet identifier 0x1234");

    /// <summary>MQTT 3.1 sets DUP when PUBREL is sent again.</summary>
    public static readonly GoldenVector PubrelDup31 = new(
        "pubrel-31-dup", V31, "6A 02  12 34   # PUBREL, DUP, QoS 1") { IsCanonical = false };

    public static readonly GoldenVector Puback311 = new("puback-311", V311, "40 02  12 34   # PUBACK, packet identifier 0x1234");
    public static readonly GoldenVector Pubrec311 = new("pubrec-311", V311, "50 02  12 34   # PUBREC, packet identifier 0x1234");
    public static readonly GoldenVector Pubrel311 = new(
        "pubrel-311", V311, "62 02  12 34   # PUBREL, flags 0010, packet identifier 0x1234");
    public static readonly GoldenVector Pubcomp311 = new("pubcomp-311", V311, "70 02  12 34   # PUBCOMP, packet identifier 0x1234");

    public static readonly GoldenVector Puback5 = new("puback-5", V5, "40 02  00 01   # PUBACK, packet identifier 1: success");
    public static readonly GoldenVector Pubrec5 = new("pubrec-5", V5, "50 02  00 01   # PUBREC, packet identifier 1: success");
    public static readonly GoldenVector Pubrel5 = new("pubrel-5", V5, "62 02  00 01   # PUBREL, packet identifier 1: success");
    public static readonly GoldenVector Pubcomp5 = new("pubcomp-5", V5, "70 02  00 01   # PUBCOMP, packet identifier 1: success");

    public static readonly GoldenVector PubackReason5 = new(
        "puback-5-reason", V5, "40 03  00 01  10   # reason code: no matching subscribers");
    public static readonly GoldenVector PubrecReason5 = new("pubrec-5-reason", V5, "50 03  00 01  97   # reason code: quota exceeded");
    public static readonly GoldenVector PubrelReason5 = new(
        "pubrel-5-reason", V5, "62 03  00 01  92   # reason code: packet identifier not found");
    public static readonly GoldenVector PubcompReason5 = new(
        "pubcomp-5-reason", V5, "70 03  00 01  92   # reason code: packet identifier not found");

    public static readonly GoldenVector PubackProperties5 = new("puback-5-properties", V5, """
        40 10                    # PUBACK, remaining length 16
        00 01                    # packet identifier 1
        87                       # reason code: not authorized
        0C                       # property length 12
        1F 00 02 'no'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        """);

    public static readonly GoldenVector PubrecProperties5 = new("pubrec-5-properties", V5, """
        50 10                    # PUBREC, remaining length 16
        00 01                    # packet identifier 1
        87                       # reason code: not authorized
        0C                       # property length 12
        1F 00 02 'no'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        """);

    public static readonly GoldenVector PubrelProperties5 = new("pubrel-5-properties", V5, """
        62 10                    # PUBREL, remaining length 16
        00 01                    # packet identifier 1
        00                       # reason code: success
        0C                       # property length 12
        1F 00 02 'ok'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        """);

    public static readonly GoldenVector PubcompProperties5 = new("pubcomp-5-properties", V5, """
        70 10                    # PUBCOMP, remaining length 16
        00 01                    # packet identifier 1
        92                       # reason code: packet identifier not found
        0C                       # property length 12
        1F 00 02 'no'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        """);

    public static readonly GoldenVector PubackWrittenOut5 = new("puback-5-written-out", V5, """
        40 04   # PUBACK, remaining length 4
        00 01   # packet identifier 1
        00      # reason code: success, which may be left out
        00      # property length 0, which may be left out
        """) { IsCanonical = false };

    public static readonly GoldenVector PubcompSuccess5 = new("pubcomp-5-success-written-out", V5, """
        70 03   # PUBCOMP, remaining length 3
        00 01   # packet identifier 1
        00      # reason code: success, which may be left out
        """) { IsCanonical = false };
}
