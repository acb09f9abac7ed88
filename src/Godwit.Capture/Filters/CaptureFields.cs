// All fields, each once. Wireshark's names mean what they mean there; the short names are for people.
using System.Text;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;
using Godwit.Protocol;

namespace Godwit.Capture.Filters;

/// <summary>The fields of packets that filters and columns know.</summary>
public static class CaptureFields
{
    private const double Nanoseconds = 1e9;

    private static readonly Dictionary<string, double> Types = Enum.GetValues<PacketType>().Where(type => type != PacketType.None)
        .ToDictionary(type => type.Name().ToLowerInvariant(), type => (double)type);

    private static readonly byte[][] TypeNames = [.. Enumerable.Range(0, 16).Select(type => Encoding.ASCII.GetBytes(((PacketType)type).Name()))];

    private static readonly CaptureField[] Own =
    [
        Number("number", "The packet's number", (in ObservedPacket p, PacketContext c) => p.Number),
        Number("frame", "The number of the frame in which it was complete", (in ObservedPacket p, PacketContext c) => p.Last.Frame, "frame.number"),
        Number("time", "Seconds since the first frame", (in ObservedPacket p, PacketContext c) => (p.Last.Time - c.CaptureStart) / Nanoseconds, "frame.time_relative"),
        Number("time.epoch", "Seconds since 1970", (in ObservedPacket p, PacketContext c) => p.Last.Time / Nanoseconds, "frame.time_epoch"),
        Number("connection", "The connection's number", (in ObservedPacket p, PacketContext c) => p.Connection.Number),
        Number("tcp.stream", "The same, counted from 0", (in ObservedPacket p, PacketContext c) => p.Connection.Number - 1),
        Address("ip.addr", "Either address", 2, "ipv6.addr"),
        Address("ip.src", "The sender's address", 1, "ipv6.src"),
        Address("ip.dst", "The receiver's address", -1, "ipv6.dst"),
        Port("tcp.port", "Either port", 2),
        Port("tcp.srcport", "The sender's port", 1),
        Port("tcp.dstport", "The receiver's port", -1),
        Text("client", "The client identifier of the connection, in all its packets", ClientId),
        Name("from", "Who has sent it: client or server", new() { ["client"] = 1, ["server"] = 0 }, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(i, FieldValue.Of(p.IsFromClient), out v)),
        Name("version", "3.1, 3.1.1 or 5", new() { ["3.1"] = 3, ["3.1.1"] = 4, ["5"] = 5, ["5.0"] = 5 }, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(i, FieldValue.Of((int)p.Version), out v)),
        Name("type", "The packet type: connect, publish, puback, ...", Types, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(i, FieldValue.Of((int)p.Type), out v)),
        Name("mqtt.msgtype", "The packet type as a number", Types, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(i, FieldValue.Of((int)p.Type), out v)),
        Number("mqtt.hdrflags", "The first byte", (in ObservedPacket p, PacketContext c) => p.Bytes[0]),
        Number("len", "Bytes of the packet", (in ObservedPacket p, PacketContext c) => p.Frame.Length),
        Number("mqtt.len", "The Remaining Length", (in ObservedPacket p, PacketContext c) => p.Frame.RemainingLength),
        OfType("qos", FieldKind.Number, "The QoS of a PUBLISH", PacketType.Publish, (in ObservedPacket p, PacketContext c) => p.Frame.Flags >> 1 & 3),
        OfType("retain", FieldKind.Flag, "RETAIN of a PUBLISH", PacketType.Publish, (in ObservedPacket p, PacketContext c) => p.Frame.Flags & 1),
        OfType("dup", FieldKind.Flag, "DUP of a PUBLISH", PacketType.Publish, (in ObservedPacket p, PacketContext c) => p.Frame.Flags >> 3 & 1),
        new("id", FieldKind.Number, "The packet identifier", PacketId),
        new("topic", FieldKind.Text, "The topic of a PUBLISH, also behind an alias; the filters of SUBSCRIBE and UNSUBSCRIBE", Topic) { IsTopic = true },
        new("payload", FieldKind.Bytes, "The payload of a PUBLISH", Payload) { IsPrivate = true },
        OfType("payload.len", FieldKind.Number, "Bytes of the payload", PacketType.Publish, (in ObservedPacket p, PacketContext c) => p.Publish.Payload.Length),
        OfType("keepalive", FieldKind.Number, "Keep Alive in CONNECT, in seconds", PacketType.Connect, (in ObservedPacket p, PacketContext c) => PacketParts.Connect(p).KeepAlive),
        OfType("clean", FieldKind.Flag, "Clean Session, or Clean Start", PacketType.Connect, (in ObservedPacket p, PacketContext c) => PacketParts.Connect(p).CleanStart ? 1 : 0),
        OfType("will", FieldKind.Flag, "Whether CONNECT has a will", PacketType.Connect, (in ObservedPacket p, PacketContext c) => PacketParts.Connect(p).HasWill ? 1 : 0),
        OfType("will.qos", FieldKind.Number, "The will's QoS", PacketType.Connect, (in ObservedPacket p, PacketContext c) => (int)PacketParts.Connect(p).WillQoS),
        OfType("will.retain", FieldKind.Flag, "The will's RETAIN", PacketType.Connect, (in ObservedPacket p, PacketContext c) => PacketParts.Connect(p).WillRetain ? 1 : 0),
        new("will.topic", FieldKind.Text, "The will's topic", (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(PacketParts.Connect(p).HasWill ? i : 1, FieldValue.Of(PacketParts.Connect(p).WillTopic), out v)) { IsTopic = true },
        new("will.payload", FieldKind.Bytes, "The will's payload", (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(PacketParts.Connect(p).HasWill ? i : 1, FieldValue.Of(PacketParts.Connect(p).WillPayload), out v)) { IsPrivate = true },
        new("username", FieldKind.Text, "The user name in CONNECT", (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(PacketParts.Connect(p).HasUserName ? i : 1, FieldValue.Of(PacketParts.Connect(p).UserName), out v)) { IsPrivate = true },
        new("code", FieldKind.Number, "The return or reason code; the first one of SUBACK", (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(PacketParts.Code(p) is null ? 1 : i, FieldValue.Of(PacketParts.Code(p) ?? 0), out v), "mqtt.reason_code"),
        OfType("present", FieldKind.Flag, "Session Present of CONNACK", PacketType.Connack, (in ObservedPacket p, PacketContext c) => SessionPresent(p)),
        new("response", FieldKind.Number, "Seconds that the request waited for this answer", (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
            One(c.Answered is null ? 1 : i, FieldValue.Of(c.Answered?.Time.TotalSeconds ?? 0), out v)),
        new("finding", FieldKind.Text, "The rules of what was found in it", Findings),
        Number("valid", "1 if nothing is wrong with its bytes", (in ObservedPacket p, PacketContext c) => p.Violation is null ? 1 : 0),
    ];

    /// <summary>All of them, in the order of the reference.</summary>
    public static IReadOnlyList<CaptureField> All { get; } = [.. Own, .. OfWireshark(Own)];

    private static readonly Dictionary<string, CaptureField> ByName =
        All.SelectMany(field => field.Aliases.Append(field.Name), (field, name) => (field, name)).ToDictionary(entry => entry.name, entry => entry.field);

    private delegate double NumberOf(in ObservedPacket packet, PacketContext context);

    /// <summary>The name of a type, in capitals.</summary>
    internal static ReadOnlySpan<byte> TypeName(PacketType type) => TypeNames[(int)type & 15];

    /// <summary>The field of this name; <c>payload.json.NAME.NAME</c> is a member of a payload in JSON. Null if there is none.</summary>
    public static CaptureField? Find(string name) =>
        ByName.GetValueOrDefault(name) ?? (name.StartsWith(JsonMember.Prefix, StringComparison.Ordinal) && name.Length > JsonMember.Prefix.Length ? JsonMember.Field(name) : null);

    /// <summary>The name that is nearest to what was typed; null if none is near.</summary>
    public static string? Nearest(string typed)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(typed);
        (string name, int distance) = ByName.Keys.Select(name => (name, Explain.ByteAlignment.Distance(bytes, Encoding.UTF8.GetBytes(name)))).MinBy(entry => entry.Item2);
        return distance <= Math.Max(typed.Length < 4 ? 1 : 2, typed.Length / 3) ? name : null;
    }

    /// <summary>The first value, if that is the index asked for.</summary>
    internal static bool One(int index, FieldValue only, out FieldValue value)
    {
        value = only;
        return index == 0;
    }

    // What is asked for often, and is the same as a field of ours in packets that are right, does not need all fields of the packet.
    private static IEnumerable<CaptureField> OfWireshark(CaptureField[] own)
    {
        var quick = new Dictionary<string, string>
        {
            ["mqtt.qos"] = "qos", ["mqtt.retain"] = "retain", ["mqtt.dupflag"] = "dup", ["mqtt.msgid"] = "id", ["mqtt.topic"] = "topic", ["mqtt.msg"] = "payload",
        };
        foreach (string name in WiresharkFields.Names.Except(own.Select(field => field.Name)))
        {
            FieldGetter? same = quick.TryGetValue(name, out string? ours) ? own.First(field => field.Name == ours).Get : null;
            FieldGetter get = (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
                same is not null && p is { IsWhole: true, Violation: null, Version: not ProtocolVersion.V31 } ? same(p, c, i, out v) : WiresharkFields.TryGet(name, p, i, out v);
            yield return new CaptureField(name, WiresharkFields.KindOf(name), "As in Wireshark", get)
            {
                IsTopic = name is "mqtt.topic" or "mqtt.willtopic",
                IsPrivate = name is "mqtt.msg" or "mqtt.willmsg" or "mqtt.username",
            };
        }
    }

    private static CaptureField Number(string name, string meaning, NumberOf number, params string[] aliases) =>
        new(name, FieldKind.Number, meaning, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
        {
            v = i == 0 ? FieldValue.Of(number(p, c)) : default;
            return i == 0;
        }, aliases);

    private static CaptureField OfType(string name, FieldKind kind, string meaning, PacketType type, NumberOf number, params string[] aliases) =>
        new(name, kind, meaning, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
        {
            bool isThere = i == 0 && p.Type == type;
            v = isThere ? FieldValue.Of(number(p, c)) : default;
            return isThere;
        }, aliases);

    private static CaptureField Name(string name, string meaning, Dictionary<string, double> names, FieldGetter get) => new(name, FieldKind.Name, meaning, get) { Names = names };

    private static CaptureField Text(string name, string meaning, FieldGetter get) => new(name, FieldKind.Text, meaning, get);

    // Which: 1 = the sender's, -1 = the receiver's, 2 = both.
    private static CaptureField Address(string name, string meaning, int which, params string[] aliases) =>
        new(name, FieldKind.Address, meaning, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
        {
            bool isSource = which == 2 ? i == 0 : which == 1;
            v = FieldValue.Of((isSource ? PacketContext.Source(p) : PacketContext.Destination(p)).Address);
            return i < Math.Abs(which);
        }, aliases);

    private static CaptureField Port(string name, string meaning, int which) =>
        new(name, FieldKind.Number, meaning, (in ObservedPacket p, PacketContext c, int i, out FieldValue v) =>
        {
            bool isSource = which == 2 ? i == 0 : which == 1;
            v = FieldValue.Of((isSource ? PacketContext.Source(p) : PacketContext.Destination(p)).Port);
            return i < Math.Abs(which);
        });

    private static bool ClientId(in ObservedPacket packet, PacketContext context, int index, out FieldValue value)
    {
        value = FieldValue.Of(context.Conversation.ClientIdBytes.Span);
        return index == 0 && context.ClientId is not null;
    }

    private static bool PacketId(in ObservedPacket packet, PacketContext context, int index, out FieldValue value)
    {
        ushort id = index == 0 ? PacketParts.PacketId(packet) : (ushort)0;
        value = FieldValue.Of(id);
        return id != 0;
    }

    private static bool Topic(in ObservedPacket packet, PacketContext context, int index, out FieldValue value)
    {
        if (packet.Type == PacketType.Publish) return One(index, FieldValue.Of(packet.Topic), out value);
        bool isThere = PacketParts.TryFilter(packet, index, out ReadOnlySpan<byte> filter, out _);
        value = FieldValue.Of(filter);
        return isThere;
    }

    private static bool Payload(in ObservedPacket packet, PacketContext context, int index, out FieldValue value)
    {
        bool isThere = index == 0 && packet.Type == PacketType.Publish;
        value = isThere ? FieldValue.Of(packet.Publish.Payload) : default;
        return isThere;
    }

    private static bool Findings(in ObservedPacket packet, PacketContext context, int index, out FieldValue value)
    {
        bool isThere = index < context.Findings.Count;
        value = isThere ? FieldValue.Of(Encoding.UTF8.GetBytes(context.Findings[index].Rule.Id)) : default;
        return isThere;
    }

    private static double SessionPresent(in ObservedPacket packet)
    {
        ConnackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out ConnackPacket connack, out _);
        return connack.SessionPresent ? 1 : 0;
    }
}
