using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;

namespace Godwit.Security.Tests.Access;

public class ClientRightsTests
{
    private const string Lists = """{"pub": ["a/${clientid}"], "sub": ["b/#"], "all": ["c"]}""";
    private const string Rules = """
        [{"permission": "deny", "action": "all", "topic": "x/secret"},
         {"permission": "allow", "action": "publish", "topic": "x/${username}", "qos": [0, 1], "retain": false},
         {"permission": "allow", "topics": ["x/#", "y"], "qos": 2, "retain": "all"}]
        """;

    [Theory]
    [InlineData(Lists, "a/c1", "publish")]
    [InlineData(Lists, "a/c2", "")]
    [InlineData(Lists, "b/x", "receive")]
    [InlineData(Lists, "c", "publish receive")]
    [InlineData(Rules, "x/secret", "")]
    [InlineData(Rules, "y", "publish receive")]
    [InlineData("[]", "y", "")]
    [InlineData("{}", "y", "")]
    [InlineData("not understood", "y", "")]
    [InlineData(null, "y", "publish receive")]
    public void Rights_BroughtAlong_AreAllThatAClientHas(string? acl, string topic, string expected)
    {
        var answers = new List<string>();
        if (Ask(PolicyAuthorizer.WithoutFile().Policy, acl, AccessQuestion.Publish, topic).IsAllowed) answers.Add("publish");
        if (Ask(PolicyAuthorizer.WithoutFile().Policy, acl, AccessQuestion.Receive, topic).IsAllowed) answers.Add("receive");

        Assert.Equal(expected, string.Join(' ', answers));
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce, false, true)]
    [InlineData(QoS.ExactlyOnce, false, false)]
    [InlineData(QoS.AtMostOnce, true, false)]
    public void Rights_WithLimits_AllowNoMore(QoS qos, bool retain, bool expected)
    {
        const string Limited = """[{"permission": "allow", "action": "publish", "topic": "t", "qos": 1, "retain": false}]""";

        Assert.Equal(expected, Ask(AccessPolicy.Open, Limited, AccessQuestion.Publish, "t", qos, retain).IsAllowed);
    }

    [Fact]
    public void Rights_BesideAFile_AreJoinedAndDenialsWin()
    {
        AccessPolicy policy = PolicyFile.Parse("""
            default: allow
            users: {alice: {rules: [{allow: publish, topic: own}]}}
            everybody: {rules: [{deny: publish, topic: c}]}
            """, "policy.yaml");

        Assert.True(Ask(policy, Lists, AccessQuestion.Publish, "own").IsAllowed);
        Assert.True(Ask(policy, Lists, AccessQuestion.Publish, "a/c1").IsAllowed);
        Assert.Equal("policy.yaml", Ask(policy, Lists, AccessQuestion.Publish, "c").Rule!.File);
        Assert.False(Ask(policy, Lists, AccessQuestion.Publish, "other").IsAllowed);
        Assert.True(Ask(policy, null, AccessQuestion.Publish, "other").IsAllowed);
    }

    [Fact]
    public void Rights_Explained_NameTheirPlace() =>
        Assert.Equal("acl:1: allow publish a/${clientid} (brought along by the client's token or authentication service)",
            Ask(AccessPolicy.Open, Lists, AccessQuestion.Publish, "a/c1").Rule!.ToString());

    [Theory]
    [InlineData("", "neither an object of lists nor a list")]
    [InlineData("\"a\"", "neither an object of lists nor a list")]
    [InlineData("{\"publish\": \"a\"}", "neither an object of lists nor a list")]
    [InlineData("{\"read\": [\"a\"]}", "'read'")]
    [InlineData("{\"pub\": [\"a/#/b\"]}", "no topic filter")]
    [InlineData("{\"pub\": [\"${nobody}\"]}", "There is no ${nobody}")]
    [InlineData("[{\"permission\": \"grant\", \"topic\": \"a\"}]", "'grant'")]
    [InlineData("[{\"permission\": \"allow\"}]", "neither an object of lists nor a list")]
    [InlineData("[{\"permission\": \"allow\", \"topic\": \"a\", \"qos\": [1, 2]}]", "qos [1, 2]")]
    [InlineData("[{\"permission\": \"allow\", \"topic\": \"a\", \"qos\": 3}]", "qos 3")]
    [InlineData("[{\"permission\": \"allow\", \"topic\": \"a\", \"retain\": \"no\"}]", "retain 'no'")]
    [InlineData("[{\"permission\": \"deny\", \"topic\": \"a\", \"qos\": 1}]", "limits what it denies")]
    public void Rights_NotUnderstood_AreRefusedWithTheReason(string acl, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => ClientRights.Parse(acl)).Message);

    [Fact]
    public void Rights_TooMany_AreRefused() =>
        Assert.Throws<FormatException>(() => ClientRights.Parse($"{{\"pub\": [{string.Join(',', Enumerable.Range(0, 1025).Select(i => $"\"{i}\""))}]}}"));

    private static AccessExplanation Ask(AccessPolicy policy, string? acl, AccessQuestion question, string topic, QoS qos = QoS.AtMostOnce, bool retain = false) =>
        AccessExplanation.Of(policy, new ClientFacts("c1", "alice", acl is null ? null : new Dictionary<string, string> { [ClientRights.Attribute] = acl }), question, topic, qos, retain);
}
