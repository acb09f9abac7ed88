// What tshark and we see differently, and why. docs/tshark.md shows this list; whatever is not in it fails the test, and so does what no longer occurs.
namespace Godwit.Interop.Tests.Captures;

/// <summary>A difference that is known.</summary>
/// <param name="What">What each of the two shows.</param>
/// <param name="Why">Why it is so.</param>
/// <param name="Covers">Whether a difference is of this kind.</param>
internal sealed record KnownDifference(string What, string Why, Predicate<Difference> Covers);

internal static class KnownDifferences
{
    /// <summary>Names of tshark's that we do not have, and why.</summary>
    public static IReadOnlyDictionary<string, string> NamesNotHere { get; } = new Dictionary<string, string>
    {
        ["mqtt.msg_text"] = "stands for `mqtt.msg` if Wireshark is told to show payloads as text",
        ["mqtt.willmsg_text"] = "likewise for `mqtt.willmsg`",
        ["mqtt.msg_decoded_as"] = "which of Wireshark's other dissectors was set for the topic",
        ["mqtt.prop_unknown"] = "the rest of the properties behind an identifier that does not exist: those bytes mean nothing (5.0: 2.2.2.2)",
        ["mqtt.illegal_topic_length"] = "a remark; here `valid == 0`, and the rule that is broken in `finding`",
        ["mqtt.unknown_version"] = "a remark; the version is found by the packets themselves",
        ["mqtt.unknown_topic_alias"] = "a remark; the topic is empty",
    };

    /// <summary>The list.</summary>
    public static IReadOnlyList<KnownDifference> All { get; } =
    [
        new("`mqtt.passwd`, and `mqtt.prop_string` of Authentication Data, have no value here; presence, place and length agree",
            "ours: passwords are not shown (5.0: 5.4.1)",
            d => d.Field?.Name is "mqtt.passwd" or "mqtt.prop_string" && d.Other?.Value == ""),
        new("tshark has fields that are remarks: `mqtt.unknown_version`, `mqtt.unknown_topic_alias`, `mqtt.illegal_topic_length`",
            "ours: remarks are findings, not fields",
            d => d.Seen == Seen.ByTshark && d.Field is not null && NamesNotHere.ContainsKey(d.Field.Name) && d.Field.Name != "mqtt.prop_unknown"),
        new("the answer to a CONNECT of a version that does not exist: tshark calls its code `mqtt.connack.reason_code`, here it is `mqtt.conack.val`",
            "Wireshark's: whoever refuses a version answers in one that it speaks, and two bytes are an answer of 3.1.1 (3.1.1: 3.1.2.2, 3.2.2.3)",
            d => d.Capture.EndsWith("refused.pcap", StringComparison.Ordinal) && d.Field?.Name is "mqtt.connack.reason_code" or "mqtt.conack.val"),
        new("bytes of the packet type 0 are a packet for tshark",
            "Wireshark's: the type is reserved, so that nothing says that a length follows (5.0: 2.1.2)",
            d => d.Capture == "malformed packets" && d.Field is null && d.Type == 0 && d.Seen == Seen.ByTshark),
        new("fields of a malformed packet behind a length, property, topic or flag that breaks a rule",
            "ours: what follows cannot be told where the bytes contradict themselves (5.0: 1.5.5, 2.2.2.2, 3.1.2.9); `-v` shows those bytes as not read. tshark takes them as if nothing were wrong",
            d => d.Capture == "malformed packets" && d.Field is not null && d.Seen == Seen.ByTshark && d.Godwit is { IsBroken: true }),
        new("a packet is in another frame, or in none of tshark's, if a segment ends between the bytes of its Remaining Length",
            "Wireshark's: it takes the half length for a whole one, and reads on at the wrong place (5.0: 1.5.5; boundaries of segments mean nothing, 4.2)",
            d => d.Capture == "split lengths" && d.Field is null),
        new("a packet that overtook another belongs to the frame that it came in; tshark names the frame that filled the gap before it",
            "ours: this is when it was captured",
            d => d.Capture == "reordering" && d.Field is null),
        new("packets behind a gap in the capture",
            "Wireshark's: set to put segments in order, it waits for what is missing until the end. Here the acknowledgement says that nothing more comes, and the next packet is searched for",
            d => d.Capture == "loss" && d.Seen == Seen.ByGodwit && d.Field is null),
        new("connections whose CONNECT is not in the capture: tshark reads codes as those of MQTT 5, and the rest as 3.1.1",
            "Wireshark's: without CONNECT it has no version. Here packets are read both ways, and what fits is taken (5.0: 3.3.2.3, 3.9.2)",
            d => d.Capture == "mid-stream" && d.Field is not null),
        new("a capture that begins within a packet",
            "Wireshark's: it takes the first byte of the capture for the first of a packet. Here the first place is searched for at which packets follow each other",
            d => d.Capture == "mid-packet" && d.Field is null),
        new("a topic alias that both ends have given: tshark resolves it to the other end's topic",
            "Wireshark's: each direction has aliases of its own (5.0: 3.3.2.3.4)",
            d => d.Capture == "aliases" && d is { Field.Name: "mqtt.topic", Seen: Seen.Differently }),
        new("of a packet that comes in parts and has more than 1 MiB `mqtt.msg` has only the first 66,000 bytes here",
            "ours: memory has bounds (`MqttStreamsOptions.LargestPacketHeld`); topic and lengths are there",
            d => d.Capture == "sizes" && d is { Field.Name: "mqtt.msg", Seen: Seen.Differently, Godwit.IsWhole: false }),
    ];
}
