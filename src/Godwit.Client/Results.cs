// What the server answered. A refusal of a single message or filter is a result, not an exception: the connection goes on.
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Client;

/// <summary>The server's CONNACK.</summary>
public sealed record ConnectResult
{
    /// <summary>Success; before MQTT 5 the return code's counterpart.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Before MQTT 5: the return code as it came.</summary>
    public ConnectReturnCode? ReturnCode { get; init; }

    /// <summary>Whether the server had a session of this client; MQTT 3.1 cannot tell and says false.</summary>
    public bool SessionPresent { get; init; }

    /// <summary>What the server can take.</summary>
    public ConnectionLimits Limits { get; init; } = ConnectionLimits.Default;

    /// <summary>The client identifier that the server chose; null if it did not.</summary>
    public string? AssignedClientIdentifier { get; init; }

    /// <summary>The server's own words; null for none.</summary>
    public string? ReasonString { get; init; }

    /// <summary>What response topics may be built from; null if not asked for or not given.</summary>
    public string? ResponseInformation { get; init; }

    /// <summary>Another server to use; null for none.</summary>
    public string? ServerReference { get; init; }

    /// <summary>The data that end an enhanced authentication; null for none.</summary>
    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    /// <summary>User properties.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];
}

/// <summary>What became of a message.</summary>
public sealed record PublishResult
{
    internal static readonly PublishResult Accepted = new();

    /// <summary>The code of PUBACK or PUBREC; Success at QoS 0 and before MQTT 5, where there is none.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>The server's own words; null for none.</summary>
    public string? ReasonString { get; init; }

    /// <summary>User properties of the acknowledgement.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>The packet identifier it had; 0 at QoS 0.</summary>
    public ushort PacketId { get; init; }

    /// <summary>Whether the server took it.</summary>
    public bool IsSuccess => !ReasonCode.IsError();
}

/// <summary>The server's SUBACK.</summary>
public sealed record SubscribeResult
{
    /// <summary>One for each subscription, in their order: Granted QoS 0 (Success), 1 or 2, or why not.</summary>
    public required IReadOnlyList<ReasonCode> ReasonCodes { get; init; }

    /// <summary>The server's own words; null for none.</summary>
    public string? ReasonString { get; init; }

    /// <summary>User properties.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>The packet identifier of the request.</summary>
    public ushort PacketId { get; init; }

    /// <summary>Whether the server granted all of them, with whatever QoS.</summary>
    public bool IsSuccess => !ReasonCodes.Any(code => code.IsError());
}

/// <summary>The server's UNSUBACK.</summary>
public sealed record UnsubscribeResult
{
    /// <summary>One for each filter, in their order; Success before MQTT 5, where the server tells nothing.</summary>
    public required IReadOnlyList<ReasonCode> ReasonCodes { get; init; }

    /// <summary>The server's own words; null for none.</summary>
    public string? ReasonString { get; init; }

    /// <summary>User properties.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>The packet identifier of the request.</summary>
    public ushort PacketId { get; init; }

    /// <summary>Whether no filter was refused.</summary>
    public bool IsSuccess => !ReasonCodes.Any(code => code.IsError());
}
