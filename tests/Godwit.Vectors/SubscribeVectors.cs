// SUBSCRIBE (section 3.8).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid SUBSCRIBE packets.</summary>
public static class SubscribeVectors
{
    public static readonly GoldenVector One31 = new("subscribe-31", V31, """
        82 08         # SUBSCRIBE, QoS 1, remaining length 8
        00 0A         # packet identifier 10
        00 03 'a/b'   # topic filter
        01            # requested QoS 1
        """);

    /// <summary>MQTT 3.1 sets DUP when SUBSCRIBE is sent again.</summary>
    public static readonly GoldenVector Dup31 = new("subscribe-31-dup", V31, """
        8A 08         # SUBSCRIBE, DUP, QoS 1, remaining length 8
        00 0A         # packet identifier 10
        00 03 'a/b'   # topic filter
        01            # requested QoS 1
        """) { IsCanonical = false };

    /// <summary>The example of figures 3.22 and 3.23 of 3.1.1.</summary>
    public static readonly GoldenVector Two311 = new("subscribe-311-two-filters", V311, """
        82 0E         # SUBSCRIBE, flags 0010, remaining length 14
        00 0A         # packet identifier 10
        00 03 'a/b'   # topic filter
        01            # requested QoS 1
        00 03 'c/d'   # topic filter
        02            # requested QoS 2
        """);

    /// <summary>Before MQTT 5 $share has no meaning of its own.</summary>
    public static readonly GoldenVector ShareIsOrdinary311 = new("subscribe-311-share-is-ordinary", V311, """
        82 0C             # SUBSCRIBE, flags 0010, remaining length 12
        00 0A             # packet identifier 10
        00 07 '$share/'   # topic filter
        00                # requested QoS 0
        """);

    public static readonly GoldenVector Two5 = new("subscribe-5-two-filters", V5, """
        82 0F         # SUBSCRIBE, flags 0010, remaining length 15
        00 0A         # packet identifier 10
        00            # property length 0
        00 03 'a/b'   # topic filter
        01            # options: QoS 1
        00 03 'c/d'   # topic filter
        02            # options: QoS 2
        """);

    public static readonly GoldenVector AllOptions5 = new("subscribe-5-all-options", V5, """
        82 20                    # SUBSCRIBE, flags 0010, remaining length 32
        FF FF                    # packet identifier 65,535
        0A                       # property length 10
        0B 80 01                 # subscription identifier 128
        26 00 01 'k' 00 01 'v'   # user property
        00 0C '$share/g/+/x'     # topic filter, shared
        29                       # options: retain handling 2, retain as published, QoS 1
        00 01 '#'                # topic filter
        1E                       # options: retain handling 1, retain as published, no local, QoS 2
        """);
}
