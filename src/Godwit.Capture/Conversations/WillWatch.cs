// Wills, seen from outside: a client leaves, and some subscriber of the same server gets its will, or does not. A will that comes although the
// client said good-bye, and one that does not come although it did not, are told. Bounded: the latest few hundred departures.

namespace Godwit.Capture.Conversations;

internal sealed class WillWatch
{
    private const int MostWatched = 256;
    private const long Patience = 5_000_000_000; // ns beyond the will delay

    private readonly LinkedList<Departure> _departures = new();

    /// <summary>A conversation with a will is over.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="hasSubscriber">Whether a client is connected that is subscribed to the will's topic.</param>
    public void Add(Conversation conversation, bool hasSubscriber)
    {
        bool isNormal = conversation.Disconnect != 0 && conversation.DisconnectedBy == conversation.Connection.ClientSide && conversation.DisconnectCode == 0;
        if (_departures.Count >= MostWatched) _departures.RemoveFirst();
        _departures.AddLast(new Departure(conversation, isNormal, hasSubscriber, conversation.ClosedAt.Time + conversation.WillDelay * 1_000_000_000L + Patience));
    }

    /// <summary>The server has published something.</summary>
    /// <returns>The conversation whose will it is although it ended normally, or null.</returns>
    public Conversation? OnPublish(Conversation receiver, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool isRetained)
    {
        // What was retained earlier is no sign that the will was published now.
        if (_departures.Count == 0 || isRetained) return null;
        for (LinkedListNode<Departure>? node = _departures.First; node is not null; node = node.Next)
        {
            Conversation left = node.Value.Conversation;
            if (!left.Connection.Stream.Responder.Equals(receiver.Connection.Stream.Responder)) continue;
            if (!left.WillTopic.Span.SequenceEqual(topic) || !left.WillPayload.Span.SequenceEqual(payload)) continue;
            _departures.Remove(node);
            return node.Value.IsNormal ? left : null;
        }
        return null;
    }

    /// <summary>The client has published its will's message itself, or come back before the will was due.</summary>
    public void Forget(Predicate<Conversation> isAbout)
    {
        for (LinkedListNode<Departure>? node = _departures.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (isAbout(node.Value.Conversation)) _departures.Remove(node);
        }
    }

    /// <summary>The next departure whose will should have come by now, and did not; null if there is none.</summary>
    public Conversation? TakeMissing(long now)
    {
        while (_departures.First is { } first && first.Value.Deadline <= now)
        {
            _departures.RemoveFirst();
            if (!first.Value.IsNormal && first.Value.HasSubscriber) return first.Value.Conversation;
        }
        return null;
    }

    private readonly record struct Departure(Conversation Conversation, bool IsNormal, bool HasSubscriber, long Deadline);
}
