// What a line says about a packet of each type. No words that are the same in every packet.
using Godwit.Capture.Explain;
using Godwit.Capture.Filters;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;

namespace Godwit.Capture.Views;

internal sealed class DetailText(TextViewOptions options)
{
    private const int UnlimitedPayload = 200, LeastPayload = 8, LeastFilter = 20;

    public void Write(LineBuffer line, in ObservedPacket packet, PacketContext context)
    {
        switch (packet.Type)
        {
            case PacketType.Connect: WriteConnect(line, packet); break;
            case PacketType.Connack: WriteConnack(line, packet); break;
            case PacketType.Publish: WritePublish(line, packet); return;
            case PacketType.Subscribe or PacketType.Unsubscribe: WriteFilters(line, packet); break;
            case PacketType.Suback or PacketType.Unsuback: WriteCodes(line, packet); break;
            default: WriteAcknowledgement(line, packet); break;
        }
        WriteSize(line, packet);
        if (context.Answered is { } answered)
        {
            Style(line, "\e[36m"u8);
            line.Add((answered.AnsweredAt.Time - answered.RequestedAt.Time) / 1e6, 2);
            line.Add(" ms"u8);
            Style(line, "\e[0m"u8);
        }
    }

    private void WritePublish(LineBuffer line, in ObservedPacket packet)
    {
        PublishPacket publish = packet.Publish;
        int room = Room(line);
        Style(line, "\e[1m"u8);
        ReadOnlySpan<byte> topic = packet.Topic.IsEmpty ? publish.Topic : packet.Topic; // of a packet with a violation there is what was read
        if (topic.IsEmpty) line.Add(packet.IsWhole ? "(topic behind an alias)"u8 : "(topic unknown)"u8);
        else line.AddForeign(topic, Math.Max(LeastPayload, room - 24));
        Style(line, "\e[0m"u8);
        line.Add(" q"u8);
        line.Add(packet.Frame.Flags >> 1 & 3);
        if ((packet.Frame.Flags & 1) != 0) line.Add(" retain"u8);
        if ((packet.Frame.Flags & 8) != 0) line.Add(" dup"u8);
        line.Add(" "u8);
        WriteId(line, publish.PacketId);
        WriteSize(line, packet);
        if (options.Redact || publish.Payload.IsEmpty) return;
        room = Room(line);
        if (room < LeastPayload) return;
        if (Readable.IsText(publish.Payload)) line.AddForeign(publish.Payload, room);
        else line.AddHex(publish.Payload, room);
    }

    private void WriteConnect(LineBuffer line, in ObservedPacket packet)
    {
        ConnectPacket connect = PacketParts.Connect(packet);
        line.Add($"v{ExplanationText.VersionName(connect.Version)}{(connect.CleanStart ? " clean" : "")} keep alive {connect.KeepAlive} s ");
        if (!connect.WillTopic.IsEmpty)
        {
            line.Add("will to "u8);
            line.AddForeign(connect.WillTopic, Math.Max(LeastPayload, Room(line)));
            line.Add(" "u8);
        }
        if (connect.UserName.IsEmpty) return;
        line.Add("user "u8);
        if (options.Redact) line.Add("***"u8);
        else line.AddForeign(connect.UserName, Math.Max(LeastPayload, Room(line)));
        line.Add(" "u8);
        if (connect.HasPassword && options.ShowPasswords)
        {
            line.Add("password "u8);
            line.AddForeign(connect.Password, Math.Max(LeastPayload, Room(line)));
            line.Add(" "u8);
        }
    }

    private void WriteConnack(LineBuffer line, in ObservedPacket packet)
    {
        ConnackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out ConnackPacket connack, out _);
        if (connack.Code == 0) line.Add("accepted"u8);
        else
        {
            Style(line, "\e[31m"u8);
            line.Add(packet.Version == ProtocolVersion.V5 ? ((ReasonCode)connack.Code).Name() : ((ConnectReturnCode)connack.Code).Name());
            Style(line, "\e[0m"u8);
        }
        line.Add(connack.SessionPresent ? " session present "u8 : " "u8);
    }

    private void WriteFilters(LineBuffer line, in ObservedPacket packet)
    {
        for (int i = 0; PacketParts.TryFilter(packet, i, out ReadOnlySpan<byte> filter, out SubscriptionOptions asked); i++)
        {
            int room = Room(line);
            if (i > 0 && room < LeastFilter)
            {
                line.Add("... "u8);
                break;
            }
            line.AddForeign(filter, Math.Max(LeastPayload, room - LeastFilter));
            if (packet.Type == PacketType.Subscribe)
            {
                line.Add(" q"u8);
                line.Add((int)asked.MaximumQoS);
            }
            line.Add(" "u8);
        }
        WriteId(line, PacketParts.PacketId(packet));
    }

    private static void WriteCodes(LineBuffer line, in ObservedPacket packet)
    {
        SubackPacket suback = default;
        if (packet.IsWhole) SubackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out suback, out _);
        foreach (byte code in suback.Codes)
        {
            if (code <= 2 && packet.Type == PacketType.Suback)
            {
                line.Add("q"u8);
                line.Add(code);
            }
            else line.Add(packet.Version == ProtocolVersion.V5 ? ((ReasonCode)code).Describe(packet.Type) : "refused");
            line.Add(" "u8);
        }
        WriteId(line, suback.PacketId);
    }

    private static void WriteAcknowledgement(LineBuffer line, in ObservedPacket packet)
    {
        WriteId(line, PacketParts.PacketId(packet));
        if (PacketParts.Code(packet) is not ({ } code and not 0)) return;
        line.Add(((ReasonCode)code).Describe(packet.Type));
        line.Add(" "u8);
    }

    private static void WriteId(LineBuffer line, ushort id)
    {
        if (id == 0) return;
        line.Add("#"u8);
        line.Add(id);
        line.Add(" "u8);
    }

    private void WriteSize(LineBuffer line, in ObservedPacket packet)
    {
        Style(line, "\e[2m"u8);
        line.Add(packet.Frame.Length);
        line.Add(" B"u8);
        Style(line, "\e[0m"u8);
        line.Add(" "u8);
    }

    private int Room(LineBuffer line) => options.Width > 0 ? options.Width - line.Column : UnlimitedPayload;

    private void Style(LineBuffer line, ReadOnlySpan<byte> escape)
    {
        if (options.IsColoured) line.AddInvisible(escape);
    }
}
