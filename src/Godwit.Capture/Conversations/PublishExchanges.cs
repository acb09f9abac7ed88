// The exchanges that begin with a PUBLISH of QoS 1 or 2, in either direction: PUBACK; or PUBREC, PUBREL, PUBCOMP. Without state of its own.
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Capture.Conversations;

internal static class PublishExchanges
{
    public static void OnPublish(ConversationTracker tracker, Conversation conversation, in ObservedPacket packet)
    {
        PublishPacket publish = packet.Publish;
        int direction = conversation.DirectionOf(packet.Side);
        if (packet.Version == ProtocolVersion.V5 && publish.Properties.Number(PropertyId.TopicAlias) is { } alias)
        {
            ConnectionLimits receiver = direction == 0 ? conversation.ServerLimits : conversation.ClientLimits;
            bool isKnown = direction == 0 ? conversation.IsAccepted : conversation.Connect != 0;
            if (isKnown && alias > receiver.TopicAliasMaximum)
                tracker.Tell(conversation, Event(ConversationEventKind.TopicAliasTooHigh, packet) with { Value = alias });
            else if (isKnown && packet.Topic.IsEmpty)
                tracker.Tell(conversation, Event(ConversationEventKind.TopicAliasUnknown, packet) with { Value = alias });
        }
        if (publish.QoS == QoS.AtMostOnce) return;

        InboundFlow inbound = conversation.Inbound[direction];
        if (inbound.OnPublish(publish.QoS, publish.PacketId) == PublishVerdict.ReceiveMaximumExceeded)
            tracker.Tell(conversation, Event(ConversationEventKind.ReceiveMaximumExceeded, packet) with { PacketId = publish.PacketId, Value = inbound.ReceiveMaximum });
        InFlight flow = conversation.Flows[direction];
        Awaited awaited = publish.QoS == QoS.AtLeastOnce ? Awaited.Puback : Awaited.Pubrec;
        var waiting = new Waiting { For = awaited, First = packet.Number, Latest = packet.Number, BegunAt = packet.Last, LatestAt = packet.Last };
        if (flow.TryGet(publish.PacketId, out Waiting earlier))
        {
            bool isSame = earlier.For == awaited && (publish.Dup || earlier.IsEarlier);
            tracker.Tell(conversation, Event(isSame ? ConversationEventKind.Repeated : ConversationEventKind.PacketIdInUse, packet, earlier.First) with
            {
                PacketId = publish.PacketId,
                Value = publish.Dup ? 1 : 0,
            });
            if (isSame) waiting = waiting with { First = earlier.First, BegunAt = earlier.BegunAt };
        }
        else if (publish.Dup && conversation.Connect != 0 && !conversation.IsSessionPresent && packet.Version != ProtocolVersion.V31)
            tracker.Tell(conversation, Event(ConversationEventKind.DupWithoutOriginal, packet) with { PacketId = publish.PacketId });
        flow.Set(publish.PacketId, waiting);
        flow.Enqueue(publish.PacketId, waiting.First);
    }

    public static void OnAcknowledgement(ConversationTracker tracker, Conversation conversation, in ObservedPacket packet)
    {
        PublishAckPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishAckPacket ack, out _);
        // PUBREL comes from the sender of the message, the others from its receiver.
        int direction = conversation.DirectionOf(packet.Side);
        if (packet.Type != PacketType.Pubrel) direction = 1 - direction;
        Tally(conversation.Inbound[direction], ack);
        InFlight flow = conversation.Flows[direction];
        if (!flow.TryGet(ack.PacketId, out Waiting waiting))
        {
            bool isExpected = conversation.Connect == 0 || ack.ReasonCode == ReasonCode.PacketIdentifierNotFound || conversation.IsSessionPresent;
            if (!isExpected) tracker.Tell(conversation, Event(ConversationEventKind.UnknownAcknowledgement, packet) with { PacketId = ack.PacketId });
            return;
        }
        switch (packet.Type, waiting.For)
        {
            case (PacketType.Puback, Awaited.Puback):
                Answer(tracker, conversation, packet, ExchangeKind.Puback, direction, ack.PacketId, waiting.First, waiting.BegunAt);
                CheckOrder(tracker, conversation, packet, flow, ack.PacketId, waiting.First);
                flow.Remove(ack.PacketId);
                break;
            case (PacketType.Pubrec, Awaited.Pubrec):
                Answer(tracker, conversation, packet, ExchangeKind.Pubrec, direction, ack.PacketId, waiting.First, waiting.BegunAt);
                CheckOrder(tracker, conversation, packet, flow, ack.PacketId, waiting.First);
                if (ack.ReasonCode.IsError()) flow.Remove(ack.PacketId);
                else flow.Set(ack.PacketId, waiting with { For = Awaited.Pubrel, Latest = packet.Number, LatestAt = packet.Last });
                break;
            case (PacketType.Pubrec, Awaited.Pubrel or Awaited.Pubcomp): // of a PUBLISH that was sent again
                break;
            case (PacketType.Pubrel, Awaited.Pubrel):
                Answer(tracker, conversation, packet, ExchangeKind.Pubrel, 1 - direction, ack.PacketId, waiting.Latest, waiting.LatestAt);
                flow.Set(ack.PacketId, waiting with { For = Awaited.Pubcomp, Latest = packet.Number, LatestAt = packet.Last });
                break;
            case (PacketType.Pubrel, Awaited.Pubcomp): // sent again
                tracker.Tell(conversation, Event(ConversationEventKind.Repeated, packet, waiting.Latest) with { PacketId = ack.PacketId, Value = 1 });
                break;
            case (PacketType.Pubcomp, Awaited.Pubcomp):
                Answer(tracker, conversation, packet, ExchangeKind.Pubcomp, direction, ack.PacketId, waiting.Latest, waiting.LatestAt);
                Answer(tracker, conversation, packet, ExchangeKind.Delivery, direction, ack.PacketId, waiting.First, waiting.BegunAt);
                flow.Remove(ack.PacketId);
                break;
            default:
                tracker.Tell(conversation, Event(ConversationEventKind.WrongAcknowledgement, packet, waiting.First) with { PacketId = ack.PacketId });
                break;
        }
    }

    /// <summary>The connection is over: what was not answered on it is told.</summary>
    public static void OnEnd(ConversationTracker tracker, Conversation conversation, Arrival at)
    {
        for (int direction = 0; direction < 2; direction++)
        {
            foreach ((ushort id, Waiting waiting) in conversation.Flows[direction].All)
            {
                if (waiting.IsEarlier) continue;
                ExchangeKind kind = waiting.For switch
                {
                    Awaited.Puback => ExchangeKind.Puback,
                    Awaited.Pubrec => ExchangeKind.Pubrec,
                    Awaited.Pubrel => ExchangeKind.Pubrel,
                    Awaited.Pubcomp => ExchangeKind.Pubcomp,
                    Awaited.Suback => ExchangeKind.Subscribe,
                    _ => ExchangeKind.Unsubscribe,
                };
                Side from = conversation.SideOf(kind == ExchangeKind.Pubrel ? 1 - direction : direction);
                tracker.Tell(conversation, new Exchange(kind, from, id, waiting.Latest, 0, waiting.LatestAt, at));
            }
        }
    }

    private static void Answer(
        ConversationTracker tracker, Conversation conversation, in ObservedPacket packet, ExchangeKind kind, int direction, ushort id, long request, Arrival requestedAt) =>
        tracker.Tell(conversation, new Exchange(kind, conversation.SideOf(direction), id, request, packet.Number, requestedAt, packet.Last));

    private static void CheckOrder(ConversationTracker tracker, Conversation conversation, in ObservedPacket packet, InFlight flow, ushort id, long first)
    {
        long earlier = flow.Acknowledge(id, first);
        if (earlier != 0) tracker.Tell(conversation, Event(ConversationEventKind.OutOfOrder, packet, earlier) with { PacketId = id });
    }

    private static void Tally(InboundFlow inbound, in PublishAckPacket ack)
    {
        switch (ack.Type)
        {
            case PacketType.Puback: inbound.OnPubackSent(); break;
            case PacketType.Pubrec: inbound.OnPubrecSent(ack.PacketId, ack.ReasonCode); break;
            case PacketType.Pubrel: inbound.OnPubrel(ack.PacketId); break;
        }
    }

    private static ConversationEvent Event(ConversationEventKind kind, in ObservedPacket packet, long related = 0) => ConversationTracker.Event(kind, packet, related);
}
