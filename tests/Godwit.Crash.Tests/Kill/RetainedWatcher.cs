// Looks at the retained messages after each start: of each publisher the last one that was acknowledged must be there, or a later one.
namespace Godwit.Crash.Tests.Kill;

internal sealed class RetainedWatcher(KillRun run, IReadOnlyList<LoadPublisher> publishers) : LoadClient(run, "watcher", ProtocolVersion.V311, seed: 0)
{
    private readonly Dictionary<int, int> _acknowledged = [];
    private readonly HashSet<int> _seen = [];
    private int _looks;

    /// <summary>How often it has seen all retained messages.</summary>
    public int Looks => Volatile.Read(ref _looks);

    protected override bool CleanStart => true;

    protected override void OnConnected(bool sessionPresent)
    {
        _seen.Clear();
        _acknowledged.Clear();
        foreach (LoadPublisher publisher in publishers)
            if (publisher.RetainedAcknowledged > 0) _acknowledged.Add(publisher.Number, publisher.RetainedAcknowledged);
        Connection.Write(Packets.Subscribe(Version, 1, [("retained/#", 0)]));
    }

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (frame.Type != PacketType.Publish) return;
        PublishPacket.TryRead(frame, packet, Version, out PublishPacket publish, out _);
        if (!publish.Retain) return;
        if (!LoadMessage.TryRead(publish.Payload, out LoadMessage message)) Run.Fail("a retained payload is not as it was sent");
        int publisher = message.Stream.Publisher;
        if (!_acknowledged.TryGetValue(publisher, out int acknowledged) || !_seen.Add(publisher)) return;
        if (message.Number < acknowledged) Run.Fail($"{message} is retained, {acknowledged} was acknowledged");
        if (_seen.Count == _acknowledged.Count) Interlocked.Increment(ref _looks);
    }
}
