using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;
using Godwit.Security.Files;

namespace Godwit.Security.Tests.Access;

public class ClientAccessTests
{
    [Fact]
    public void Access_ManyTopics_AreAnsweredAlikeWhetherRemembered()
    {
        using var file = new TemporaryFile("user a\ntopic deny t/1/#\ntopic write t/+/x\ntopic read t/#\n");
        IClientAccess access = PolicyAuthorizer.FromAclFile(file.Path).Open(new ClientFacts("c", "a"));
        var random = new Random(1);

        for (int i = 0; i < 20_000; i++)
        {
            int number = random.Next(600);
            string topic = number % 3 == 0 ? $"t/{number}/x" : number % 7 == 0 ? $"t/{number}/{new string('y', 300)}" : $"t/{number}";
            byte[] bytes = Encoding.UTF8.GetBytes(topic);
            Assert.Equal(number != 1, access.MayReceive(bytes));
            Assert.Equal(number % 3 == 0, access.MayPublish(bytes, QoS.AtMostOnce, false));
        }
    }

    [Fact]
    public void Access_RememberedTopics_AllocatesNothing()
    {
        using var file = new TemporaryFile("user a\ntopic write t/#\n");
        IClientAccess access = PolicyAuthorizer.FromAclFile(file.Path).Open(new ClientFacts("c", "a"));
        byte[][] topics = [.. Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes($"t/{i}"))];
        for (int round = 0; round < 20; round++) Ask();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Ask();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Ask()
        {
            foreach (byte[] topic in topics)
            {
                if (!access.MayPublish(topic, QoS.AtLeastOnce, true)) throw new InvalidOperationException();
            }
        }
    }

    [Fact]
    public void Access_FileReadAgain_HoldsForClientsThatAreThere()
    {
        using var file = new TemporaryFile("topic write a\n");
        PolicyAuthorizer authorizer = PolicyAuthorizer.FromAclFile(file.Path);
        IClientAccess access = authorizer.Open(new ClientFacts("c", null));
        Assert.True(access.MayPublish("a"u8, QoS.AtMostOnce, false));

        file.Text = "topic read a\n";
        authorizer.Reload();
        Assert.False(access.MayPublish("a"u8, QoS.AtMostOnce, false));
        Assert.True(access.MayReceive("a"u8));

        file.Text = "nonsense\n";
        Assert.Throws<SecurityFileException>(authorizer.Reload);
        Assert.True(access.MayReceive("a"u8));
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/#", "a/#", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/+/c", true)]
    [InlineData("a/b/#", "a/#", false)]
    [InlineData("#", "a/#", true)]
    [InlineData("#", "#", true)]
    [InlineData("+/#", "#", false)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/a", true)]
    [InlineData("a", "a/b", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a/+", "a", false)]
    public void Filter_OfARule_CoversWhatItMatchesWhole(string wide, string narrow, bool expected) =>
        Assert.Equal(expected, FilterCover.Covers(Encoding.UTF8.GetBytes(wide), Encoding.UTF8.GetBytes(narrow)));
}
