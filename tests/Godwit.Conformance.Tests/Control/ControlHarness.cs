using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Control;

/// <summary>An administrator's side of the control channel.</summary>
internal static class ControlHarness
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Asks, and takes the one answer.</summary>
    public static JsonNode Ask(this TestClient client, string command, string request = "")
    {
        client.Publish($"$CONTROL/godwit/v1/{command}", request);
        string packet = Assert.Single(client.Take());
        string start = $"PUBLISH $CONTROL/godwit/v1/{command}/response=", end = $" q0 {V5.Shown("01 01")}";
        Assert.StartsWith(start, packet);
        Assert.EndsWith(end, packet);
        return JsonNode.Parse(packet[start.Length..^end.Length])!;
    }

    /// <summary>Asks for all pages of a list.</summary>
    public static List<JsonNode> AskAll(this TestClient client, string command, string member, string request = "{}")
    {
        List<JsonNode> all = [];
        for (string? cursor = null; ;)
        {
            JsonObject asked = JsonNode.Parse(request)!.AsObject();
            if (cursor is not null) asked["cursor"] = cursor;
            JsonNode page = client.Ask(command, asked.ToJsonString());
            all.AddRange(page[member]!.AsArray().Select(entry => entry!));
            cursor = (string?)page["cursor"];
            if (cursor is null) return all;
            Assert.True(all.Count < 10_000, "The pages have no end.");
        }
    }

    /// <summary>The sentence of a refusal.</summary>
    public static string Error(this JsonNode answer) => (string)answer["error"]!;

    /// <summary>JSON without white space.</summary>
    public static string Text(this JsonNode node) => node.ToJsonString(Plain);
}
