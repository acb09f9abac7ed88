// godwit acl ACTION ...: asks the rules of a file what they say about a client, without a broker.
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Godwit.Broker.Auth;
using Godwit.Cli.CommandLine;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Security.Access;
using Godwit.Security.Files;

namespace Godwit.Cli.Verbs;

internal sealed class AclVerb : Verb
{
    public const string Summary = "Explain what the rules of an ACL file or policy allow, and check such files";

    private const int Denied = 1, Broken = 2;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly Argument<string[]> _words = new("ACTION") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _aclFile = OptionTypes.Text("--acl-file", "FILE", "test: an ACL file of mosquitto");
    private readonly Option<string?> _policy = OptionTypes.Text("--policy", "FILE", "test: a policy in YAML");
    private readonly Option<string?> _user = OptionTypes.Text("--user", "NAME", "test: the user name (default: none)", "-u");
    private readonly Option<string?> _clientId = OptionTypes.Text("--clientid", "ID", "test: the client identifier (default: test)", "-i");
    private readonly Option<string[]> _attributes = OptionTypes.Texts("--attribute", "NAME=VALUE", "test: what a certificate or token says, such as jwt.tenant=acme; may be repeated");
    private readonly Option<long?> _qos = OptionTypes.Number("--qos", "QOS", "test publish: the QoS (default 0)", 0, 2, "-q");
    private readonly Option<bool> _retain = OptionTypes.Flag("--retain", "test publish: a retained message", "-r");
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print JSON");

    public AclVerb() : base("acl", Summary + ".", "test QUESTION [TOPIC] | check FILE")
    {
        Arguments.Add(_words);
        Group("Rules", _aclFile, _policy);
        Group("Question", _user, _clientId, _attributes, _qos, _retain);
        Group("Output", _json);
    }

    public override IReadOnlyList<string> Words => ["test", "check"];

    public override int UsageExitCode => Broken;

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit acl test --acl-file acl -u alice -i c1 publish plant/a", "Exits with 0 if alice may, with 1 if not, and says which line decides."),
        ("godwit acl test --policy policy.yaml -u alice subscribe 'plant/#'", "The same for a subscription; receive and connect are questions too."),
        ("godwit acl check policy.yaml", "Names what is wrong with a file, with line and column; exits with 2 then."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string[] words = arguments.GetValue(_words) ?? [];
        return Task.FromResult(words switch
        {
            ["check", var file] => Check(file, arguments, terminal),
            ["test", var question] => Test(question, null, arguments, terminal),
            ["test", var question, var topic] => Test(question, topic, arguments, terminal),
            _ => throw new UsageException("It is called as `godwit acl test connect|publish|subscribe|receive [TOPIC]` or `godwit acl check FILE`."),
        });
    }

    private int Check(string file, ParseResult arguments, Terminal terminal)
    {
        IReadOnlyList<FileProblem> problems = [];
        try
        {
            _ = Path.GetExtension(file) is ".yaml" or ".yml" ? PolicyFile.Load(file) : AclFile.Load(file);
        }
        catch (SecurityFileException wrong)
        {
            if (wrong.Problems.Count == 0) throw new UsageException(wrong.Message);
            problems = wrong.Problems;
        }
        if (arguments.GetValue(_json)) terminal.Write(JsonSerializer.Serialize(problems, Json) + "\n");
        else if (problems.Count == 0) terminal.Write($"{file}: no mistakes.\n");
        else foreach (FileProblem problem in problems) terminal.Write($"{problem}\n");
        return problems.Count == 0 ? ExitCode.Success : Broken;
    }

    private static void CheckRights(ClientFacts client)
    {
        if (client.Attributes?.GetValueOrDefault(ClientRights.Attribute) is not { } rights) return;
        try
        {
            _ = ClientRights.Parse(rights);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    private int Test(string word, string? topic, ParseResult arguments, Terminal terminal)
    {
        if (!Enum.TryParse(word, ignoreCase: true, out AccessQuestion question) || char.IsDigit(word[0]))
            throw new UsageException($"'{word}' is no question: connect, publish, subscribe and receive are.");
        if (question == AccessQuestion.Connect != topic is null)
            throw new UsageException(topic is null ? $"Which topic? `godwit acl test {word} TOPIC`." : "connect has no topic.");
        if (topic is not null && CheckTopic(question, Encoding.UTF8.GetBytes(topic)) is { } violation)
            throw new UsageException($"'{topic}' is no topic for this question: {violation.Description}.");
        var client = new ClientFacts(arguments.GetValue(_clientId) ?? "test", arguments.GetValue(_user), Attributes(arguments));
        CheckRights(client);
        AccessExplanation answer = AccessExplanation.Of(
            LoadRules(arguments), client, question, Inner(topic), (QoS)(arguments.GetValue(_qos) ?? 0), arguments.GetValue(_retain));

        string who = $"{client.UserName ?? "(no user name)"} (client {client.ClientId})";
        string what = question switch
        {
            AccessQuestion.Connect => "connect",
            AccessQuestion.Publish => $"publish to {topic}",
            AccessQuestion.Subscribe => $"subscribe to {topic}",
            _ => $"receive {topic}",
        };
        if (arguments.GetValue(_json))
        {
            AccessRule? rule = answer.Rule;
            terminal.Write(JsonSerializer.Serialize(
                new { Allowed = answer.IsAllowed, rule?.File, rule?.Line, Rule = rule?.Text, rule?.Scope, answer.Reason, answer.Need }, Json) + "\n");
        }
        else
        {
            terminal.Write(answer.IsAllowed ? $"allowed: {who} may {what}\n" : $"denied: {who} may not {what}\n");
            if (answer.Rule is not null) terminal.Write($"rule:   {answer.Rule}\n");
            terminal.Write($"reason: {answer.Reason}\n");
            if (answer.Need is not null) terminal.Write($"need:   {answer.Need}\n");
        }
        return answer.IsAllowed ? ExitCode.Success : Denied;
    }

    private AccessPolicy LoadRules(ParseResult arguments)
    {
        string? acl = arguments.GetValue(_aclFile), policy = arguments.GetValue(_policy);
        if (acl is null == policy is null) throw new UsageException("Which rules? --acl-file FILE or --policy FILE.");
        try
        {
            return acl is not null ? AclFile.Load(acl) : PolicyFile.Load(policy!);
        }
        catch (SecurityFileException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    private Dictionary<string, string> Attributes(ParseResult arguments)
    {
        var attributes = new Dictionary<string, string>();
        foreach (string pair in arguments.GetValue(_attributes) ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new UsageException($"--attribute takes NAME=VALUE, not '{pair}'.");
            attributes[pair[..equals]] = pair[(equals + 1)..];
        }
        return attributes;
    }

    private static Violation? CheckTopic(AccessQuestion question, byte[] topic) =>
        question == AccessQuestion.Subscribe ? TopicFilter.Check(topic) : TopicName.Check(topic);

    // Rules are about what a shared subscription shares.
    private static string Inner(string? topic) =>
        topic is not null && TopicFilter.TrySplitShared(Encoding.UTF8.GetBytes(topic), out _, out ReadOnlySpan<byte> inner) ? Encoding.UTF8.GetString(inner) : topic ?? "";
}
