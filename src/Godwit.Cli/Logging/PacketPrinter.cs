// -d: one line for each packet, in mosquitto's words.
using System.Globalization;
using System.Text;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Logging;

internal sealed class PacketPrinter(string clientId, ProtocolVersion version, Action<string> printLine) : IPacketObserver
{
    public void OnSent(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        string start = $"Client {clientId} sending {frame.Type.Name()}";
        switch (frame.Type)
        {
            case PacketType.Publish when PublishPacket.TryRead(frame, packet, version, out PublishPacket publish, out _):
                printLine(start + Describe(publish));
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp
                when PublishAckPacket.TryRead(frame, packet, version, out PublishAckPacket ack, out _):
                printLine(frame.Type == PacketType.Pubrec ? $"{start} (m{ack.PacketId}, rc{(int)ack.ReasonCode})" : $"{start} (m{ack.PacketId})");
                break;
            case PacketType.Subscribe when SubscribePacket.TryRead(frame, packet, version, out SubscribePacket subscribe, out _):
                foreach (RequestedSubscription entry in subscribe.Subscriptions)
                {
                    // The options byte without the QoS, as mosquitto shows it.
                    int options = entry.Options.Encoded & ~3;
                    printLine($"{start} (Mid: {subscribe.PacketId}, Topic: {Text(entry.Filter)}, QoS: {(int)entry.Options.MaximumQoS}, Options: 0x{options:x2})");
                }
                break;
            case PacketType.Unsubscribe when UnsubscribePacket.TryRead(frame, packet, version, out UnsubscribePacket unsubscribe, out _):
                foreach (ReadOnlySpan<byte> filter in unsubscribe.Filters) printLine($"{start} (Mid: {unsubscribe.PacketId}, Topic: {Text(filter)})");
                break;
            default:
                printLine(start);
                break;
        }
    }

    public void OnReceived(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        string start = $"Client {clientId} received {frame.Type.Name()}";
        switch (frame.Type)
        {
            case PacketType.Connack when ConnackPacket.TryRead(frame, packet, version, out ConnackPacket connack, out _):
                printLine(string.Create(CultureInfo.InvariantCulture, $"{start} ({connack.Code})"));
                break;
            case PacketType.Publish when PublishPacket.TryRead(frame, packet, version, out PublishPacket publish, out _):
                printLine(start + Describe(publish));
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp
                when PublishAckPacket.TryRead(frame, packet, version, out PublishAckPacket ack, out _):
                bool hasCode = frame.Type is PacketType.Puback or PacketType.Pubcomp;
                printLine(hasCode ? $"{start} (Mid: {ack.PacketId}, RC:{(int)ack.ReasonCode})" : $"{start} (Mid: {ack.PacketId})");
                break;
            case PacketType.Disconnect:
                // The reason code is the first byte behind the fixed header; without one it is 0.
                printLine($"{start} ({(frame.RemainingLength > 0 ? packet[frame.HeaderLength] : 0)})");
                break;
            default:
                printLine(start);
                break;
        }
    }

    private static string Describe(in PublishPacket publish) =>
        $" (d{(publish.Dup ? 1 : 0)}, q{(int)publish.QoS}, r{(publish.Retain ? 1 : 0)}, m{publish.PacketId}, '{Text(publish.Topic)}', ... ({publish.Payload.Length} bytes))";

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
