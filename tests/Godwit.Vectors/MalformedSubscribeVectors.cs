// What is wrong in SUBSCRIBE, SUBACK, UNSUBSCRIBE or UNSUBACK (sections 3.8 to 3.11) and in topic filters (4.7, 4.8.2).
using Godwit.Protocol;
using static Godwit.Protocol.ProtocolVersion;

namespace Godwit.Vectors;

/// <summary>SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK packets to refuse.</summary>
public static class MalformedSubscribeVectors
{
    public static readonly GoldenVector SubscribeEmpty311 = new(
        "subscribe-311-without-filter", V311, "82 02  00 01   # no topic filter", Violations.SubscribeWithoutFilter);
    public static readonly GoldenVector SubscribeEmpty5 = new(
        "subscribe-5-without-filter", V5, "82 03  00 01  00   # no topic filter", Violations.SubscribeWithoutFilter);
    public static readonly GoldenVector UnsubscribeEmpty311 = new(
        "unsubscribe-311-without-filter", V311, "A2 02  00 01   # no topic filter", Violations.UnsubscribeWithoutFilter);
    public static readonly GoldenVector UnsubscribeEmpty5 = new(
        "unsubscribe-5-without-filter", V5, "A2 03  00 01  00   # no topic filter", Violations.UnsubscribeWithoutFilter);
    public static readonly GoldenVector MissingOptions311 = new(
        "subscribe-311-without-qos", V311, "82 05  00 01  00 01 'a'   # a filter without QoS", Violations.Truncated);
    public static readonly GoldenVector FilterUtf8311 = new(
        "subscribe-311-filter-utf8", V311, "82 06  00 01  00 01 FF 00   # topic filter: not UTF-8", Violations.IllFormedUtf8);
    public static readonly GoldenVector FilterUtf85 = new(
        "unsubscribe-5-filter-utf8", V5, "A2 06  00 01  00  00 01 FF   # topic filter: not UTF-8", Violations.IllFormedUtf8);

    public static readonly GoldenVector ReservedOption31 = new(
        "subscribe-31-reserved-bits", V31, "82 06  00 01  00 01 'a' 05   # requested QoS with bit 2", Violations.SubscriptionOptions);
    public static readonly GoldenVector ReservedOption311 = new(
        "subscribe-311-reserved-bits", V311, "82 06  00 01  00 01 'a' 04   # requested QoS with bit 2", Violations.SubscriptionOptions);
    public static readonly GoldenVector QoS3_311 = new(
        "subscribe-311-qos-3", V311, "82 06  00 01  00 01 'a' 03   # requested QoS 3", Violations.SubscriptionQoS);
    public static readonly GoldenVector ReservedOption5 = new(
        "subscribe-5-reserved-bits", V5, "82 07  00 01  00  00 01 'a' 40   # options: bit 6", Violations.SubscriptionOptions);
    public static readonly GoldenVector QoS3_5 = new(
        "subscribe-5-qos-3", V5, "82 07  00 01  00  00 01 'a' 03   # options: QoS 3", Violations.SubscriptionQoS);
    public static readonly GoldenVector RetainHandling3 = new(
        "subscribe-5-retain-handling-3", V5, "82 07  00 01  00  00 01 'a' 30   # options: retain handling 3", Violations.RetainHandling);

    public static readonly GoldenVector NoLocalOnShared5 = new("subscribe-5-no-local-on-shared", V5, """
        82 10                     # SUBSCRIBE
        00 01 00                  # packet identifier, property length 0
        00 0A '$share/g/a' 04     # shared topic filter, options: no local
        """, Violations.NoLocalOnShared);

    public static readonly GoldenVector EmptyFilter311 = new(
        "subscribe-311-empty-filter", V311, "82 05  00 01  00 00 00   # empty topic filter", Violations.EmptyTopicFilter);
    public static readonly GoldenVector EmptyFilter5 = new(
        "unsubscribe-5-empty-filter", V5, "A2 05  00 01  00  00 00   # empty topic filter", Violations.EmptyTopicFilter);
    public static readonly GoldenVector MultiLevelNotLast311 = new(
        "subscribe-311-multi-level-not-last", V311, "82 0A  00 01  00 05 'a/#/b' 00   # topic filter a/#/b", Violations.MultiLevelWildcard);
    public static readonly GoldenVector MultiLevelNotAlone5 = new(
        "subscribe-5-multi-level-not-alone", V5, "82 08  00 01  00  00 02 'a#' 00   # topic filter a#", Violations.MultiLevelWildcard);
    public static readonly GoldenVector SingleLevelNotAlone311 = new(
        "subscribe-311-single-level-not-alone", V311, "82 07  00 01  00 02 'a+' 00   # topic filter a+", Violations.SingleLevelWildcard);
    public static readonly GoldenVector SingleLevelNotAlone5 = new(
        "unsubscribe-5-single-level-not-alone", V5, "A2 07  00 01  00  00 02 '+a'   # topic filter +a", Violations.SingleLevelWildcard);
    public static readonly GoldenVector WildcardInSharedFilter5 = new(
        "subscribe-5-wildcard-in-shared-filter", V5, "82 12  00 01  00  00 0C '$share/g/a#b' 00   # a#b behind the share name",
        Violations.MultiLevelWildcard);
    public static readonly GoldenVector EmptyShareName5 = new(
        "subscribe-5-empty-share-name", V5, "82 0F  00 01  00  00 09 '$share//a' 00   # $share//a", Violations.EmptyShareName);
    public static readonly GoldenVector WildcardInShareName5 = new(
        "subscribe-5-wildcard-in-share-name", V5, "82 10  00 01  00  00 0A '$share/+/a' 00   # $share/+/a", Violations.ShareName);
    public static readonly GoldenVector ShareWithoutFilter5 = new(
        "subscribe-5-share-without-filter", V5, "82 0E  00 01  00  00 08 '$share/g' 00   # $share/g", Violations.ShareName);
    public static readonly GoldenVector ShareWithEmptyFilter5 = new(
        "subscribe-5-share-with-empty-filter", V5, "82 0F  00 01  00  00 09 '$share/g/' 00   # $share/g/", Violations.ShareName);

    public static readonly GoldenVector SubackReturnCode311 = new(
        "suback-311-return-code", V311, "90 03  00 01  03   # granted QoS 3", Violations.SubackReasonCode);
    public static readonly GoldenVector SubackReasonCode5 = new(
        "suback-5-reason-code", V5, "90 04  00 01  00  11   # no subscription existed: not in SUBACK", Violations.SubackReasonCode);
    public static readonly GoldenVector UnsubackReasonCode5 = new(
        "unsuback-5-reason-code", V5, "B0 04  00 01  00  01   # granted QoS 1: not in UNSUBACK", Violations.UnsubackReasonCode);
    public static readonly GoldenVector SubackEmpty5 = new(
        "suback-5-without-code", V5, "90 03  00 01  00   # no reason code", Violations.Truncated);
}
