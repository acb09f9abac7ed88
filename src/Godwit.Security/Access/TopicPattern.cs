// A topic filter with places for what is known of a client: ${username}, ${clientid}, ${cert.cn}, ${jwt.tenant}; %u and %c in mosquitto's files.
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol.Topics;

namespace Godwit.Security.Access;

/// <summary>A topic filter, the same for everybody or with places that are filled in for each client. Immutable.</summary>
public sealed class TopicPattern
{
    /// <summary>The names that a place can always have; others begin with one of <see cref="Families"/>.</summary>
    public static readonly IReadOnlyList<string> Names = ["username", "clientid"];

    /// <summary>What the names of <see cref="ClientFacts.Attributes"/> begin with.</summary>
    public static readonly IReadOnlyList<string> Families = ["cert.", "jwt.", "http."];

    // Text and names in turn, beginning with text.
    private readonly string[] _parts;
    private readonly string _text;

    private TopicPattern(string[] parts, string text) => (_parts, _text) = (parts, text);

    /// <summary>A filter without places.</summary>
    public static TopicPattern Literal(string filter) => new([filter], filter);

    /// <summary>With %u and %c, anywhere in it.</summary>
    public static TopicPattern Mosquitto(string filter) =>
        new(Split(filter.Replace("%u", "\0username\0", StringComparison.Ordinal).Replace("%c", "\0clientid\0", StringComparison.Ordinal)), filter);

    /// <summary>With ${NAME}.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static TopicPattern? TryParse(string text, out string problem)
    {
        problem = "";
        var parts = new List<string>();
        int at = 0;
        for (int start; (start = text.IndexOf("${", at, StringComparison.Ordinal)) >= 0;)
        {
            int end = text.IndexOf('}', start);
            string name = end < 0 ? "" : text[(start + 2)..end];
            if (end < 0) problem = "A place begins with ${ and ends with }.";
            else if (!Names.Contains(name) && !Families.Any(family => name.StartsWith(family, StringComparison.Ordinal) && name.Length > family.Length))
                problem = $"There is no ${{{name}}}; there are ${{username}}, ${{clientid}}, ${{cert.cn}}, ${{jwt.CLAIM}} and ${{http.ATTRIBUTE}}.";
            if (problem.Length > 0) return null;
            parts.Add(text[at..start]);
            parts.Add(name);
            at = end + 1;
        }
        parts.Add(text[at..]);
        return new TopicPattern([.. parts], text);
    }

    /// <summary>What is wrong with it as a topic filter; null for nothing.</summary>
    public string? Check()
    {
        var sample = new StringBuilder();
        for (int i = 0; i < _parts.Length; i++) sample.Append(i % 2 == 0 ? _parts[i] : "x");
        return TopicFilter.Check(Encoding.UTF8.GetBytes(sample.ToString()))?.Description;
    }

    /// <summary>The filter for one client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="isAllow">
    /// Whether somebody gains by it. Then values that could mean more than one level, because they contain / + or #, make no filter
    /// (CVE-2017-7650); in a rule that denies they may mean more.
    /// </param>
    /// <returns>Null if it does not apply to the client.</returns>
    public string? For(ClientFacts client, bool isAllow)
    {
        if (_parts.Length == 1) return _parts[0];
        var filter = new StringBuilder();
        for (int i = 0; i < _parts.Length; i++)
        {
            string? part = i % 2 == 0 ? _parts[i] : ValueOf(_parts[i], client);
            if (part is null || (i % 2 == 1 && isAllow && (part.Length == 0 || part.AsSpan().ContainsAny('/', '+', '#')))) return null;
            filter.Append(part);
        }
        return filter.ToString();
    }

    /// <summary>As it was written.</summary>
    public override string ToString() => _text;

    private static string? ValueOf(string name, ClientFacts client) => name switch
    {
        "username" => client.UserName,
        "clientid" => client.ClientId,
        _ => client.Attributes?.GetValueOrDefault(name),
    };

    private static string[] Split(string marked) => marked.Split('\0');
}
