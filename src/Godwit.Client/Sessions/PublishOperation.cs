// One message of the application's on its way: encoded on the caller's thread, sent and acknowledged on the loop. The caller holds one
// of the MaximumPendingPublishes permits; it is given back when the message has left the client's books, not when the caller gives up.
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Session;
using Godwit.Transport;

namespace Godwit.Client.Sessions;

internal sealed class PublishOperation : TaskCompletionSource<PublishResult>, ILoopWork
{
    private readonly Publisher _publisher;
    private readonly SemaphoreSlim _permits;
    private ReadOnlyMemory<byte> _payload;

    /// <exception cref="ArgumentException">The message cannot be published.</exception>
    public PublishOperation(MqttMessage message, ProtocolVersion version, Publisher publisher, SemaphoreSlim permits)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        if (message.QoS > QoS.ExactlyOnce) throw new ArgumentException("The QoS is 0, 1 or 2. [MQTT-3.3.1-4]", nameof(message));
        if (message.Payload.Length > ConnectionLimits.LargestPacket)
            throw new ArgumentException($"The payload has {message.Payload.Length:N0} bytes; a packet has at most 268,435,460.", nameof(message));
        Topic = Text.Encode(message.Topic, nameof(message.Topic));
        if (TopicName.Check(Topic) is { } violation) throw new ArgumentException(violation.Describe(version), nameof(message)); // [MQTT-3.3.2-2]
        Properties = version == ProtocolVersion.V5 ? MessageProperties.Encode(message) : [];
        QoS = message.QoS;
        Retain = message.Retain;
        _payload = message.Payload;
        _publisher = publisher;
        _permits = permits;
        Node = new LinkedListNode<PublishOperation>(this);
    }

    public byte[] Topic { get; }

    public byte[] Properties { get; }

    public QoS QoS { get; }

    public bool Retain { get; }

    public ReadOnlySpan<byte> Payload => _payload.Span;

    /// <summary>Its place among those that wait; belongs to no list once it has been sent.</summary>
    public LinkedListNode<PublishOperation> Node { get; }

    /// <summary>What PUBREC said; PUBCOMP ends the exchange with it.</summary>
    public PublishResult Received { get; set; } = PublishResult.Accepted;

    /// <summary>Whether it has left the client's books.</summary>
    public bool IsOver { get; private set; }

    void ILoopWork.Run(EventLoop loop) => _publisher.Submit(this);

    public void Complete(PublishResult result)
    {
        if (Leave()) TrySetResult(result);
    }

    public void Fail(Exception exception)
    {
        if (Leave()) TrySetException(exception);
    }

    /// <summary>The caller waits no longer, but the message stays in flight: from now on it has a payload of its own.</summary>
    public void Abandon(Action<PublishOperation> tell)
    {
        _payload = _payload.ToArray();
        tell(this);
    }

    /// <summary>The server owns the message: its body is not needed any more.</summary>
    public void ReleasePayload() => _payload = default;

    private bool Leave()
    {
        if (IsOver) return false;
        IsOver = true;
        _payload = default;
        _permits.Release();
        return true;
    }
}
