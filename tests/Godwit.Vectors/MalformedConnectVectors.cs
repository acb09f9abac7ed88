// What is wrong in CONNECT, CONNACK or AUTH (sections 3.1, 3.2, 3.15).
using Godwit.Protocol;
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>CONNECT, CONNACK and AUTH packets to refuse.</summary>
public static class MalformedConnectVectors
{
    public static readonly GoldenVector ProtocolName = new("connect-protocol-name", Unknown, """
        10 0C           # CONNECT
        00 04 'mqtt'    # protocol name in small letters
        04 02 00 00     # protocol level, flags, keep alive
        00 00           # client identifier
        """, Violations.ProtocolName);

    public static readonly GoldenVector ProtocolLevel = new("connect-protocol-level", Unknown, """
        10 0C           # CONNECT
        00 04 'MQTT'    # protocol name
        06 02 00 00     # protocol level 6
        00 00           # client identifier
        """, Violations.ProtocolLevel);

    public static readonly GoldenVector NameOf31WithLevelOf311 = new("connect-mqisdp-level-4", Unknown, """
        10 0E             # CONNECT
        00 06 'MQIsdp'    # protocol name of 3.1
        04 02 00 00       # protocol level of 3.1.1
        00 00             # client identifier
        """, Violations.ProtocolLevel);

    public static readonly GoldenVector ReservedFlag311 = new("connect-311-reserved-flag", V311, """
        10 0C           # CONNECT
        00 04 'MQTT'    # protocol name
        04 03 00 00     # protocol level, flags: bit 0 set
        00 00           # client identifier
        """, Violations.ReservedConnectFlag);

    public static readonly GoldenVector ReservedFlag5 = new("connect-5-reserved-flag", V5, """
        10 0D           # CONNECT
        00 04 'MQTT'    # protocol name
        05 03 00 00     # protocol version, flags: bit 0 set
        00 00 00        # property length 0, client identifier
        """, Violations.ReservedConnectFlag);

    public static readonly GoldenVector WillQoSWithoutWill311 = new("connect-311-will-qos-without-will", V311, """
        10 0C           # CONNECT
        00 04 'MQTT'    # protocol name
        04 0A 00 00     # flags: will QoS 1, clean session
        00 00           # client identifier
        """, Violations.WillQoSWithoutWill);

    public static readonly GoldenVector WillQoSWithoutWill5 = new("connect-5-will-qos-without-will", V5, """
        10 0D           # CONNECT
        00 04 'MQTT'    # protocol name
        05 12 00 00     # flags: will QoS 2, clean start
        00 00 00        # property length 0, client identifier
        """, Violations.WillQoSWithoutWill);

    public static readonly GoldenVector WillRetainWithoutWill311 = new("connect-311-will-retain-without-will", V311, """
        10 0C           # CONNECT
        00 04 'MQTT'    # protocol name
        04 22 00 00     # flags: will retain, clean session
        00 00           # client identifier
        """, Violations.WillRetainWithoutWill);

    public static readonly GoldenVector WillRetainWithoutWill5 = new("connect-5-will-retain-without-will", V5, """
        10 0D           # CONNECT
        00 04 'MQTT'    # protocol name
        05 22 00 00     # flags: will retain, clean start
        00 00 00        # property length 0, client identifier
        """, Violations.WillRetainWithoutWill);

    public static readonly GoldenVector WillQoS3_311 = new("connect-311-will-qos-3", V311, """
        10 11                 # CONNECT
        00 04 'MQTT'          # protocol name
        04 1E 00 00           # flags: will QoS 3, will, clean session
        00 00                 # client identifier
        00 01 'w' 00 00       # will topic, will message
        """, Violations.WillQoS);

    public static readonly GoldenVector WillQoS3_5 = new("connect-5-will-qos-3", V5, """
        10 13                 # CONNECT
        00 04 'MQTT'          # protocol name
        05 1E 00 00           # flags: will QoS 3, will, clean start
        00 00 00              # property length 0, client identifier
        00                    # will property length 0
        00 01 'w' 00 00       # will topic, will payload
        """, Violations.WillQoS);

    public static readonly GoldenVector WillQoS3_31 = new("connect-31-will-qos-3", V31, """
        10 13                 # CONNECT
        00 06 'MQIsdp'        # protocol name
        03 1E 00 00           # flags: will QoS 3, will, clean session
        00 00                 # client identifier
        00 01 'w' 00 00       # will topic, will message
        """, Violations.WillQoS);

    public static readonly GoldenVector PasswordWithoutUserName31 = new("connect-31-password-without-user-name", V31, """
        10 11             # CONNECT
        00 06 'MQIsdp'    # protocol name
        03 42 00 00       # flags: password, clean session
        00 00             # client identifier
        00 01 'p'         # password
        """, Violations.PasswordWithoutUserName);

    public static readonly GoldenVector PasswordWithoutUserName311 = new("connect-311-password-without-user-name", V311, """
        10 0F           # CONNECT
        00 04 'MQTT'    # protocol name
        04 42 00 00     # flags: password, clean session
        00 00           # client identifier
        00 01 'p'       # password
        """, Violations.PasswordWithoutUserName);

    public static readonly GoldenVector MissingUserName311 = new("connect-311-missing-user-name", V311, """
        10 0C           # CONNECT
        00 04 'MQTT'    # protocol name
        04 82 00 00     # flags: user name, clean session
        00 00           # client identifier; no user name follows
        """, Violations.Truncated);

    public static readonly GoldenVector UserNameWithoutFlag311 = new("connect-311-user-name-without-flag", V311, """
        10 0F           # CONNECT
        00 04 'MQTT'    # protocol name
        04 02 00 00     # flags: clean session
        00 00           # client identifier
        00 01 'u'       # a user name that no flag announces
        """, Violations.TrailingBytes);

    public static readonly GoldenVector NoClientId311 = new("connect-311-no-client-id", V311, """
        10 0A           # CONNECT
        00 04 'MQTT'    # protocol name
        04 02 00 00     # flags: clean session; the packet ends
        """, Violations.Truncated);

    public static readonly GoldenVector ClientIdUtf8 = new("connect-311-client-id-utf8", V311, """
        10 0D           # CONNECT
        00 04 'MQTT'    # protocol name
        04 02 00 00     # flags: clean session
        00 01 FF        # client identifier: not UTF-8
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector WillTopicUtf8 = new("connect-5-will-topic-utf8", V5, """
        10 13              # CONNECT
        00 04 'MQTT'       # protocol name
        05 06 00 00        # flags: will, clean start
        00 00 00           # property length 0, client identifier
        00                 # will property length 0
        00 01 80 00 00     # will topic: not UTF-8, will payload
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector UserNameUtf8 = new("connect-311-user-name-utf8", V311, """
        10 0F           # CONNECT
        00 04 'MQTT'    # protocol name
        04 82 00 00     # flags: user name, clean session
        00 00           # client identifier
        00 01 C3        # user name: not UTF-8
        """, Violations.IllFormedUtf8);

    public static readonly GoldenVector WildcardInWillTopic311 = new("connect-311-wildcard-in-will-topic", V311, """
        10 11              # CONNECT
        00 04 'MQTT'       # protocol name
        04 06 00 00        # flags: will, clean session
        00 00              # client identifier
        00 01 '+' 00 00    # will topic, will message
        """, Violations.WildcardInTopicName);

    public static readonly GoldenVector EmptyWillTopic5 = new("connect-5-empty-will-topic", V5, """
        10 12              # CONNECT
        00 04 'MQTT'       # protocol name
        05 06 00 00        # flags: will, clean start
        00 00 00           # property length 0, client identifier
        00                 # will property length 0
        00 00 00 00        # will topic: empty, will payload
        """, Violations.EmptyTopicName);

    public static readonly GoldenVector AuthenticationDataWithoutMethod5 = new("connect-5-authentication-data-without-method", V5, """
        10 11           # CONNECT
        00 04 'MQTT'    # protocol name
        05 02 00 00     # flags: clean start
        04              # property length 4
        16 00 01 00     # authentication data
        00 00           # client identifier
        """, Violations.AuthenticationDataWithoutMethod);

    public static readonly GoldenVector AuthWithoutMethod5 = new(
        "auth-5-without-method", V5, "F0 02  18 00   # AUTH: continue, no authentication method", Violations.AuthenticationMethodMissing);
    public static readonly GoldenVector AuthDataWithoutMethod5 = new(
        "auth-5-data-without-method", V5, "F0 06  00 04  16 00 01 00   # AUTH: success, data without method",
        Violations.AuthenticationMethodMissing);
    public static readonly GoldenVector AuthReasonCode5 = new(
        "auth-5-reason-code", V5, "F0 06  80  04 15 00 01 'm'   # AUTH: unspecified error", Violations.AuthReasonCode);

    public static readonly GoldenVector ConnackFlags311 = new(
        "connack-311-flags", V311, "20 02  02 00   # acknowledge flags: bit 1", Violations.ConnackFlags);
    public static readonly GoldenVector ConnackFlags5 = new(
        "connack-5-flags", V5, "20 03  81 00 00   # acknowledge flags: bit 7", Violations.ConnackFlags);
    public static readonly GoldenVector SessionPresentInRefusal311 = new(
        "connack-311-session-present-in-refusal", V311, "20 02  01 02   # session present, identifier rejected",
        Violations.SessionPresentInRefusal);
    public static readonly GoldenVector SessionPresentInRefusal5 = new(
        "connack-5-session-present-in-refusal", V5, "20 03  01 85 00   # session present, client identifier not valid",
        Violations.SessionPresentInRefusal);
    public static readonly GoldenVector ConnackReturnCode311 = new(
        "connack-311-return-code-6", V311, "20 02  00 06   # return code 6", Violations.ConnackReasonCode);
    public static readonly GoldenVector ConnackReasonCode5 = new(
        "connack-5-reason-code", V5, "20 03  00 8E 00   # session taken over: not in CONNACK", Violations.ConnackReasonCode);
}
