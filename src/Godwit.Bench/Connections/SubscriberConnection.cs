// Subscribes to one filter, acknowledges what comes, and hands each message to its checker.
using System.Buffers.Binary;
using System.Text;
using Godwit.Protocol;

namespace Godwit.Bench;

/// <summary>Looks at the messages of one subscriber.</summary>
internal interface IMessageChecker
{
    void OnMessage(SubscriberConnection subscriber, in PublishPacket message, long now);
}

internal sealed class SubscriberConnection(BenchLoop owner, byte[] clientId, int number, string filter, QoS qos, IMessageChecker checker)
    : BenchConnection(owner, clientId)
{
    private readonly byte[] _filter = Encoding.UTF8.GetBytes(filter);
    private readonly MessageChecker? _messages = checker as MessageChecker;

    /// <summary>From 0.</summary>
    public int Number { get; } = number;

    /// <summary>Whether to wait with SUBSCRIBE until <see cref="Subscribe"/> is called.</summary>
    public bool SubscribesLater { get; init; }

    /// <summary>When SUBSCRIBE was sent.</summary>
    public long SubscribedAt { get; private set; }

    public void Subscribe()
    {
        SubscribedAt = MonotonicClock.Now;
        var list = new byte[_filter.Length + 3];
        SubscriptionList.Write(list, _filter, new SubscriptionOptions(qos));
        var subscribe = new SubscribePacket { PacketId = 1, Subscriptions = new SubscriptionList(list) };
        Transport.Advance(subscribe.Write(Transport.GetOutput(subscribe.Length(Settings.Version)), Settings.Version));
    }

    protected override void OnConnected()
    {
        if (filter.StartsWith("$share/", StringComparison.Ordinal) && !Limits.SharedSubscriptionAvailable)
            Fail("the broker serves no shared subscriptions");
        else if (IsSessionPresent || SubscribesLater)
            BecomeReady(); // the session has the subscription still
        else
            Subscribe();
    }

    protected override int TakeExpected(ReadOnlySpan<byte> input, long now)
    {
        if (_messages is null) return 0;
        int taken = 0;
        while (_messages.Expected.TryRead(input[taken..], out ushort packetId, out ReadOnlySpan<byte> payload))
        {
            if (packetId != 0) Acknowledge(qos, packetId);
            _messages.OnPayload(payload, dup: false, now);
            taken += _messages.Expected.Length;
        }
        return taken;
    }

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet, long now)
    {
        switch (frame.Type)
        {
            case PacketType.Publish:
                OnPublish(frame, packet, now);
                break;
            case PacketType.Pubrel: // [MQTT-4.3.3-2]
                if (PublishAckPacket.TryRead(frame, packet, Settings.Version, out PublishAckPacket release, out Violation? wrong))
                    Acknowledge(0x70, release.PacketId);
                else
                    Fail(wrong!);
                break;
            case PacketType.Suback:
                OnSuback(frame, packet);
                break;
            default:
                Fail($"the broker sent {frame.Type.Name()} to a subscriber");
                break;
        }
    }

    private void OnPublish(in PacketFrame frame, ReadOnlySpan<byte> packet, long now)
    {
        if (!PublishPacket.TryRead(frame, packet, Settings.Version, out PublishPacket message, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        if (message.QoS != QoS.AtMostOnce) Acknowledge(message.QoS, message.PacketId);
        checker.OnMessage(this, message, now);
    }

    private void Acknowledge(QoS received, ushort packetId) => Acknowledge(received == QoS.AtLeastOnce ? (byte)0x40 : (byte)0x50, packetId);

    // PUBACK, PUBREC or PUBCOMP: the same four bytes in all versions.
    private void Acknowledge(byte type, ushort packetId)
    {
        Span<byte> output = Transport.GetOutput(4);
        output[0] = type;
        output[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(output[2..], packetId);
        Transport.Advance(4);
    }

    private void OnSuback(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (!SubackPacket.TryRead(frame, packet, Settings.Version, out SubackPacket suback, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        byte code = suback.Codes[0];
        if (code >= 0x80)
        {
            string reason = Settings.Version == ProtocolVersion.V5 ? $": {((ReasonCode)code).Name()} (reason code 0x{code:X2})" : "";
            Fail($"the broker refused the subscription '{filter}'{reason}");
        }
        else if (code < (int)qos)
        {
            Fail($"the broker granted the subscription QoS {code} only");
        }
        else if (State == LinkState.Preparing)
        {
            BecomeReady();
        }
    }
}
