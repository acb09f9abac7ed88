// What stands beside an arrow: the few things about a packet that somebody wants who follows the conversation.
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;

namespace Godwit.Capture.Ladders;

internal static class PacketLabel
{
    // Filters of a SUBSCRIBE that are named, and characters of a topic; the others are counted or cut.
    private const int MostFilters = 3, MostCharacters = 120;

    /// <summary>The packet's details and its size, without its type. Contains no user name, password or payload.</summary>
    public static string Of(in ObservedPacket packet)
    {
        var parts = new List<string>();
        if (packet.IsWhole && packet.Violation is null) AddDetails(packet, parts);
        else parts.Add(packet.Violation is { } violation ? $"malformed: {violation.Name}" : "not all captured");
        parts.Add($"{packet.Frame.Length:N0} B");
        return string.Join(", ", parts);
    }

    private static void AddDetails(in ObservedPacket packet, List<string> parts)
    {
        switch (packet.Type)
        {
            case PacketType.Connect when ConnectPacket.TryRead(packet.Frame, packet.Bytes, out ConnectPacket connect, out _): OfConnect(connect, parts); break;
            case PacketType.Connack when ConnackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out ConnackPacket connack, out _):
                if (connack.Code == 0) parts.Add("accepted");
                else parts.Add($"refused: {(packet.Version == ProtocolVersion.V5 ? ((ReasonCode)connack.Code).Name() : ((ConnectReturnCode)connack.Code).Name())}");
                if (connack.SessionPresent) parts.Add("session present");
                break;
            case PacketType.Publish when PublishPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishPacket publish, out _):
                parts.Add(packet.Topic.IsEmpty ? "topic by alias" : Short(Readable.Plain(packet.Topic)));
                parts.Add(publish.QoS == QoS.AtMostOnce ? "QoS 0" : $"QoS {(int)publish.QoS} #{publish.PacketId}");
                if (publish.Retain) parts.Add("retain");
                if (publish.Dup) parts.Add("DUP");
                break;
            case PacketType.Subscribe when SubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubscribePacket subscribe, out _):
                var subscriptions = new List<string>();
                foreach (RequestedSubscription requested in subscribe.Subscriptions) subscriptions.Add($"{Short(Readable.Plain(requested.Filter))} QoS {(int)requested.Options.MaximumQoS}");
                AddFilters(subscriptions, parts);
                parts.Add($"#{subscribe.PacketId}");
                break;
            case PacketType.Unsubscribe when UnsubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out UnsubscribePacket unsubscribe, out _):
                var filters = new List<string>();
                foreach (ReadOnlySpan<byte> filter in unsubscribe.Filters) filters.Add(Short(Readable.Plain(filter)));
                AddFilters(filters, parts);
                parts.Add($"#{unsubscribe.PacketId}");
                break;
            case PacketType.Suback or PacketType.Unsuback when SubackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubackPacket suback, out _):
                OfSuback(suback, packet.Version, parts);
                break;
            case PacketType.Disconnect when DisconnectPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out DisconnectPacket disconnect, out _):
                if (disconnect.ReasonCode != ReasonCode.Success) parts.Add(disconnect.ReasonCode.Describe(PacketType.Disconnect));
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp
                when PublishAckPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishAckPacket acknowledgement, out _):
                parts.Add($"#{acknowledgement.PacketId}");
                if (acknowledgement.ReasonCode != ReasonCode.Success) parts.Add(acknowledgement.ReasonCode.Describe(packet.Type));
                break;
        }
    }

    private static void OfConnect(in ConnectPacket connect, List<string> parts)
    {
        parts.Add($"MQTT {ExplanationText.VersionName(connect.Version)}");
        if (connect.CleanStart) parts.Add(connect.Version == ProtocolVersion.V5 ? "clean start" : "clean session");
        parts.Add(connect.KeepAlive == 0 ? "no keep alive" : $"keep alive {connect.KeepAlive} s");
        if (connect.HasUserName) parts.Add("user name");
        if (connect.HasWill) parts.Add($"will to {Short(Readable.Plain(connect.WillTopic))}");
    }

    private static void OfSuback(in SubackPacket suback, ProtocolVersion version, List<string> parts)
    {
        var codes = new List<string>();
        foreach (byte code in suback.Codes)
            codes.Add(code < 3 && suback.Type == PacketType.Suback ? $"QoS {code}" : version == ProtocolVersion.V5 ? ((ReasonCode)code).Describe(suback.Type) : "refused");
        AddFilters(codes, parts);
        parts.Add($"#{suback.PacketId}");
    }

    private static void AddFilters(List<string> filters, List<string> parts)
    {
        parts.AddRange(filters.Take(MostFilters));
        if (filters.Count > MostFilters) parts.Add($"{filters.Count - MostFilters:N0} more");
    }

    private static string Short(string text) => text.Length <= MostCharacters ? text : $"{text[..(MostCharacters - 1)]}…";
}
