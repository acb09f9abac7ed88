using System.Text.Json;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;

namespace Godwit.Security.Http;

/// <summary>What an HTTP service has answered.</summary>
/// <param name="Result"><c>allow</c>, <c>deny</c>, or <c>ignore</c>: the next check is asked.</param>
internal sealed record HttpDecision(string Result)
{
    public static readonly HttpDecision Allow = new("allow"), Deny = new("deny"), Ignore = new("ignore");

    /// <summary>The user name from here on; null for the client's own.</summary>
    public string? UserName { get; init; }

    /// <summary>A sentence for an MQTT 5 client that is denied.</summary>
    public string? Reason { get; init; }

    /// <summary>For how long it holds; null for ever.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>What policies can use as <c>${http.NAME}</c>, and the rules that the service has for the client.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Reads <c>{"result": "allow", "username": ..., "reason": ..., "expires_in": SECONDS, "attributes": {...}, "acl": [...]}</c>; all but the result may be missing.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static HttpDecision Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement answer = document.RootElement;
            string result = answer.GetProperty("result").GetString() ?? "";
            if (result is not ("allow" or "deny" or "ignore")) throw new FormatException("The result is none of allow, deny and ignore.");
            return new HttpDecision(result)
            {
                UserName = Text(answer, "username"),
                Reason = Text(answer, "reason"),
                ExpiresIn = answer.TryGetProperty("expires_in", out JsonElement seconds) ? TimeSpan.FromSeconds(Math.Clamp(seconds.GetDouble(), 0, 1e9)) : null,
                Attributes = ReadAttributes(answer),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("The answer is not the JSON that was expected.", wrong);
        }
    }

    /// <summary>The answer to the client; null if somebody else is to decide.</summary>
    public AuthenticationResult? ToResult(DateTimeOffset now) => Result switch
    {
        "allow" => AuthenticationResult.Success with { UserName = UserName, Attributes = Attributes, ExpiresAt = ExpiresIn is { } lasts ? now + lasts : null },
        "deny" => new AuthenticationResult(ReasonCode.NotAuthorized, Reason ?? "User name or password is wrong"),
        _ => null,
    };

    private static Dictionary<string, string>? ReadAttributes(JsonElement answer)
    {
        var attributes = new Dictionary<string, string>();
        if (answer.TryGetProperty("attributes", out JsonElement members))
        {
            foreach (JsonProperty member in members.EnumerateObject()) attributes["http." + member.Name] = member.Value.ToString();
        }
        if (answer.TryGetProperty("acl", out JsonElement rights))
        {
            ClientRights.Parse(rights.GetRawText());
            attributes[ClientRights.Attribute] = rights.GetRawText();
        }
        return attributes.Count > 0 ? attributes : null;
    }

    private static string? Text(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
