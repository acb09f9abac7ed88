using System.Net;
using System.Text;
using Godwit.Broker.Connections;
using Godwit.Broker.Control;
using Godwit.Broker.Limits;
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Tracing;

/// <summary>What a trace shows: connections that fit all of client, user and address that are named; of them all packets, or those about topics.</summary>
internal sealed record TraceFilter
{
    private string? ClientId { get; init; }

    private string? UserName { get; init; }

    private IPNetwork? Network { get; init; }

    private byte[]? Topic { get; init; }

    /// <summary>In words.</summary>
    public required string Text { get; init; }

    /// <summary>Whether only PUBLISH packets of some topics are shown, and what acknowledges them.</summary>
    public bool HasTopic => Topic is not null;

    /// <summary>Reads a request.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Read(ControlRequest request, out TraceFilter filter)
    {
        filter = new TraceFilter { Text = "" };
        IPNetwork network = default;
        if (request.Address is { } address && !Ban.TryParseNetwork(address, out network)) return $"'{address}' is neither an address nor a network such as 192.0.2.7 or 10.0.0.0/8.";
        byte[]? topic = request.Topic is null ? null : Encoding.UTF8.GetBytes(request.Topic);
        if (topic is not null && (TopicFilter.IsShared(topic) || TopicFilter.Check(topic) is not null)) return $"'{request.Topic}' is not a topic filter.";
        string[] parts =
        [
            .. new[]
            {
                request.ClientId is null ? null : $"client {request.ClientId}", request.UserName is null ? null : $"user {request.UserName}",
                request.Address is null ? null : $"address {request.Address}", request.Topic is null ? null : $"topic {request.Topic}",
            }.OfType<string>(),
        ];
        filter = new TraceFilter
        {
            ClientId = request.ClientId,
            UserName = request.UserName,
            Network = request.Address is null ? null : network,
            Topic = topic,
            Text = parts.Length == 0 ? "everything" : string.Join(", ", parts),
        };
        return null;
    }

    /// <summary>Whether a connection is wanted.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isKnown">Whether it is known who it is: the next two parameters say so.</param>
    /// <param name="clientId">The client identifier.</param>
    /// <param name="userName">The user name; null without one.</param>
    /// <returns>Null if that depends on who it is.</returns>
    public bool? Matches(ClientConnection connection, bool isKnown, string? clientId, string? userName)
    {
        if (Network is { } network && (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || !network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)))
            return false;
        if (ClientId is null && UserName is null) return true;
        if (!isKnown) return null;
        return (ClientId is null || ClientId == clientId) && (UserName is null || UserName == userName);
    }

    /// <summary>Whether a PUBLISH with this topic is wanted; only if <see cref="HasTopic"/>.</summary>
    public bool Matches(ReadOnlySpan<byte> topic) => TopicFilter.Matches(Topic, topic);
}
