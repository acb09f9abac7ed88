// What is wrong in PUBLISH, its acknowledgements or DISCONNECT (sections 3.3 to 3.7, 3.14).
using Godwit.Protocol;
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>PUBLISH packets, acknowledgements and DISCONNECT packets to refuse.</summary>
public static class MalformedMessageVectors
{
    public static readonly GoldenVector QoS3_31 = new(
        "publish-31-qos-3", V31, "36 05  00 01 'a'  00 01   # PUBLISH, QoS 3", Violations.PublishQoS);
    public static readonly GoldenVector QoS3_311 = new(
        "publish-311-qos-3", V311, "36 05  00 01 'a'  00 01   # PUBLISH, QoS 3", Violations.PublishQoS);
    public static readonly GoldenVector QoS3_5 = new(
        "publish-5-qos-3", V5, "3E 06  00 01 'a'  00 01  00   # PUBLISH, DUP, QoS 3", Violations.PublishQoS);
    public static readonly GoldenVector DupAtQoS0_311 = new(
        "publish-311-dup-at-qos-0", V311, "38 03  00 01 'a'   # PUBLISH, DUP, QoS 0", Violations.DupAtQoS0);
    public static readonly GoldenVector DupAtQoS0_5 = new(
        "publish-5-dup-at-qos-0", V5, "39 04  00 01 'a'  00   # PUBLISH, DUP, QoS 0, RETAIN", Violations.DupAtQoS0);

    public static readonly GoldenVector WildcardInTopicName311 = new(
        "publish-311-multi-level-wildcard", V311, "30 05  00 03 'a/#'   # topic name a/#", Violations.WildcardInTopicName);
    public static readonly GoldenVector WildcardInTopicName5 = new(
        "publish-5-single-level-wildcard", V5, "30 06  00 03 '+/b'  00   # topic name +/b", Violations.WildcardInTopicName);
    public static readonly GoldenVector EmptyTopicName311 = new(
        "publish-311-empty-topic", V311, "30 03  00 00  'x'   # empty topic name", Violations.EmptyTopicName);
    public static readonly GoldenVector EmptyTopicName5 = new(
        "publish-5-empty-topic-without-alias", V5, "30 03  00 00  00   # empty topic name, no topic alias", Violations.EmptyTopicName);
    public static readonly GoldenVector ZeroTopicAlias5 = new(
        "publish-5-topic-alias-0", V5, "30 07  00 01 'a'  03  23 00 00   # topic alias 0", Violations.ZeroTopicAlias);
    public static readonly GoldenVector ResponseTopicUtf8 = new(
        "publish-5-response-topic-utf8", V5, "30 08  00 01 'a'  04  08 00 01 FF   # response topic: not UTF-8", Violations.IllFormedUtf8);
    public static readonly GoldenVector ContentTypeUtf8 = new(
        "publish-5-content-type-utf8", V5, "30 08  00 01 'a'  04  03 00 01 FF   # content type: not UTF-8", Violations.IllFormedUtf8);
    public static readonly GoldenVector WildcardInResponseTopic5 = new(
        "publish-5-wildcard-in-response-topic", V5, "30 0A  00 01 'a'  06  08 00 03 'r/#'   # response topic r/#",
        Violations.WildcardInResponseTopic);

    public static readonly GoldenVector PubackReasonCode5 = new(
        "puback-5-reason-code", V5, "40 03  00 01  92   # packet identifier not found: not in PUBACK", Violations.PubackReasonCode);
    public static readonly GoldenVector PubrecReasonCode5 = new(
        "pubrec-5-reason-code", V5, "50 03  00 01  01   # granted QoS 1: not in PUBREC", Violations.PubrecReasonCode);
    public static readonly GoldenVector PubrelReasonCode5 = new(
        "pubrel-5-reason-code", V5, "62 03  00 01  80   # unspecified error: not in PUBREL", Violations.PubrelReasonCode);
    public static readonly GoldenVector PubcompReasonCode5 = new(
        "pubcomp-5-reason-code", V5, "70 03  00 01  10   # no matching subscribers: not in PUBCOMP", Violations.PubcompReasonCode);
    public static readonly GoldenVector DisconnectReasonCode5 = new(
        "disconnect-5-reason-code", V5, "E0 01  01   # reason code 1: not in DISCONNECT", Violations.DisconnectReasonCode);
}
