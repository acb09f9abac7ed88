// CONNACK (section 3.2).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid CONNACK packets.</summary>
public static class ConnackVectors
{
    public static readonly GoldenVector Accepted31 = new("connack-31-accepted", V31, """
        20 02   # CONNACK, remaining length 2
        00      # reserved
        00      # return code: accepted
        """);

    /// <summary>3.1: the first byte is a reserved value that is not used.</summary>
    public static readonly GoldenVector ReservedByte31 = new("connack-31-reserved-byte", V31, """
        20 02   # CONNACK, remaining length 2
        01      # reserved
        05      # return code: not authorized
        """) { IsCanonical = false };

    public static readonly GoldenVector Accepted311 = new("connack-311-accepted", V311, """
        20 02   # CONNACK, remaining length 2
        00      # acknowledge flags
        00      # return code: accepted
        """);

    public static readonly GoldenVector SessionPresent311 = new("connack-311-session-present", V311, """
        20 02   # CONNACK, remaining length 2
        01      # acknowledge flags: session present
        00      # return code: accepted
        """);

    public static readonly GoldenVector NotAuthorized311 = new("connack-311-not-authorized", V311, """
        20 02   # CONNACK, remaining length 2
        00      # acknowledge flags
        05      # return code: not authorized
        """);

    public static readonly GoldenVector Accepted5 = new("connack-5-accepted", V5, """
        20 03   # CONNACK, remaining length 3
        01      # acknowledge flags: session present
        00      # reason code: success
        00      # property length 0
        """);

    public static readonly GoldenVector NotAuthorized5 = new("connack-5-not-authorized", V5, """
        20 03   # CONNACK, remaining length 3
        00      # acknowledge flags
        87      # reason code: not authorized
        00      # property length 0
        """);

    public static readonly GoldenVector AllProperties5 = new("connack-5-all-properties", V5, """
        20 47                # CONNACK, remaining length 71
        00                   # acknowledge flags
        00                   # reason code: success
        44                   # property length 68
        11 00 00 00 64       # session expiry interval 100 s
        21 00 0A             # receive maximum 10
        24 01                # maximum QoS 1
        25 01                # retain available
        27 00 10 00 00       # maximum packet size 1,048,576
        12 00 04 'auto'      # assigned client identifier
        22 00 05             # topic alias maximum 5
        1F 00 02 'ok'        # reason string
        26 00 01 'k' 00 00   # user property with an empty value
        28 01                # wildcard subscription available
        29 01                # subscription identifier available
        2A 00                # shared subscription not available
        13 00 78             # server keep alive 120 s
        1A 00 03 'r/x'       # response information
        1C 00 04 'host'      # server reference
        15 00 01 'm'         # authentication method
        16 00 01 00          # authentication data
        """);
}
