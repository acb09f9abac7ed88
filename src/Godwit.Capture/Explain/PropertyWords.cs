// What the value of a property means: unit, default, and the words for 0 and 1.
using System.Globalization;
using Godwit.Protocol;

namespace Godwit.Capture.Explain;

internal static class PropertyWords
{
    /// <summary>The specification's name of the encoding.</summary>
    public static string TypeName(PropertyType type) => type switch
    {
        PropertyType.Byte => "Byte",
        PropertyType.TwoByteInteger => "Two Byte Integer",
        PropertyType.FourByteInteger => "Four Byte Integer",
        PropertyType.VariableByteInteger => "Variable Byte Integer",
        PropertyType.Utf8String => "UTF-8 Encoded String",
        PropertyType.BinaryData => "Binary Data",
        _ => "UTF-8 String Pair",
    };

    /// <summary>What a number means as the value of this property.</summary>
    public static string? Meaning(PropertyId id, uint value) => id switch
    {
        _ when IsSwitch(id) && value > 1 => "not allowed: 0 or 1 is",
        PropertyId.PayloadFormatIndicator => value == 1 ? "the payload is UTF-8 text" : "the payload is unspecified bytes",
        PropertyId.MessageExpiryInterval => $"the message is dropped if it is not delivered within {Duration(value)}",
        PropertyId.SubscriptionIdentifier => "stands for the subscription that the message matches",
        PropertyId.SessionExpiryInterval => value switch
        {
            0 => "the session ends with the connection",
            uint.MaxValue => "the session never expires",
            _ => $"the session outlives the connection by {Duration(value)}",
        },
        PropertyId.ServerKeepAlive => $"replaces the client's Keep Alive: {KeepAlive(value)}",
        PropertyId.RequestProblemInformation => value == 1 ? "reason strings and user properties may come with any packet" : "no reason strings and user properties with failures",
        PropertyId.WillDelayInterval => value == 0 ? "the will is published at once" : $"the will waits for {Duration(value)}, in which the client may come back",
        PropertyId.RequestResponseInformation => value == 1 ? "the client asks for Response Information" : "no Response Information wanted",
        PropertyId.ReceiveMaximum => $"at most {Count(value, "PUBLISH", "PUBLISHes")} of QoS 1 and 2 may be unacknowledged",
        PropertyId.TopicAliasMaximum => value == 0 ? "takes no topic aliases" : $"takes topic aliases from 1 to {value}",
        PropertyId.TopicAlias => "a number that stands for the topic on this connection",
        PropertyId.MaximumQoS => $"the server takes PUBLISHes up to QoS {value}",
        PropertyId.RetainAvailable => value == 1 ? "the server keeps retained messages" : "the server keeps no retained messages: RETAIN 1 is an error",
        PropertyId.MaximumPacketSize => $"larger packets are not taken ({value.ToString("N0", CultureInfo.InvariantCulture)} bytes)",
        PropertyId.WildcardSubscriptionAvailable => Available(value, "wildcards in topic filters"),
        PropertyId.SubscriptionIdentifierAvailable => Available(value, "subscription identifiers"),
        PropertyId.SharedSubscriptionAvailable => Available(value, "shared subscriptions ($share/)"),
        _ => null,
    };

    /// <summary>What a text means as the value of this property.</summary>
    public static string? TextMeaning(PropertyId id) => id switch
    {
        PropertyId.ContentType => "what the payload is",
        PropertyId.ResponseTopic => "where the answer is expected: this message is a request",
        PropertyId.CorrelationData => "pairs an answer with its request",
        PropertyId.AssignedClientIdentifier => "the client identifier that the server has chosen",
        PropertyId.AuthenticationMethod => "the method of extended authentication",
        PropertyId.AuthenticationData => "what the authentication method needs",
        PropertyId.ResponseInformation => "what response topics may be built from",
        PropertyId.ServerReference => "another server to use",
        PropertyId.ReasonString => "for people: why",
        _ => null,
    };

    /// <summary>The keep alive and the rule that comes with it.</summary>
    public static string KeepAlive(uint seconds) => seconds == 0
        ? "off: an idle connection is never closed for silence"
        : $"{(seconds >= 60 ? $"{Minutes(seconds)}; " : "")}the server closes after {Duration(seconds * 1500 / 1000.0)} (1.5 times) without a packet";

    /// <summary>Seconds as people read them: 90 s, 5 min, 1 h 30 min, 2 d.</summary>
    public static string Duration(double seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        if (span < TimeSpan.FromMinutes(2)) return $"{seconds.ToString("0.###", CultureInfo.InvariantCulture)} s";
        (int Value, string Unit)[] units = [((int)span.TotalDays, "d"), (span.Hours, "h"), (span.Minutes, "min"), (span.Seconds, "s")];
        return string.Join(' ', units.SkipWhile(unit => unit.Value == 0).Take(3).Where(unit => unit.Value > 0).Select(unit => $"{unit.Value} {unit.Unit}"));
    }

    private static bool IsSwitch(PropertyId id) =>
        id is PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation or PropertyId.MaximumQoS or PropertyId.RetainAvailable
            or PropertyId.WildcardSubscriptionAvailable or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable;

    private static string Minutes(uint seconds) => seconds == 60 ? "1 min" : seconds % 60 == 0 && seconds < 3600 ? $"{seconds / 60} min" : Duration(seconds);

    private static string Count(uint value, string one, string more) => value == 1 ? $"1 {one}" : $"{value} {more}";

    private static string Available(uint value, string what) => value == 1 ? $"the server serves {what}" : $"the server does not serve {what}";
}
