// UNSUBSCRIBE (section 3.10).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid UNSUBSCRIBE packets.</summary>
public static class UnsubscribeVectors
{
    public static readonly GoldenVector One31 = new("unsubscribe-31", V31, """
        A2 07         # UNSUBSCRIBE, QoS 1, remaining length 7
        00 0A         # packet identifier 10
        00 03 'a/b'   # topic filter
        """);

    /// <summary>The example of figures 3.29 and 3.30 of 3.1.1.</summary>
    public static readonly GoldenVector Two311 = new("unsubscribe-311-two-filters", V311, """
        A2 0C         # UNSUBSCRIBE, flags 0010, remaining length 12
        00 0A         # packet identifier 10
        00 03 'a/b'   # topic filter
        00 03 'c/d'   # topic filter
        """);

    public static readonly GoldenVector Two5 = new("unsubscribe-5-two-filters", V5, """
        A2 0D         # UNSUBSCRIBE, flags 0010, remaining length 13
        00 0A         # packet identifier 10
        00            # property length 0
        00 03 'a/b'   # topic filter
        00 03 'c/d'   # topic filter
        """);

    public static readonly GoldenVector UserProperty5 = new("unsubscribe-5-user-property", V5, """
        A2 0F                    # UNSUBSCRIBE, flags 0010, remaining length 15
        00 0A                    # packet identifier 10
        07                       # property length 7
        26 00 01 'k' 00 01 'v'   # user property
        00 03 '+/b'              # topic filter
        """);
}
