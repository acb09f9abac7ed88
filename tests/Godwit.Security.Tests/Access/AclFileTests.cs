// The answers are those of mosquitto 2.0.11 to the same file; tests/Interop asks both.
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;
using Godwit.Security.Files;

namespace Godwit.Security.Tests.Access;

public class AclFileTests
{
    private const string Acl = """
        # comment
        topic read anon/#

        topic readwrite open/all
        user alice
        topic deny plant/secret/#
        topic read plant/#
        topic write cmd/alice
        topic read $SYS/#
        topic read with space/x
        pattern write dev/%c/up
        pattern readwrite home/%u/#
        pattern read mid/pre-%u
        pattern deny home/%u/private
        user bob
        topic home/alice/private
        """;

    [Theory]
    [InlineData("-", "c", "open/all", "read write")]
    [InlineData("-", "c", "anon/x", "read")]
    [InlineData("-", "d1", "dev/d1/up", "write")]
    [InlineData("-", "c", "home/x", "")] // there is no user name to put there
    [InlineData("alice", "c", "open/all", "")] // only for those without a name
    [InlineData("alice", "c", "plant/x", "read")]
    [InlineData("alice", "c", "plant", "read")]
    [InlineData("alice", "c", "plant/secret/k", "")]
    [InlineData("alice", "c", "cmd/alice", "write")]
    [InlineData("alice", "c", "$SYS/broker/uptime", "read")]
    [InlineData("alice", "c", "with space/x", "read")]
    [InlineData("alice", "d1", "dev/d1/up", "write")]
    [InlineData("alice", "d1", "dev/d2/up", "")]
    [InlineData("carol", "c", "home/carol/x", "read write")]
    [InlineData("carol", "c", "home/carol/private", "")]
    [InlineData("carol", "c", "mid/pre-carol", "read")]
    [InlineData("bob", "c", "home/alice/private", "read write")] // a user's own rules come before patterns
    [InlineData("x+y", "c", "home/x+y/a", "")]
    [InlineData("#", "c", "home/alice/a", "")]
    [InlineData("alice", "d+", "home/alice/a", "")] // no pattern holds
    [InlineData("alice", "d+", "plant/x", "read")]
    [InlineData("a/b", "c", "home/a/b/c", "")] // a name that is more than a level
    public void Acl_OfAClient_Allows(string user, string clientId, string topic, string expected)
    {
        var access = new CompiledAccess(AclFile.Parse(Acl, "acl"), new ClientFacts(clientId, user == "-" ? null : user));
        int answer = access.Answer(Encoding.UTF8.GetBytes(topic));

        string[] allowed = [.. new[] { ("read", CompiledAccess.Receive), ("write", CompiledAccess.Publish(QoS.ExactlyOnce, true)) }
            .Where(question => (answer & question.Item2) != 0).Select(question => question.Item1)];
        Assert.Equal(expected, string.Join(' ', allowed));
        Assert.True(access.Subscribe("#"u8).IsAllowed); // what may not be read is left out at delivery
        Assert.True(access.Connect().IsAllowed);
    }

    [Fact]
    public void Acl_WrongLines_AreAllNamed()
    {
        const string text = "topic reed a\nuser\ntopc read a\npattern\ntopic read a/#/b\nuser x\ntopic deny\n";

        var wrong = Assert.Throws<SecurityFileException>(() => AclFile.Parse(text, "acl"));

        Assert.Equal([(1, 7), (2, 5), (3, 1), (4, 8), (5, 12)], wrong.Problems.Select(p => (p.Line, p.Column)));
        Assert.Contains("Is it 'read'?", wrong.Problems[0].Message);
        Assert.Contains("Is it 'topic'?", wrong.Problems[2].Message);
    }

    [Fact]
    public void Acl_Decider_IsNamed()
    {
        var access = new CompiledAccess(AclFile.Parse(Acl, "acl"), new ClientFacts("c", "alice"));

        Assert.Equal("acl:6: topic deny plant/secret/# (user alice)", access.Decider(CompiledAccess.Receive, "plant/secret/k"u8)!.ToString());
        Assert.Null(access.Decider(CompiledAccess.Receive, "nowhere"u8));
    }
}
