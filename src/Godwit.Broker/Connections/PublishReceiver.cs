// What a client sends of messages: PUBLISH, and the acknowledgements of what it was sent (sections 3.3 to 3.7 and 4.3).
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Control;
using Godwit.Broker.Durability;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;

namespace Godwit.Broker.Connections;

internal sealed class PublishReceiver(Shard shard)
{
    // Payloads of this size get a shared buffer, so that they are not copied for each recipient; the smaller ones only if they lie in one
    // anyway, because copying them there would be one copy more for a single recipient.
    private const int LargePayload = 64 * 1024;

    // What keeping a message takes beside its bytes.
    private const int MessageCost = 200;

    private byte[] _properties = new byte[256];

    public void OnPublish(ClientConnection connection, in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (!PublishPacket.TryRead(frame, packet, connection.Version, out PublishPacket publish, out Violation? violation)
            || (violation = Check(connection, ref publish, out bool isVerbatim)) is not null)
        {
            connection.Violate(violation!);
            return;
        }
        shard.Counters.PublishReceived++;
        shard.Counters.PublishBytesReceived += publish.Payload.Length;
        if (shard.Log.Packets) shard.Log.PublishReceived(connection.Name, publish);

        ClientSession session = connection.Session!;
        if (publish.QoS != QoS.AtMostOnce)
        {
            PublishVerdict verdict = session.Inbound.OnPublish(publish.QoS, publish.PacketId);
            if (verdict == PublishVerdict.ReceiveMaximumExceeded)
            {
                connection.Violate(BrokerViolations.ReceiveMaximumExceeded);
                return;
            }
            if (verdict == PublishVerdict.Duplicate) // [MQTT-4.3.3-2], 5.0: [MQTT-4.3.3-10]
            {
                AcknowledgeAgain(connection, publish.PacketId);
                return;
            }
        }

        var view = new PublicationView
        {
            Topic = publish.Topic,
            Payload = publish.Payload,
            QoS = publish.QoS,
            Retain = publish.Retain,
            ExpiresAt = PublicationView.Never,
            Publisher = session,
            Level = connection.Level,
        };
        SharedBuffer? copy = Share(connection, ref view);
        if (isVerbatim && view.Buffer is null)
        {
            view.Raw = packet;
            view.RawIsV5 = connection.Version == ProtocolVersion.V5;
            view.RawPacketIdOffset = frame.HeaderLength + 2 + publish.Topic.Length;
        }
        if (!publish.Properties.IsEmpty) Forward(publish.Properties, isVerbatim, ref view);

        bool isControl = ControlChannel.IsControl(view.Topic);
        ReasonCode code = isControl ? shard.Control.OnRequest(connection, view, publish.Properties) : Decide(connection, view);
        DropReason refusal = code == ReasonCode.NotAuthorized ? DropReason.NotAuthorized : DropReason.PublishRefused;
        if (!isControl && !code.IsError() && IsRefusedByStore(connection, view)) (code, refusal) = (ReasonCode.QuotaExceeded, DropReason.StoreFailed);
        if (code.IsError()) session.Drop(refusal, view, view.QoS);
        else if (!isControl && !Publish(connection, publish.PacketId, ref view)) code = ReasonCode.NoMatchingSubscribers;
        copy?.Release();
        if (publish.QoS != QoS.AtMostOnce && connection.Session is not null)
        {
            PacketType type = publish.QoS == QoS.AtLeastOnce ? PacketType.Puback : PacketType.Pubrec;
            Acknowledge(connection, type, publish.PacketId, code, code.IsError() ? null : view.Kept?.Record);
        }
        if (shard.TakeCongestion() is { } full) connection.WaitForCongestion(full);
        shard.Memory.LookAtBuffers();
        if (view.QoS != QoS.AtMostOnce || view.Retain) shard.Memory.Charge(connection, MessageCost + view.Topic.Length + view.Payload.Length);
        if (shard.Store is { IsCongested: true } store && (view.QoS != QoS.AtMostOnce || view.Retain)) store.Wait(connection);
    }

    public void OnAck(ClientConnection connection, in PublishAckPacket ack)
    {
        if (shard.Log.Packets) shard.Log.AckReceived(connection.Name, ack.Type, ack.PacketId, ack.ReasonCode);
        ClientSession session = connection.Session!;
        Delivery delivery = default;
        AckOutcome outcome = AckOutcome.Completed;
        switch (ack.Type)
        {
            case PacketType.Puback:
                outcome = session.Deliveries.Outbound.OnPuback(ack.PacketId, out delivery);
                break;
            case PacketType.Pubrec:
                outcome = session.Deliveries.Outbound.OnPubrec(ack.PacketId, ack.ReasonCode, out delivery);
                if (outcome == AckOutcome.SendPubrel) // [MQTT-4.3.3-1], 5.0: [MQTT-4.3.3-4]
                {
                    session.Deliveries.Received(ack.PacketId, delivery);
                }
                else if (outcome == AckOutcome.Unknown)
                    connection.SendAck(PacketType.Pubrel, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
                break;
            case PacketType.Pubcomp:
                outcome = session.Deliveries.Outbound.OnPubcomp(ack.PacketId, out delivery);
                break;
            case PacketType.Pubrel: // [MQTT-4.3.3-2], 5.0: [MQTT-4.3.3-11]
                bool known = session.Inbound.OnPubrel(ack.PacketId) == PubrelVerdict.Release;
                if (known && session.Durable is not null) ReleaseReceived(connection, session, ack.PacketId);
                else connection.SendAck(PacketType.Pubcomp, ack.PacketId, known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
                return;
        }
        if (outcome == AckOutcome.Mismatch)
        {
            connection.Violate(BrokerViolations.AcknowledgementMismatch);
            return;
        }
        if (outcome != AckOutcome.Completed) return;
        if (ack.ReasonCode.IsError() && ack.Type != PacketType.Pubcomp) session.Drop(DropReason.Refused, delivery); // [MQTT-4.4.0-2] [MQTT-4.8.2-6]
        session.Deliveries.Completed(delivery);
        session.Backlog?.Pump();
    }

    // Whether somebody has subscribed.
    private bool Publish(ClientConnection connection, ushort packetId, ref PublicationView view)
    {
        ClientSession session = connection.Session!;
        bool isReceivedStored = view.QoS == QoS.ExactlyOnce && session.Durable is not null;
        if (isReceivedStored) view.KeepRecorded().Record!.Unit = new StoreUnit(view.Level == AcknowledgementLevel.Fsync);
        bool hasSubscribers = shard.Publish(ref view, ref connection.LastRoute);
        if (isReceivedStored) StoreReceived(session, packetId, view);
        return hasSubscribers;
    }

    // The client forgets the identifier with PUBCOMP and may use it for another message, which a crash must not make a duplicate.
    private void ReleaseReceived(ClientConnection connection, ClientSession session, ushort packetId)
    {
        session.Unstored?.Remove(packetId);
        shard.Store!.Add(
            new StoreOperation { Kind = StoreOperationKind.RemoveReceived, Queue = session.Durable!.Number, Sequence = packetId }, connection.Level);
        shard.Store.Acknowledge(connection, PacketType.Pubcomp, packetId, ReasonCode.Success);
    }

    // What the codec cannot know: this server's limits, and the topic behind an alias.
    private Violation? Check(ClientConnection connection, ref PublishPacket publish, out bool isVerbatim)
    {
        isVerbatim = true;
        if (publish.QoS > shard.Options.MaximumQoS) return BrokerViolations.QoSNotSupported; // [MQTT-3.2.2-11]
        if (publish.Retain && !shard.Options.RetainAvailable) return BrokerViolations.RetainNotSupported; // [MQTT-3.2.2-14]
        if (!publish.Properties.IsEmpty) isVerbatim = ForwardedProperties.AreAll(publish.Properties);
        if (!isVerbatim) // only then can there be one of these
        {
            if (publish.Properties.TryFind(PropertyId.SubscriptionIdentifier, out _)) return BrokerViolations.SubscriptionIdentifierFromClient; // [MQTT-3.3.4-6]
            if (publish.Properties.Number(PropertyId.TopicAlias) is { } alias)
            {
                TopicAliasOutcome outcome = connection.Aliases.Resolve(publish.Topic, alias, out ReadOnlySpan<byte> topic);
                if (outcome == TopicAliasOutcome.Invalid) return BrokerViolations.TopicAliasTooLarge; // [MQTT-3.3.2-9]
                if (outcome == TopicAliasOutcome.Unknown) return BrokerViolations.UnknownTopicAlias;
                publish = publish with { Topic = topic };
            }
        }
        int levels = connection.Session!.Limits.TopicLevels;
        return publish.Topic.Length > levels && publish.Topic.Count((byte)'/') >= levels
            ? BrokerViolations.TooManyTopicLevels
            : null;
    }

    // A large packet has a receive buffer of its own: its payload goes to everybody without being copied. One that came whole with others
    // is copied once, into a buffer that the caller releases. A buffer with much else in it is not worth being held.
    private static SharedBuffer? Share(ClientConnection connection, ref PublicationView view)
    {
        int length = view.Payload.Length;
        if (connection.Transport.InputBuffer is { } buffer && buffer.Bytes.Length <= length * 2L
            && new ReadOnlySpan<byte>(buffer.Bytes).Overlaps(view.Payload, out int offset))
        {
            view.SetBuffer(buffer, offset, length);
            return null;
        }
        if (length < LargePayload) return null;
        SharedBuffer copy = connection.Transport.Loop.RentBuffer(length);
        view.Payload.CopyTo(copy.Bytes);
        view.SetBuffer(copy, 0, length);
        return copy;
    }

    private void Forward(MqttProperties properties, bool areAllForwarded, ref PublicationView view)
    {
        if (areAllForwarded)
        {
            view.Properties = properties.Encoded;
            return;
        }
        if (properties.Number(PropertyId.MessageExpiryInterval) is { } seconds) view.ExpiresAt = shard.Loop.Now + seconds * 1000L;
        if (_properties.Length < properties.Encoded.Length) _properties = new byte[properties.Encoded.Length];
        view.Properties = _properties.AsSpan(0, ForwardedProperties.Copy(properties, _properties));
    }

    // Authorisation and hooks. Success: publish it.
    private ReasonCode Decide(ClientConnection connection, in PublicationView view)
    {
        if (view.Topic.StartsWith("$SYS/"u8)) return ReasonCode.NotAuthorized; // the broker's own
        ClientSession session = connection.Session!;
        if (!shard.Hooks.MayPublish(session.Access, view.Topic, view.QoS, view.Retain))
        {
            if (shard.Log.Packets) shard.Log.PublishDenied(connection.Name, view.Topic);
            return ReasonCode.NotAuthorized;
        }
        return shard.Hooks.SeesMessages ? shard.Hooks.MessageIn(session.Identity, view) : ReasonCode.Success;
    }

    // While the store fails, an MQTT 5 client is told that its message cannot be kept; others get no acknowledgement until it works again.
    private bool IsRefusedByStore(ClientConnection connection, in PublicationView view) =>
        shard.Store is { Failure: not null } && view.QoS != QoS.AtMostOnce && connection.Version == ProtocolVersion.V5
        && ((view.QoS == QoS.ExactlyOnce && connection.Session!.Durable is not null) || shard.IsToBeStored(view, ref connection.LastRoute));

    // The identifier of a QoS 2 message is stored with the message, or neither is.
    private void StoreReceived(ClientSession session, ushort packetId, in PublicationView view)
    {
        Publication publication = view.Kept!;
        MessageRecord record = publication.Record!;
        record.AddShare();
        shard.Store!.Add(
            new StoreOperation { Kind = StoreOperationKind.AddReceived, Queue = session.Durable!.Number, Sequence = packetId, Item = publication }, view.Level);
        StoreUnit unit = record.Unit!;
        StoreUnit? previous = session.LastUnit is { IsReleased: false } last ? last : null;
        if (!unit.IsShared && previous is null)
        {
            record.Unit = null; // all of it is in one batch
        }
        else
        {
            if (previous is not null) unit.Follow(previous);
            session.LastUnit = unit;
            shard.Store.Add(new StoreOperation { Kind = StoreOperationKind.EndPart, Item = record });
        }
        if (view.Level != AcknowledgementLevel.Memory) (session.Unstored ??= [])[packetId] = record;
    }

    // A QoS 2 message that has come before: perhaps on an earlier connection, and its PUBREC still waits for the store.
    private static void AcknowledgeAgain(ClientConnection connection, ushort packetId)
    {
        if (connection.Session!.Unstored?.GetValueOrDefault(packetId) is not { IsSettled: false } record)
            Acknowledge(connection, PacketType.Pubrec, packetId, ReasonCode.Success, null);
        else if (record.Publisher != connection)
            connection.Acknowledger.SendWhenSettled(record, PacketType.Pubrec, packetId, ReasonCode.Success);
    }

    // A refused message is acknowledged with its reason in MQTT 5, as usual before.
    // [MQTT-3.3.5-2] [MQTT-4.3.2-2] [MQTT-4.3.3-2], 5.0: [MQTT-4.3.2-4] [MQTT-4.3.3-8]
    private static void Acknowledge(ClientConnection connection, PacketType type, ushort packetId, ReasonCode code, MessageRecord? record)
    {
        if (connection.Version != ProtocolVersion.V5) code = ReasonCode.Success;
        if (!code.IsAllowedIn(type)) code = ReasonCode.UnspecifiedError; // a hook's: 5.0: [MQTT-3.4.2-1] [MQTT-3.5.2-1]
        if (connection.Level == AcknowledgementLevel.Memory || connection.Phase == ConnectionPhase.Ended)
        {
            PublishAcknowledger.Send(connection, type, packetId, code);
        }
        else if (record is null)
        {
            connection.Acknowledger.Send(type, packetId, code);
        }
        else
        {
            connection.Acknowledger.SendWhenSettled(record, type, packetId, code);
            connection.Shard.Settle(record); // this turn's own share
        }
    }
}
