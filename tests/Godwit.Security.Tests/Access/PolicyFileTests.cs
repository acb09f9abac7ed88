using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;
using Godwit.Security.Files;

namespace Godwit.Security.Tests.Access;

public class PolicyFileTests
{
    private const string Policy = """
        roles:
          reporter:
            - {allow: publish, topic: 'plant/${clientid}/#', max_qos: 1, retain: no}
          reader:
            - allow: subscribe
              topics: ['plant/#', '$SYS/broker/#']
        groups:
          machines: {members: [m1, m2], roles: [reporter]}
        users:
          alice:
            roles: [reader]
            rules:
              - deny: [publish, subscribe]
                topic: plant/secret/#
              - {allow: connect, clientid: 'alice-*'}
          m1:
            rules: [{allow: publish, topic: extra}]
        anonymous:
          rules: [{allow: subscribe, topic: public/#}]
        everybody:
          rules:
            - {allow: [publish, subscribe], topic: 'home/${username}/#'}
            - {allow: subscribe, topic: 'tenant/${jwt.tenant}/+'}
            - {deny: connect, clientid: 'bad*'}
        """;

    [Theory]
    [InlineData("m1", "m1", "plant/m1/t", "publish q1")]
    [InlineData("m1", "m1", "plant/m2/t", "")]
    [InlineData("m1", "m1", "extra", "publish q2 retain")]
    [InlineData("m2", "x", "plant/x/t", "publish q1")]
    [InlineData("m2", "x/y", "plant/x/y/t", "")]
    [InlineData("m2", "x", "extra", "")]
    [InlineData("alice", "alice-1", "plant/a", "receive")]
    [InlineData("alice", "alice-1", "plant/secret/a", "")]
    [InlineData("alice", "alice-1", "home/alice/a", "publish q2 retain receive")]
    [InlineData("alice", "alice-1", "tenant/acme/a", "receive")]
    [InlineData("alice", "alice-1", "tenant/other/a", "")]
    [InlineData(null, "c", "public/a", "receive")]
    [InlineData(null, "c", "home//a", "")]
    public void Policy_OfAClient_Allows(string? user, string clientId, string topic, string expected)
    {
        int answer = Compile(user, clientId).Answer(Encoding.UTF8.GetBytes(topic));

        int highest = new[] { QoS.ExactlyOnce, QoS.AtLeastOnce, QoS.AtMostOnce }.Where(qos => (answer & CompiledAccess.Publish(qos, false)) != 0).Select(qos => (int)qos).FirstOrDefault(-1);
        string[] allowed =
        [
            .. highest >= 0 ? [$"publish q{highest}"] : Array.Empty<string>(),
            .. (answer & CompiledAccess.Publish(QoS.AtMostOnce, true)) != 0 ? ["retain"] : Array.Empty<string>(),
            .. (answer & CompiledAccess.Receive) != 0 ? ["receive"] : Array.Empty<string>(),
        ];
        Assert.Equal(expected, string.Join(' ', allowed));
    }

    [Theory]
    [InlineData("alice", "plant/#", true)] // what it denies of that is left out at delivery
    [InlineData("alice", "plant/secret/#", false)]
    [InlineData("alice", "plant/secret/a", false)]
    [InlineData("alice", "#", false)]
    [InlineData("alice", "$SYS/broker/uptime", true)]
    [InlineData("m1", "plant/m1/t", false)]
    public void Policy_Subscription_IsGrantedIfRulesCoverIt(string user, string filter, bool expected) =>
        Assert.Equal(expected, Compile(user, "alice-1").Subscribe(Encoding.UTF8.GetBytes(filter)).IsAllowed);

    [Theory]
    [InlineData("alice", "alice-1", true)]
    [InlineData("alice", "bob", false)] // she may connect as something else only
    [InlineData("bob", "bob", true)]
    [InlineData("bob", "bad1", false)]
    public void Policy_Connect_IsAllowedUnlessRulesSayOtherwise(string user, string clientId, bool expected) =>
        Assert.Equal(expected, Compile(user, clientId).Connect().IsAllowed);

    [Fact]
    public void Policy_DefaultAllow_AllowsWhatNoRuleDenies()
    {
        var access = new CompiledAccess(PolicyFile.Parse("default: allow\neverybody: {rules: [{deny: publish, topic: a}]}\n", "p"), new ClientFacts("c", null));

        Assert.Equal(0x7F, access.Answer("b"u8));
        Assert.Equal(CompiledAccess.Receive, access.Answer("a"u8));
        Assert.True(access.Subscribe("#"u8).IsAllowed);
    }

    [Fact]
    public void Policy_Empty_DeniesEverything() => Assert.Equal(0, new CompiledAccess(PolicyFile.Parse("", "p"), new ClientFacts("c", null)).Answer("a"u8));

    [Theory]
    [InlineData("usres: {}", 1, 1, "Is it 'users'?")]
    [InlineData("users:\n  a: {role: [x]}", 2, 7, "Is it 'roles'?")]
    [InlineData("roles: {reader: []}\nusers:\n  a: {roles: [raeder]}", 3, 15, "Is it 'reader'?")]
    [InlineData("users:\n  a: {rules: [{allow: publsh, topic: x}]}", 2, 23, "Is it 'publish'?")]
    [InlineData("users:\n  a: {rules: [{allow: publish}]}", 2, 15, "Which topics?")]
    [InlineData("users:\n  a: {rules: [{allow: publish, topic: a/#/b}]}", 2, 39, "no topic filter")]
    [InlineData("users:\n  a: {rules: [{allow: publish, topic: 'a/${usrname}'}]}", 2, 39, "There is no ${usrname}")]
    [InlineData("users:\n  a: {rules: [{topic: x}]}", 2, 15, "either allows or denies")]
    [InlineData("users:\n  a: {rules: [{allow: publish, deny: publish, topic: x}]}", 2, 15, "either allows or denies")]
    [InlineData("users:\n  a: {rules: [{allow: subscribe, topic: x, max_qos: 1}]}", 2, 15, "limit what a rule allows to publish")]
    [InlineData("users:\n  a: {rules: [{allow: publish, topic: x, max_qos: 3}]}", 2, 51, "0, 1 or 2")]
    [InlineData("users:\n  a: {rules: [{allow: connect, topic: x}]}", 2, 15, "has a clientid")]
    [InlineData("users: [a]", 1, 8, "mapping from names")]
    [InlineData("default: maybe", 1, 10, "deny or allow")]
    [InlineData("users: {a: {}\n", 2, 1, "")]
    [InlineData("- a", 1, 1, "Here belongs a mapping")]
    [InlineData("roles:\n  r: [{allow: x}]\nusers: {a: {roles: [r]}, b: {roles: [r]}}", 2, 15, "nothing to allow")] // named once
    public void Policy_Wrong_IsNamedWithItsPlace(string text, int line, int column, string expected)
    {
        FileProblem problem = Assert.Single(Assert.Throws<SecurityFileException>(() => PolicyFile.Parse(text, "p")).Problems);

        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.Contains(expected, problem.Message);
    }

    [Fact]
    public void Policy_Decider_IsNamedWithItsRole()
    {
        AccessRule rule = Compile("m2", "x").Decider(CompiledAccess.Publish(QoS.AtMostOnce, false), "plant/x/t"u8)!;

        Assert.Equal("p:3: allow publish plant/${clientid}/#, max_qos 1, retain no (group machines, role reporter)", rule.ToString());
    }

    private static CompiledAccess Compile(string? user, string clientId) =>
        new(PolicyFile.Parse(Policy, "p"), new ClientFacts(clientId, user, new Dictionary<string, string> { ["jwt.tenant"] = "acme" }));
}
