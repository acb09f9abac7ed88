// Takes what comes, notes it down and acknowledges it. A QoS 2 message counts when it comes for the first time; its identifier is known
// until PUBREL, over all connections.
using System.Text;

namespace Godwit.Crash.Tests.Kill;

/// <param name="run">The run.</param>
/// <param name="clientId">The client identifier.</param>
/// <param name="version">The protocol.</param>
/// <param name="seed">Of its whims.</param>
/// <param name="filter">What it subscribes to.</param>
/// <param name="qos">At which QoS.</param>
/// <param name="receipts">Where it notes down what it gets.</param>
/// <param name="maximumAwayMilliseconds">How long it stays away between two connections.</param>
internal sealed class LoadSubscriber(
    KillRun run, string clientId, ProtocolVersion version, int seed, string filter, QoS qos, Receipts receipts, int maximumAwayMilliseconds)
    : LoadClient(run, clientId, version, seed)
{
    private readonly HashSet<ushort> _known = [];
    private volatile bool _isSubscribed;

    /// <summary>Whether its subscription has been acknowledged.</summary>
    public bool IsSubscribed => _isSubscribed;

    protected override int MaximumAwayMilliseconds => _isSubscribed ? maximumAwayMilliseconds : 0;

    protected override bool WantsToLeave => Random.Next(500) == 0;

    protected override void OnConnected(bool sessionPresent)
    {
        if (!_isSubscribed) Connection.Write(Packets.Subscribe(Version, 1, [(filter, (byte)qos)]));
    }

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        switch (frame.Type)
        {
            case PacketType.Suback:
                _isSubscribed = true;
                break;
            case PacketType.Pubrel:
                PublishAckPacket.TryRead(frame, packet, Version, out PublishAckPacket pubrel, out _);
                _known.Remove(pubrel.PacketId);
                Write(PacketType.Pubcomp, pubrel.PacketId);
                break;
            case PacketType.Publish:
                PublishPacket.TryRead(frame, packet, Version, out PublishPacket publish, out _);
                if (publish.QoS != QoS.ExactlyOnce || _known.Add(publish.PacketId)) Note(publish);
                Write(publish.QoS == QoS.ExactlyOnce ? PacketType.Pubrec : PacketType.Puback, publish.PacketId);
                break;
            default:
                Run.Fail($"{ClientId}: {frame.Type}");
                break;
        }
    }

    private void Note(in PublishPacket publish)
    {
        if (!LoadMessage.TryRead(publish.Payload, out LoadMessage message)) receipts.AddError("a payload is not as it was sent");
        else if (Encoding.UTF8.GetString(publish.Topic) != LoadPublisher.TopicOf(message.Stream)) receipts.AddError($"{message} came with a wrong topic");
        else receipts.Add(message);
    }
}
