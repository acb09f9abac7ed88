// Sees to it that a subscriber gets each retained message once, with the RETAIN flag, and notes when it had them all.
using System.Buffers.Text;
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class RetainedChecker(BenchLoop owner, RetainedPlan plan) : IMessageChecker
{
    private const int TopicDigits = 8;

    private readonly ulong[] _seen = new ulong[(plan.Topics + 63) / 64];

    public int Received { get; private set; }

    /// <summary>From SUBSCRIBE to the last message in nanoseconds; 0 until it has come.</summary>
    public long CompletedAfter { get; private set; }

    public void OnMessage(SubscriberConnection subscriber, in PublishPacket message, long now)
    {
        Tally tally = owner.Tally;
        if (!message.Retain || message.Payload.Length != plan.PayloadSize)
        {
            tally.Corrupt++;
            return;
        }
        MessageStamp stamp = MessageStamp.Read(message.Payload, StampLevel.Full);
        bool isItsTopic = message.Topic.Length > TopicDigits
            && Utf8Parser.TryParse(message.Topic[^TopicDigits..], out int number, out int digits) && digits == TopicDigits && number == stamp.Sequence;
        if (stamp.Run != plan.RunTag || !isItsTopic || stamp.Sequence >= plan.Topics)
        {
            tally.Corrupt++;
            return;
        }
        ref ulong word = ref _seen[stamp.Sequence / 64];
        ulong bit = 1ul << (int)(stamp.Sequence % 64);
        if ((word & bit) != 0)
        {
            if (message.Dup) tally.MarkedDuplicates++;
            else tally.Duplicates++;
            return;
        }
        word |= bit;
        tally.Received++;
        owner.LastProgress = now;
        owner.Latency.Record(now - subscriber.SubscribedAt);
        if (++Received == plan.Topics) CompletedAfter = now - subscriber.SubscribedAt;
    }
}
