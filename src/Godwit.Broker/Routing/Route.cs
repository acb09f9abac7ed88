using Godwit.Broker.Sessions;

namespace Godwit.Broker.Routing;

/// <summary>Where messages of one topic go, as seen from one loop: its own sessions, other loops, shared subscriptions.</summary>
internal sealed class Route
{
    public required byte[] Topic { get; init; }

    public required RouteStamps.Place Place { get; init; }

    /// <summary>The stamp of the topic when the route was made; when the stamp has moved on, the route is stale.</summary>
    public required long Stamp { get; init; }

    /// <summary>This loop's recipients, each session once.</summary>
    public required Recipient[] Local { get; init; }

    /// <summary>The other loops that have recipients, a bit each.</summary>
    public required ulong Remote { get; init; }

    public required SharedGroup[] Groups { get; init; }

    /// <summary>Bytes it takes in memory, roughly.</summary>
    public required int Size { get; init; }

    /// <summary>Whether nobody at all has subscribed.</summary>
    public bool IsEmpty => Local.Length == 0 && Remote == 0 && Groups.Length == 0;
}

/// <summary>A session with those of its subscriptions that match.</summary>
/// <param name="Session">The session.</param>
/// <param name="First">Its matching subscription.</param>
/// <param name="More">Further ones, when several overlap; otherwise null.</param>
internal readonly record struct Recipient(ClientSession Session, Subscription First, List<Subscription>? More);
