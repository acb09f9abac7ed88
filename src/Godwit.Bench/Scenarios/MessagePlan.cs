using System.Text;
using Godwit.Protocol;

namespace Godwit.Bench;

/// <summary>The payload of all messages of a run; stamps are written over its beginning.</summary>
internal sealed record PayloadPlan(byte[] Bytes, bool Retain);

/// <summary>Who publishes what to whom, and on which loop each of them lives.</summary>
internal sealed class MessagePlan
{
    private readonly ClientSettings _settings;
    private readonly int _loops;

    public MessagePlan(ClientSettings settings, int loops)
    {
        _settings = settings;
        _loops = loops;
        BenchOptions options = settings.Options;
        Payload = new PayloadPlan(MessageStamp.CreatePayload(options.PayloadSize), options.Scenario == ScenarioKind.Retained);
        Level = MessageStamp.LevelOf(options.PayloadSize);
        CommonTopic = settings.Topic("all");
    }

    public BenchOptions Options => _settings.Options;

    public QoS QoS => Options.QoS;

    public PayloadPlan Payload { get; }

    public StampLevel Level { get; }

    public int Publishers => Options.PublisherCount;

    public int Subscribers => Options.SubscriberCount;

    public bool IsPaired => Options.Scenario == ScenarioKind.PointToPoint;

    public bool IsShared => Options.Scenario == ScenarioKind.Shared;

    /// <summary>How many deliveries a message makes.</summary>
    public int DeliveriesPerMessage => IsPaired || IsShared ? 1 : Subscribers;

    private string CommonTopic { get; }

    public string TopicOf(int publisher) => IsPaired ? _settings.Topic($"{publisher:d5}") : CommonTopic;

    public string FilterOf(int subscriber) => IsPaired ? TopicOf(subscriber) : IsShared ? $"$share/godwit-{_settings.RunId:x6}/{CommonTopic}" : CommonTopic;

    public byte[] TopicBytes(int publisher) => Encoding.UTF8.GetBytes(TopicOf(publisher));

    public int LoopOfPublisher(int publisher) => publisher % _loops;

    // A pair shares a loop. The members of a shared subscription live on one loop, so that "exactly once among all of them" needs no locks.
    public int LoopOfSubscriber(int subscriber) => IsShared ? 0 : subscriber % _loops;

    /// <summary>How many of a publisher's receivers live on a loop.</summary>
    public int ReceiversOn(int loop, int publisher)
    {
        if (IsPaired) return LoopOfPublisher(publisher) == loop ? 1 : 0;
        return Enumerable.Range(0, Subscribers).Count(subscriber => LoopOfSubscriber(subscriber) == loop);
    }
}
