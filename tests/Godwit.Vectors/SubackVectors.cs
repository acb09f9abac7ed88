// SUBACK and UNSUBACK (sections 3.9, 3.11).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid SUBACK and UNSUBACK packets.</summary>
public static class SubackVectors
{
    public static readonly GoldenVector Suback31 = new("suback-31", V31, """
        90 04   # SUBACK, remaining length 4
        00 0A   # packet identifier 10
        00      # granted QoS 0
        02      # granted QoS 2
        """);

    public static readonly GoldenVector Suback311 = new("suback-311", V311, """
        90 06   # SUBACK, remaining length 6
        00 0A   # packet identifier 10
        00      # granted QoS 0
        01      # granted QoS 1
        02      # granted QoS 2
        80      # failure
        """);

    public static readonly GoldenVector Suback5 = new("suback-5", V5, """
        90 07   # SUBACK, remaining length 7
        00 0A   # packet identifier 10
        00      # property length 0
        00      # granted QoS 0
        01      # granted QoS 1
        02      # granted QoS 2
        87      # not authorized
        """);

    public static readonly GoldenVector SubackProperties5 = new("suback-5-properties", V5, """
        90 10                    # SUBACK, remaining length 16
        00 0A                    # packet identifier 10
        0C                       # property length 12
        1F 00 02 'no'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        9E                       # shared subscriptions not supported
        """);

    public static readonly GoldenVector Unsuback31 = new("unsuback-31", V31, "B0 02  00 0A   # UNSUBACK, packet identifier 10");
    public static readonly GoldenVector Unsuback311 = new("unsuback-311", V311, "B0 02  00 0A   # UNSUBACK, packet identifier 10");

    public static readonly GoldenVector Unsuback5 = new("unsuback-5", V5, """
        B0 05   # UNSUBACK, remaining length 5
        00 0A   # packet identifier 10
        00      # property length 0
        00      # success
        11      # no subscription existed
        """);

    public static readonly GoldenVector UnsubackProperties5 = new("unsuback-5-properties", V5, """
        B0 10                    # UNSUBACK, remaining length 16
        00 0A                    # packet identifier 10
        0C                       # property length 12
        1F 00 02 'no'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        91                       # packet identifier in use
        """);
}
