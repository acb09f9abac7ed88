// PUBLISH (section 3.3).
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>Valid PUBLISH packets.</summary>
public static class PublishVectors
{
    /// <summary>MQTT 3.1 does not forbid DUP at QoS 0.</summary>
    public static readonly GoldenVector DupAtQoS0_31 = new("publish-31-dup-at-qos-0", V31, """
        38 05         # PUBLISH, DUP, QoS 0, remaining length 5
        00 03 'a/b'   # topic name
        """);

    public static readonly GoldenVector QoS1_31 = new("publish-31-qos-1", V31, """
        32 08         # PUBLISH, QoS 1, remaining length 8
        00 03 'a/b'   # topic name
        00 01         # packet identifier 1
        'x'           # payload
        """);

    public static readonly GoldenVector QoS0_311 = new("publish-311-qos-0", V311, """
        30 0A         # PUBLISH, QoS 0, remaining length 10
        00 03 'a/b'   # topic name
        'hello'       # payload
        """);

    public static readonly GoldenVector DupRetain311 = new("publish-311-dup-qos-1-retain", V311, """
        3B 09         # PUBLISH, DUP, QoS 1, RETAIN, remaining length 9
        00 03 'a/b'   # topic name
        00 0A         # packet identifier 10
        'hi'          # payload
        """);

    public static readonly GoldenVector QoS2_311 = new("publish-311-qos-2-empty-payload", V311, """
        34 07         # PUBLISH, QoS 2, remaining length 7
        00 03 'a/b'   # topic name
        FF FF         # packet identifier 65,535; a payload of no bytes
        """);

    /// <summary>The string A and U+2A6D4 of figure 1.2: a character beyond the Basic Multilingual Plane.</summary>
    public static readonly GoldenVector Figure12Topic311 = new("publish-311-figure-1-2-topic", V311, """
        30 07                  # PUBLISH, QoS 0, remaining length 7
        00 05 41 F0 AA 9B 94   # topic name: A, U+2A6D4
        """);

    /// <summary>Remaining length 64 is 40 (section 1.5.5; 2.2.3 of 3.1.1).</summary>
    public static readonly GoldenVector RemainingLength64 = new("publish-311-remaining-length-64", V311, $"""
        30 40                       # PUBLISH, QoS 0, remaining length 64
        00 03 'a/b'                 # topic name
        '{new string('x', 59)}'     # payload of 59 bytes
        """);

    /// <summary>The longest that one byte announces.</summary>
    public static readonly GoldenVector RemainingLength127 = new("publish-311-remaining-length-127", V311, $"""
        30 7F                       # PUBLISH, QoS 0, remaining length 127
        00 03 'a/b'                 # topic name
        '{new string('x', 122)}'    # payload of 122 bytes
        """);

    /// <summary>The shortest that needs two bytes.</summary>
    public static readonly GoldenVector RemainingLength128 = new("publish-311-remaining-length-128", V311, $"""
        30 80 01                    # PUBLISH, QoS 0, remaining length 128
        00 03 'a/b'                 # topic name
        '{new string('x', 123)}'    # payload of 123 bytes
        """);

    /// <summary>Remaining length 321 = 65 + 2 x 128 is C1 02 (section 1.5.5; 2.2.3 of 3.1.1).</summary>
    public static readonly GoldenVector RemainingLength321 = new("publish-311-remaining-length-321", V311, $"""
        30 C1 02                    # PUBLISH, QoS 0, remaining length 321
        00 03 'a/b'                 # topic name
        '{new string('x', 316)}'    # payload of 316 bytes
        """);

    /// <summary>3.1.1 does not demand that the remaining length takes the fewest bytes.</summary>
    public static readonly GoldenVector LongLength311 = new("publish-311-length-not-minimal", V311, """
        30 85 00      # PUBLISH, QoS 0, remaining length 5 in two bytes
        00 03 'a/b'   # topic name
        """) { IsCanonical = false };

    public static readonly GoldenVector QoS0_5 = new("publish-5-qos-0", V5, """
        30 09         # PUBLISH, QoS 0, remaining length 9
        00 03 'a/b'   # topic name
        00            # property length 0
        'abc'         # payload
        """);

    public static readonly GoldenVector QoS2_5 = new("publish-5-qos-2-retain", V5, """
        35 09         # PUBLISH, QoS 2, RETAIN, remaining length 9
        00 03 'a/b'   # topic name
        01 00         # packet identifier 256
        00            # property length 0
        00            # payload of one byte
        """);

    public static readonly GoldenVector TopicAlias5 = new("publish-5-topic-alias-alone", V5, """
        30 07      # PUBLISH, QoS 0, remaining length 7
        00 00      # topic name: empty, the alias stands for it
        03         # property length 3
        23 00 07   # topic alias 7
        'x'        # payload
        """);

    public static readonly GoldenVector AllProperties5 = new("publish-5-all-properties", V5, """
        32 34                    # PUBLISH, QoS 1, remaining length 52
        00 03 'a/b'              # topic name
        00 01                    # packet identifier 1
        28                       # property length 40
        01 01                    # payload format indicator: UTF-8
        02 00 00 00 0A           # message expiry interval 10 s
        23 00 01                 # topic alias 1
        08 00 03 'r/1'           # response topic
        09 00 02 AB CD           # correlation data
        26 00 01 'k' 00 01 'v'   # user property
        0B 07                    # subscription identifier 7
        0B 80 01                 # subscription identifier 128, of another subscription
        03 00 04 'json'          # content type
        'true'                   # payload
        """);
}
