using Godwit.Broker.Sessions;

namespace Godwit.Cli.Control;

/// <summary>What an operator can do about losses; docs/losses.md says more.</summary>
internal static class Advice
{
    private static readonly Dictionary<DropReason, string> Table = new()
    {
        [DropReason.QueueFull] = "More waits for the session than --max-queued or --max-queued-bytes allow. Find out why the client is away or slow "
            + "(`godwit sessions show ID`), or raise the limit; if the newest state is all that counts, let it be.",
        [DropReason.SlowConsumer] = "QoS 0, and the client does not read. Make it faster, let it subscribe to less, or publish with QoS 1: that waits.",
        [DropReason.Expired] = "The Message Expiry Interval passed while it waited. Publish with a longer one, or look why the client is away.",
        [DropReason.PacketTooLarge] = "Larger than the client's Maximum Packet Size. Raise that in the client, or send smaller messages.",
        [DropReason.SessionEnded] = "The session ended with messages waiting. If the client shall get what comes while it is away, let it connect with "
            + "Clean Start 0 and a Session Expiry Interval.",
        [DropReason.SessionExpired] = "The client stayed away for longer than its session lasts. Give it a longer Session Expiry Interval, or accept that it is gone.",
        [DropReason.SessionRemoved] = "More clients are away than --max-offline-sessions allows. See who they are (`godwit sessions --offline`); random client "
            + "identifiers want --max-new-session-expiry.",
        [DropReason.SessionDeleted] = "Somebody deleted the session; the broker's log says who.",
        [DropReason.Unacknowledged] = "Sent, and the session ended before the client acknowledged it. Let the client connect with Clean Start 0 and a Session Expiry Interval.",
        [DropReason.Offline] = "QoS 0 for clients that are not connected: normal. If they need it, publish and subscribe with QoS 1, or run the broker with --queue-qos0.",
        [DropReason.Refused] = "The client itself refused it. Look at the client.",
        [DropReason.HookRefused] = "A hook of the application dropped it on its way out. Look at the hook.",
        [DropReason.NoMemberAvailable] = "QoS 0, and no member of the shared subscription could take it. Add members, or publish with QoS 1: that waits.",
        [DropReason.StoreFailed] = "The store could not keep it. The broker's log says why.",
        [DropReason.Memory] = "The memory budget (--memory) was used. The log says what for, and by whom: give it more, or bound what clients may have waiting.",
        [DropReason.BrokerStopped] = "It waited in memory when the broker stopped.",
        [DropReason.NotAuthorizedToReceive] = "The client's subscription is wider than what it may read. Give it the right, or subscribe to less.",
        [DropReason.NotAuthorized] = "The client may not publish there. Give it the right, or correct its topic.",
        [DropReason.PublishRefused] = "A hook of the application refused it on its way in. Look at the hook.",
        [DropReason.NotRetained] = "Delivered, but not retained: --max-retained topics have a retained message. Raise it, or clear what is not needed.",
    };

    public static string For(DropReason reason) => Table[reason];
}
