using System.Text;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Routing;

/// <summary>One session's subscription. Belongs to the session's loop, like the session.</summary>
internal sealed class Subscription(ClientSession session, byte[] filter, SubscriptionOptions options, uint identifier)
{
    private object? _place; // where it hangs: a filter's entry in the index, or its membership

    public ClientSession Session { get; } = session;

    /// <summary>The filter as the client wrote it, <c>$share/NAME/</c> included.</summary>
    public byte[] Filter { get; private set; } = filter;

    public SubscriptionOptions Options { get; private set; } = options;

    /// <summary>The MQTT 5 subscription identifier in the form in which it is delivered; null without one.</summary>
    public uint[]? Identifiers { get; private set; } = identifier == 0 ? null : [identifier];

    /// <summary>Where it hangs in the index; null for a member of a shared subscription, and when it is over.</summary>
    public FilterEntry? Entry => _place as FilterEntry;

    /// <summary>The membership, if this is a shared subscription.</summary>
    public SharedMember? Member
    {
        get => _place as SharedMember;
        set => _place = value;
    }

    /// <summary>The neighbours in the entry's list for this loop.</summary>
    public Subscription? Next { get; set; }

    public Subscription? Previous { get; set; }

    public string FilterText => Encoding.UTF8.GetString(Filter);

    /// <summary>A SUBSCRIBE with the same filter replaces the options. <c>[MQTT-3.8.4-3]</c></summary>
    public void Replace(SubscriptionOptions options, uint identifier)
    {
        Options = options;
        Identifiers = identifier == 0 ? null : [identifier];
    }

    /// <summary>Becomes the first of an entry's list for its loop. Many may have the same filter: one copy of it is enough.</summary>
    public void Enter(FilterEntry entry, Subscription? next)
    {
        _place = entry;
        Filter = entry.Filter;
        Next = next;
    }

    /// <summary>Is out of the index.</summary>
    public void Leave()
    {
        _place = null;
        Next = Previous = null;
    }
}
