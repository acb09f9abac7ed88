// Stores retained messages, one on each of many topics, and takes them away again. Acknowledged, at QoS 1 or more: only then is it certain
// that the broker has them.
using System.Text;
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class RetainingConnection(BenchLoop owner, byte[] clientId, RetainedPlan plan, int first) : BenchConnection(owner, clientId)
{
    private const int Window = 100;

    private TaskCompletionSource? _done;
    private int _next, _acknowledged;
    private bool _removes;

    /// <summary>How many topics are this connection's.</summary>
    private int Topics => (plan.Topics - first + plan.Publishers - 1) / plan.Publishers;

    /// <summary>Stores (or removes) this connection's messages. On the loop.</summary>
    /// <returns>Completed when the last is acknowledged: never, if the connection ends before.</returns>
    public Task RetainAsync(bool remove)
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _next = _acknowledged = 0;
        _removes = remove;
        if (State != LinkState.Ready) _done.SetResult();
        else SendMore();
        return _done.Task;
    }

    protected override void OnConnected()
    {
        if (!Limits.RetainAvailable) Fail("the broker keeps no retained messages");
        else if (Limits.MaximumQoS < plan.PublishQoS) Fail($"the broker takes messages up to QoS {(int)Limits.MaximumQoS} only");
        else base.OnConnected();
    }

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet, long now)
    {
        if (!PublishAckPacket.TryRead(frame, packet, Settings.Version, out PublishAckPacket ack, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        if (ack.ReasonCode.IsError()) Owner.NoteRefusal(ack.ReasonCode);
        if (frame.Type == PacketType.Pubrec && !ack.ReasonCode.IsError())
        {
            var release = new PublishAckPacket { Type = PacketType.Pubrel, PacketId = ack.PacketId };
            Transport.Advance(release.Write(Transport.GetOutput(4), Settings.Version));
            return;
        }
        _acknowledged++;
        Owner.LastProgress = now;
        Owner.Tally.Acked++;
        SendMore();
    }

    private void SendMore()
    {
        while (_next < Topics && _next - _acknowledged < Math.Min(Window, Limits.ReceiveMaximum))
        {
            int topic = first + _next * plan.Publishers;
            byte[] payload = _removes ? [] : plan.PayloadOf(topic);
            var publish = new PublishPacket
            {
                Topic = Encoding.UTF8.GetBytes(plan.TopicOf(topic)),
                QoS = plan.PublishQoS,
                Retain = true,
                PacketId = (ushort)(_next % ushort.MaxValue + 1),
                Payload = payload,
            };
            Transport.Advance(publish.Write(Transport.GetOutput(publish.Length(Settings.Version)), Settings.Version));
            _next++;
        }
        if (_acknowledged == Topics) _done?.TrySetResult();
    }
}

/// <summary>The retained messages of a run.</summary>
internal sealed class RetainedPlan(ClientSettings settings)
{
    public int Topics => settings.Options.RetainedCount;

    public int Publishers => settings.Options.PublisherCount;

    public QoS PublishQoS => settings.Options.QoS == QoS.AtMostOnce ? QoS.AtLeastOnce : settings.Options.QoS;

    public uint RunTag => (uint)(settings.RunId << 8);

    public int PayloadSize => settings.Options.PayloadSize;

    public string Filter { get; } = settings.Topic("#");

    public string TopicOf(int number) => settings.Topic($"{number:d8}");

    public byte[] PayloadOf(int number)
    {
        byte[] payload = MessageStamp.CreatePayload(PayloadSize);
        new MessageStamp(0, RunTag, 0, number).Write(payload, StampLevel.Full);
        return payload;
    }
}
