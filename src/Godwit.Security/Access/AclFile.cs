// Mosquitto's ACL file: `topic` lines of the user named before, `pattern` lines for everybody, comments with #.
using Godwit.Protocol.Topics;
using Godwit.Security.Files;

namespace Godwit.Security.Access;

/// <summary>Reads ACL files of mosquitto.</summary>
public static class AclFile
{
    private static readonly string[] Keywords = ["user", "topic", "pattern"];
    private static readonly string[] Accesses = ["read", "write", "readwrite", "deny"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="SecurityFileException">It cannot be read, or a line of it is wrong: all of them are named.</exception>
    public static AccessPolicy Load(string path) => Parse(TextFile.Read(path), path);

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What the file is called in messages.</param>
    /// <exception cref="SecurityFileException">A line is wrong: all of them are named.</exception>
    public static AccessPolicy Parse(string text, string path)
    {
        var users = new Dictionary<string, IReadOnlyList<AccessRule>>(StringComparer.Ordinal);
        List<AccessRule> anonymous = [], patterns = [], section = anonymous;
        var problems = new List<FileProblem>();
        string scope = "anonymous clients";
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.TrimEnd();
            if (line.Length == 0 || line[0] == '#') continue;
            (int column, string keyword, int restAt) = Word(line, 0);
            string rest = line[restAt..].Trim();
            switch (keyword)
            {
                case "user" when rest.Length == 0:
                    Wrong(line.Length + 1, "The user's name is missing: user NAME.");
                    break;
                case "user":
                    scope = $"user {rest}";
                    section = users.TryGetValue(rest, out IReadOnlyList<AccessRule>? known) ? (List<AccessRule>)known : [];
                    users[rest] = section;
                    break;
                case "topic":
                    if (Rule(isPattern: false) is { } rule) section.Add(rule);
                    break;
                case "pattern":
                    if (Rule(isPattern: true) is { } pattern) patterns.Add(pattern);
                    break;
                default:
                    string hint = Suggestion.Nearest(keyword, Keywords) is { } nearest ? $" Is it '{nearest}'?" : "";
                    Wrong(column + 1, $"A line begins with user, topic or pattern, not with '{keyword}'.{hint}");
                    break;
            }

            AccessRule? Rule(bool isPattern)
            {
                (int accessAt, string access, int topicAt) = Word(line, restAt);
                string topic = line[topicAt..].Trim();
                if (access.Length == 0)
                {
                    Wrong(line.Length + 1, $"The topic is missing: {keyword} [read|write|readwrite|deny] TOPIC.");
                    return null;
                }
                if (topic.Length == 0) (topic, access, topicAt) = (access, "readwrite", accessAt);
                else if (!Accesses.Contains(access))
                {
                    string hint = Suggestion.Nearest(access, Accesses) is { } nearest ? $" Is it '{nearest}'?" : "";
                    Wrong(accessAt + 1, $"Between {keyword} and the topic stands read, write, readwrite, deny or nothing, not '{access}'.{hint}");
                    return null;
                }
                if (TopicFilter.Check(System.Text.Encoding.UTF8.GetBytes(topic)) is { } violation)
                {
                    Wrong(line.IndexOf(topic, topicAt, StringComparison.Ordinal) + 1, $"'{topic}' is no topic filter: {violation.Description}.");
                    return null;
                }
                return new AccessRule
                {
                    IsAllow = access != "deny",
                    Actions = access switch
                    {
                        "read" => AccessActions.Subscribe,
                        "write" => AccessActions.Publish,
                        _ => AccessActions.Publish | AccessActions.Subscribe,
                    },
                    Pattern = isPattern ? TopicPattern.Mosquitto(topic) : TopicPattern.Literal(topic),
                    File = path,
                    Line = number,
                    Text = line,
                    Scope = isPattern ? "everybody" : scope,
                };
            }

            void Wrong(int at, string message) => problems.Add(new FileProblem(path, number, at, message));
        }
        return problems.Count == 0 ? AccessPolicy.Mosquitto(users, anonymous, patterns) : throw new SecurityFileException(problems);
    }

    // The next word: where it begins, and where what follows it does.
    private static (int Start, string Word, int End) Word(string line, int from)
    {
        int start = from;
        while (start < line.Length && line[start] is ' ' or '\t') start++;
        int end = start;
        while (end < line.Length && line[end] is not (' ' or '\t')) end++;
        return (start, line[start..end], end);
    }
}
