// Publishes one sequence of messages. The packet is made once; for each message it is copied into the output, and packet identifier and
// stamp are patched.
using System.Buffers.Binary;
using System.Text;
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class PublisherConnection : BenchConnection
{
    private const int LargestInFlight = ushort.MaxValue;

    private readonly MessageLoad _load;
    private readonly byte[] _packet;
    private readonly int _packetIdAt, _payloadAt;
    private HashSet<long>? _earlyAcks;
    private long _packetIds; // used by earlier phases
    private long _givenUp;
    private long _lastDone, _lastProgress;

    public PublisherConnection(BenchLoop owner, MessageLoad load, int number) : base(owner, owner.Settings.ClientId('p', number))
    {
        _load = load;
        Number = number;
        (_packet, _packetIdAt, _payloadAt) = Encode(load.Plan.TopicOf(number), load.Plan.QoS, load.Plan.Payload, Settings.Version);
    }

    /// <summary>From 0.</summary>
    public int Number { get; }

    /// <summary>Messages of this phase that have been sent: the next one's sequence number.</summary>
    public long Sent { get; private set; }

    /// <summary>Messages that are to be sent in this phase.</summary>
    public long Quota { get; set; }

    /// <summary>All messages below this one are acknowledged; at QoS 0 there is nothing to acknowledge.</summary>
    public long AckedBelow { get; private set; }

    /// <summary>Whether it stands in the load's queue of publishers to be looked at.</summary>
    public bool IsQueued { get; set; }

    private bool IsAcknowledged => _load.Plan.QoS != QoS.AtMostOnce;

    /// <summary>Whether the connection can take another message, whatever the loop's discipline says.</summary>
    public bool HasRoom =>
        State == LinkState.Ready && !Transport.IsOutputFull
        && (!IsAcknowledged || Sent - AckedBelow < Math.Min(LargestInFlight, Limits.ReceiveMaximum));

    public void BeginPhase()
    {
        _packetIds = (_packetIds + Sent) % LargestInFlight;
        Sent = AckedBelow = _givenUp = Quota = 0;
        _earlyAcks?.Clear();
    }

    /// <summary>Closed loop: messages that may follow now.</summary>
    public long Room(int window)
    {
        long done = _load.ThroughOf(Number, _givenUp);
        if (IsAcknowledged) done = Math.Min(done, Math.Max(AckedBelow, _givenUp));
        return Math.Min(window - (Sent - Math.Min(done, Sent)), Quota - Sent);
    }

    /// <summary>Closed loop: stops waiting for messages that nobody has heard of for some time.</summary>
    public void GiveUpStalled(long now, long patience, int window)
    {
        long done = _load.ThroughOf(Number, _givenUp);
        if (done != _lastDone || Sent >= Quota || Room(window) > 0)
        {
            _lastDone = done;
            _lastProgress = now;
        }
        else if (now - _lastProgress >= patience)
        {
            _givenUp = _load.GivenUp(Number, Sent);
            _load.Enqueue(this);
        }
    }

    public void Publish(long intendedTime)
    {
        Span<byte> output = Transport.GetOutput(_packet.Length);
        _packet.CopyTo(output);
        long sequence = Sent++;
        if (_packetIdAt > 0) BinaryPrimitives.WriteUInt16BigEndian(output[_packetIdAt..], PacketIdOf(sequence));
        new MessageStamp(intendedTime, _load.RunTag, Number, sequence).Write(output[_payloadAt..], _load.Plan.Level);
        Transport.Advance(_packet.Length);
        Owner.Tally.Sent++;
    }

    protected override void OnConnected()
    {
        if (Limits.MaximumQoS < _load.Plan.QoS)
            Fail($"the broker takes messages up to QoS {(int)Limits.MaximumQoS} only");
        else if (!Limits.Fits(_packet.Length))
            Fail($"the broker takes packets of up to {Limits.MaximumPacketSize:N0} bytes only, and the message has {_packet.Length:N0}");
        else if (_load.Plan.Payload.Retain && !Limits.RetainAvailable)
            Fail("the broker keeps no retained messages");
        else
            base.OnConnected();
    }

    protected override void OnOutputDrained() => _load.Enqueue(this);

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet, long now)
    {
        if (frame.Type is not (PacketType.Puback or PacketType.Pubrec or PacketType.Pubcomp))
        {
            Fail($"the broker sent {frame.Type.Name()} to a publisher");
            return;
        }
        if (!PublishAckPacket.TryRead(frame, packet, Settings.Version, out PublishAckPacket ack, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        bool isRefused = ack.ReasonCode.IsError();
        if (isRefused) Owner.NoteRefusal(ack.ReasonCode);
        if (frame.Type == PacketType.Pubrec && !isRefused)
        {
            var release = new PublishAckPacket { Type = PacketType.Pubrel, PacketId = ack.PacketId };
            Transport.Advance(release.Write(Transport.GetOutput(4), Settings.Version));
            return;
        }
        OnAcknowledged(ack.PacketId, now);
    }

    private static (byte[] Packet, int PacketIdAt, int PayloadAt) Encode(string topic, QoS qos, PayloadPlan payload, ProtocolVersion version)
    {
        var publish = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            QoS = qos,
            Retain = payload.Retain,
            PacketId = qos == QoS.AtMostOnce ? (ushort)0 : (ushort)1,
            Payload = payload.Bytes,
        };
        var packet = new byte[publish.Length(version)];
        publish.Write(packet, version);
        int payloadAt = packet.Length - payload.Bytes.Length;
        int properties = version == ProtocolVersion.V5 ? 1 : 0;
        return (packet, qos == QoS.AtMostOnce ? 0 : payloadAt - properties - 2, payloadAt);
    }

    private ushort PacketIdOf(long sequence) => (ushort)((_packetIds + sequence) % LargestInFlight + 1);

    private void OnAcknowledged(ushort packetId, long now)
    {
        long first = AckedBelow;
        if (PacketIdOf(first) == packetId && first < Sent)
        {
            AckedBelow++;
            while (_earlyAcks is { Count: > 0 } && _earlyAcks.Remove(AckedBelow)) AckedBelow++;
        }
        else
        {
            // Not the oldest one: acknowledged out of order, or never sent.
            long behind = (packetId - PacketIdOf(first) + LargestInFlight) % LargestInFlight;
            if (first + behind >= Sent || !(_earlyAcks ??= []).Add(first + behind))
            {
                Owner.Tally.StrayAcks++;
                return;
            }
            Owner.Tally.AcksOutOfOrder++;
        }
        Owner.Tally.Acked++;
        Owner.LastProgress = now;
        _load.Enqueue(this);
    }
}
