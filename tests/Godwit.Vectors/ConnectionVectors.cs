// What is left of a connection: PINGREQ, PINGRESP, DISCONNECT, AUTH (sections 3.12 to 3.15).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid PINGREQ, PINGRESP, DISCONNECT and AUTH packets.</summary>
public static class ConnectionVectors
{
    public static readonly GoldenVector Pingreq31 = new("pingreq-31", V31, "C0 00   # PINGREQ");
    public static readonly GoldenVector Pingreq311 = new("pingreq-311", V311, "C0 00   # PINGREQ");
    public static readonly GoldenVector Pingreq5 = new("pingreq-5", V5, "C0 00   # PINGREQ");
    public static readonly GoldenVector Pingresp31 = new("pingresp-31", V31, "D0 00   # PINGRESP");
    public static readonly GoldenVector Pingresp311 = new("pingresp-311", V311, "D0 00   # PINGRESP");
    public static readonly GoldenVector Pingresp5 = new("pingresp-5", V5, "D0 00   # PINGRESP");
    public static readonly GoldenVector Disconnect31 = new("disconnect-31", V31, "E0 00   # DISCONNECT");
    public static readonly GoldenVector Disconnect311 = new("disconnect-311", V311, "E0 00   # DISCONNECT");
    public static readonly GoldenVector Disconnect5 = new("disconnect-5", V5, "E0 00   # DISCONNECT: normal disconnection");
    public static readonly GoldenVector DisconnectReason5 = new("disconnect-5-reason", V5, "E0 01  04   # disconnect with will message");

    public static readonly GoldenVector DisconnectProperties5 = new("disconnect-5-all-properties", V5, """
        E0 1A                    # DISCONNECT, remaining length 26
        9C                       # reason code: use another server
        18                       # property length 24
        11 00 00 00 00           # session expiry interval 0
        1F 00 02 'no'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        1C 00 04 'host'          # server reference
        """);

    public static readonly GoldenVector DisconnectWrittenOut5 = new("disconnect-5-written-out", V5, """
        E0 02   # DISCONNECT, remaining length 2
        00      # reason code: normal disconnection, which may be left out
        00      # property length 0, which may be left out
        """) { IsCanonical = false };

    public static readonly GoldenVector Auth5 = new("auth-5-success", V5, "F0 00   # AUTH: success");

    public static readonly GoldenVector AuthAllProperties5 = new("auth-5-all-properties", V5, """
        F0 1B                    # AUTH, remaining length 27
        18                       # reason code: continue authentication
        19                       # property length 25
        15 00 05 'SCRAM'         # authentication method
        16 00 02 CA FE           # authentication data
        1F 00 02 'go'            # reason string
        26 00 01 'k' 00 01 'v'   # user property
        """);

    public static readonly GoldenVector ReAuthenticate5 = new("auth-5-re-authenticate", V5, """
        F0 06          # AUTH, remaining length 6
        19             # reason code: re-authenticate
        04             # property length 4
        15 00 01 'm'   # authentication method
        """);

    public static readonly GoldenVector AuthWrittenOut5 = new("auth-5-written-out", V5, """
        F0 02   # AUTH, remaining length 2
        00      # reason code: success
        00      # property length 0; both may be left out
        """) { IsCanonical = false };
}
