// What outlives a connection: a client's session, as far as an observer can know it. Kept by client identifier and server.
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Capture.Conversations;

/// <summary>A client identifier at one server, over all its connections.</summary>
public sealed class ClientHistory
{
    // Filters of a session that are remembered.
    private const int MostSubscriptions = 10_000;

    private readonly Dictionary<string, SubscriptionOptions> _subscriptions = [];

    internal ClientHistory(string clientId) => ClientId = clientId;

    /// <summary>The client identifier; of a client without one what the server has assigned.</summary>
    public string ClientId { get; internal set; }

    /// <summary>Its connections so far.</summary>
    public int Connections { get; internal set; }

    /// <summary>How often it has connected while an earlier connection was open.</summary>
    public int TakeOvers { get; internal set; }

    /// <summary>The connection that is open; null if none is.</summary>
    public Conversation? Current { get; internal set; }

    /// <summary>The CONNECT of the latest connection.</summary>
    public long LatestConnect { get; internal set; }

    /// <summary>The filters that the session has subscribed to, with their granted options, as far as they were seen.</summary>
    public IReadOnlyDictionary<string, SubscriptionOptions> Subscriptions => _subscriptions;

    /// <summary>Filters that were not remembered because there are too many.</summary>
    public long ForgottenSubscriptions { get; private set; }

    internal InFlight[] InFlight { get; } = [new(), new()];

    /// <summary>Whether a subscription of the session matches.</summary>
    public bool IsSubscribedTo(ReadOnlySpan<byte> topic)
    {
        foreach (string filter in _subscriptions.Keys)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(filter);
            TopicFilter.TrySplitShared(bytes, out _, out ReadOnlySpan<byte> inner);
            if (TopicFilter.Matches(inner, topic)) return true;
        }
        return false;
    }

    internal void Subscribe(string filter, SubscriptionOptions options)
    {
        if (_subscriptions.Count >= MostSubscriptions && !_subscriptions.ContainsKey(filter)) ForgottenSubscriptions++;
        else _subscriptions[filter] = options;
    }

    internal void Unsubscribe(string filter) => _subscriptions.Remove(filter);

    internal void EndSession()
    {
        _subscriptions.Clear();
        foreach (InFlight direction in InFlight) direction.Clear();
    }
}
