// What is said on the control channel, as JSON. Broker and tools share these types; the code that reads and writes them is generated when
// the program is built, so a command starts fast.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Broker.Connections;
using Godwit.Broker.Limits;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Control;

/// <summary>What a command is asked; an empty payload is one without members. What a command does not know of it leaves alone.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ControlRequest
{
    /// <summary>Where to go on: the <c>cursor</c> of the last answer; null for the beginning.</summary>
    public string? Cursor { get; init; }

    /// <summary>Entries in one answer at most: 1 to 1,000, default 100. There may be fewer although more follow.</summary>
    public int? Limit { get; init; }

    /// <summary>The client identifier: of the one session, of losses, of who is banned, or of who is traced.</summary>
    public string? ClientId { get; init; }

    /// <summary><c>losses</c>: the name of a <see cref="DropReason"/>; <c>ban</c>: why, for people.</summary>
    public string? Reason { get; init; }

    /// <summary><c>ban</c>, <c>unban</c>, <c>trace</c>: the user name.</summary>
    public string? UserName { get; init; }

    /// <summary><c>ban</c>, <c>unban</c>, <c>trace</c>: an address or a network.</summary>
    public string? Address { get; init; }

    /// <summary><c>ban</c>, <c>trace</c>: for how long; null for ever, or for as long as somebody reads.</summary>
    public long? Seconds { get; init; }

    /// <summary><c>trace</c>: a topic filter; only PUBLISH packets to its topics are shown, and their acknowledgements.</summary>
    public string? Topic { get; init; }

    /// <summary><c>trace</c>: whether passwords and authentication data are shown; the broker has to allow it.</summary>
    public bool? Passwords { get; init; }

    /// <summary><c>sessions</c>: those whose clients are connected, or those whose clients are not.</summary>
    public bool? Connected { get; init; }

    /// <summary><c>sessions</c>: those whose clients are away for so many seconds or more.</summary>
    public long? AwaySeconds { get; init; }
}

/// <summary>The answer of a command that could not be carried out.</summary>
/// <param name="Error">A sentence that says why.</param>
public sealed record ControlError(string Error);

/// <summary>The answer of <c>losses</c>, those of each event loop of one moment.</summary>
/// <param name="Losses">Some of the entries of the ledger.</param>
/// <param name="Cursor">Where to go on; null at the end.</param>
public sealed record LossPage(IReadOnlyList<Loss> Losses, string? Cursor = null);

/// <summary>The answer of <c>reload</c>.</summary>
/// <param name="Changed">Settings and files that have changed and are in force.</param>
/// <param name="NeedsRestart">Settings that have changed and are in force after a restart.</param>
/// <param name="Opened">Where the broker listens since then.</param>
/// <param name="Closed">Where it does not listen any more.</param>
/// <param name="Disconnected">Clients that were disconnected because they may not be connected any more.</param>
/// <param name="Unsubscribed">Subscriptions that were removed because they are not allowed any more.</param>
public sealed record ReloadSummary(
    IReadOnlyList<string> Changed, IReadOnlyList<string> NeedsRestart, IReadOnlyList<string> Opened, IReadOnlyList<string> Closed, int Disconnected, int Unsubscribed);

/// <summary>The answer of <c>trace</c>: what it shows follows, below the answer's topic.</summary>
/// <param name="Trace">Its number, as in the broker's log.</param>
/// <param name="Connections">Connections that were there and have been shown something of by now.</param>
public sealed record TraceSummary(int Trace, int Connections);

/// <summary>Reads and writes the JSON of the control channel.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(DropReasonConverter), typeof(EndReasonConverter), typeof(BanOriginConverter)])]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(LossPage))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(SessionDetails))]
[JsonSerializable(typeof(SubscriptionPage))]
[JsonSerializable(typeof(SessionDeletion))]
[JsonSerializable(typeof(BanPage))]
[JsonSerializable(typeof(BanAddition))]
[JsonSerializable(typeof(BanRemoval))]
[JsonSerializable(typeof(ReloadSummary))]
[JsonSerializable(typeof(TraceSummary))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>The one to use: other than <see cref="Default"/> it writes letters of all languages as they are.</summary>
    public static ControlJson Instance => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>An <see cref="EndReason"/> as words with hyphens.</summary>
internal sealed class EndReasonConverter() : JsonStringEnumConverter<EndReason>(JsonNamingPolicy.KebabCaseLower);

/// <summary>A <see cref="BanOrigin"/> as words with hyphens.</summary>
internal sealed class BanOriginConverter() : JsonStringEnumConverter<BanOrigin>(JsonNamingPolicy.KebabCaseLower);

/// <summary>A <see cref="DropReason"/> by its name, as everywhere outside the code.</summary>
internal sealed class DropReasonConverter : JsonConverter<DropReason>
{
    public override DropReason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? name = reader.GetString();
        return DropReasons.Parse(name) ?? throw new JsonException($"There is no reason '{name}'.");
    }

    public override void Write(Utf8JsonWriter writer, DropReason value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name());
}
