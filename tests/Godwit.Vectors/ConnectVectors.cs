// CONNECT (section 3.1).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid CONNECT packets.</summary>
public static class ConnectVectors
{
    public static readonly GoldenVector Minimal31 = new("connect-31-minimal", V31, """
        10 0F            # CONNECT, remaining length 15
        00 06 'MQIsdp'   # protocol name
        03               # protocol version
        02               # flags: clean session
        00 3C            # keep alive 60 s
        00 01 'a'        # client identifier
        """);

    public static readonly GoldenVector Full31 = new("connect-31-full", V31, """
        10 22            # CONNECT, remaining length 34
        00 06 'MQIsdp'   # protocol name
        03               # protocol version
        EE               # flags: user name, password, will retain, will QoS 1, will, clean session
        00 0A            # keep alive 10 s
        00 03 'c31'      # client identifier
        00 04 'w/31'     # will topic
        00 03 'bye'      # will message
        00 01 'u'        # user name
        00 01 'p'        # password
        """);

    /// <summary>3.1: "the User Name flag is set, but the User Name string is missing. This is valid".</summary>
    public static readonly GoldenVector MissingUserName31 = new("connect-31-missing-user-name", V31, """
        10 0F            # CONNECT, remaining length 15
        00 06 'MQIsdp'   # protocol name
        03               # protocol version
        C2               # flags: user name, password, clean session
        00 3C            # keep alive 60 s
        00 01 'a'        # client identifier; the packet ends here
        """) { IsCanonical = false };

    /// <summary>3.1: bit 0 is not used; without the will flag will QoS and will retain are disregarded.</summary>
    public static readonly GoldenVector DisregardedFlags31 = new("connect-31-disregarded-flags", V31, """
        10 0F            # CONNECT, remaining length 15
        00 06 'MQIsdp'   # protocol name
        03               # protocol version
        2B               # flags: will retain and will QoS 1 without will, clean session, bit 0
        00 3C            # keep alive 60 s
        00 01 'a'        # client identifier
        """) { IsCanonical = false };

    public static readonly GoldenVector PythonTest = new("connect-311-python-test", V311, """
        10 17                # CONNECT, remaining length 23
        00 04 4D 51 54 54    # protocol name MQTT
        04                   # protocol level
        02                   # flags: clean session
        00 3C                # keep alive 60 s
        00 0B 'python_test'  # client identifier
        """);

    public static readonly GoldenVector Full311 = new("connect-311-full", V311, """
        10 23            # CONNECT, remaining length 35
        00 04 'MQTT'     # protocol name
        04               # protocol level
        F4               # flags: user name, password, will retain, will QoS 2, will
        00 1E            # keep alive 30 s
        00 02 'c1'       # client identifier
        00 06 'a/will'   # will topic
        00 00            # will message of no bytes
        00 04 'user'     # user name
        00 03 01 00 FF   # password: any bytes
        """);

    public static readonly GoldenVector EmptyClientId311 = new("connect-311-empty-client-id", V311, """
        10 0C            # CONNECT, remaining length 12
        00 04 'MQTT'     # protocol name
        04               # protocol level
        02               # flags: clean session
        00 00            # keep alive off
        00 00            # client identifier: empty
        """);

    public static readonly GoldenVector Minimal5 = new("connect-5-minimal", V5, """
        10 0D            # CONNECT, remaining length 13
        00 04 'MQTT'     # protocol name
        05               # protocol version
        02               # flags: clean start
        00 00            # keep alive off
        00               # property length 0
        00 00            # client identifier: empty
        """);

    public static readonly GoldenVector AllProperties5 = new("connect-5-all-properties", V5, """
        10 36                    # CONNECT, remaining length 54
        00 04 'MQTT'             # protocol name
        05                       # protocol version
        00                       # flags: none
        FF FF                    # keep alive 65,535 s
        28                       # property length 40
        11 00 00 0E 10           # session expiry interval 3,600 s
        21 00 14                 # receive maximum 20
        27 00 01 00 00           # maximum packet size 65,536
        22 00 0A                 # topic alias maximum 10
        19 01                    # request response information
        17 00                    # request problem information: no
        26 00 01 'k' 00 01 'v'   # user property
        15 00 05 'SCRAM'         # authentication method
        16 00 02 CA FE           # authentication data
        00 01 'x'                # client identifier
        """);

    public static readonly GoldenVector WillProperties5 = new("connect-5-will-properties", V5, """
        10 4A                    # CONNECT, remaining length 74
        00 04 'MQTT'             # protocol name
        05                       # protocol version
        6E                       # flags: password without user name, will retain, will QoS 1, will, clean start
        00 3C                    # keep alive 60 s
        00                       # property length 0
        00 01 'x'                # client identifier
        2B                       # will property length 43
        18 00 00 00 05           # will delay interval 5 s
        01 01                    # payload format indicator: UTF-8
        02 00 00 00 3C           # message expiry interval 60 s
        03 00 0A 'text/plain'    # content type
        08 00 03 'r/1'           # response topic
        09 00 02 01 02           # correlation data
        26 00 01 'a' 00 01 'b'   # user property
        00 04 'will'             # will topic
        00 04 'gone'             # will payload
        00 02 'pw'               # password
        """);

    public static readonly GoldenVector RepeatedUserProperty5 = new("connect-5-repeated-user-property", V5, """
        10 1B                    # CONNECT, remaining length 27
        00 04 'MQTT'             # protocol name
        05                       # protocol version
        02                       # flags: clean start
        00 00                    # keep alive off
        0E                       # property length 14
        26 00 01 'k' 00 01 'v'   # user property
        26 00 01 'k' 00 01 'w'   # user property of the same name
        00 00                    # client identifier: empty
        """);

    /// <summary>EF BB BF is the character U+FEFF wherever it stands; it is not a byte order mark and is kept.</summary>
    public static readonly GoldenVector ByteOrderMark5 = new("connect-5-byte-order-mark", V5, """
        10 11                # CONNECT, remaining length 17
        00 04 'MQTT'         # protocol name
        05                   # protocol version
        02                   # flags: clean start
        00 00                # keep alive off
        00                   # property length 0
        00 04 EF BB BF 'x'   # client identifier: U+FEFF, x
        """);
}
