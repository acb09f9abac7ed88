using System.Text;
using Godwit.Testing;

namespace Godwit.Session.Tests;

public class TopicAliasTests
{
    [Fact]
    [Statement("MQTT-3.3.2-10", "5.0")]
    [Statement("MQTT-3.3.2-12", "5.0")]
    public void PUBLISH_EveryAliasUpToTheMaximum_IsAccepted()
    {
        var aliases = new InboundTopicAliases(300);
        for (uint alias = 300; alias > 0; alias--) Assert.Equal((TopicAliasOutcome.Ok, $"t/{alias}"), Resolve(aliases, $"t/{alias}", alias));
        for (uint alias = 1; alias <= 300; alias++) Assert.Equal((TopicAliasOutcome.Ok, $"t/{alias}"), Resolve(aliases, "", alias));
    }

    [Theory]
    [InlineData(0, 5u)]
    [InlineData(5, 0u)]
    [InlineData(5, 6u)]
    [Statement("MQTT-3.3.2-8", "5.0")]
    [Statement("MQTT-3.3.2-9", "5.0")]
    [Statement("MQTT-3.3.2-11", "5.0")]
    public void PUBLISH_AliasZeroOrAboveTheMaximum_IsInvalid(int maximum, uint alias)
    {
        var aliases = new InboundTopicAliases(maximum);
        Assert.Equal(TopicAliasOutcome.Invalid, Resolve(aliases, "t", alias).Outcome);
        Assert.Equal(TopicAliasOutcome.Invalid, Resolve(aliases, "", alias).Outcome);
        Assert.Equal(0, aliases.StoredBytes);
    }

    [Fact]
    [Statement("MQTT-3.3.2-7", "5.0")]
    public void PUBLISH_AliasNotGivenOnThisConnection_IsUnknown()
    {
        Resolve(new InboundTopicAliases(5), "t", 1);
        var aliases = new InboundTopicAliases(5);
        Resolve(aliases, "t", 2);

        Assert.Equal(TopicAliasOutcome.Unknown, Resolve(aliases, "", 1).Outcome);
        Assert.Equal(TopicAliasOutcome.Unknown, Resolve(aliases, "", 5).Outcome);
    }

    [Fact]
    public void PUBLISH_AliasGivenAgain_ReplacesTheTopic()
    {
        var aliases = new InboundTopicAliases(5);
        Resolve(aliases, "first", 1);
        Resolve(aliases, "2nd", 1);

        Assert.Equal((TopicAliasOutcome.Ok, "2nd"), Resolve(aliases, "", 1));
        Assert.Equal(3, aliases.StoredBytes);
    }

    [Fact]
    [Statement("MQTT-3.1.2-26", "5.0")]
    [Statement("MQTT-3.2.2-17", "5.0")]
    [Statement("MQTT-3.3.2-8", "5.0")]
    public void PUBLISH_OutboundAliases_FirstComeFirstServedUntilFull()
    {
        var aliases = new OutboundTopicAliases(2);

        Assert.Equal((1, true), Assign(aliases, "a"));
        Assert.Equal((2, true), Assign(aliases, "b"));
        Assert.Equal((0, false), Assign(aliases, "c"));
        Assert.Equal((1, false), Assign(aliases, "a"));
        Assert.Equal((2, false), Assign(aliases, "b"));
    }

    [Fact]
    [Statement("MQTT-3.1.2-27", "5.0")]
    [Statement("MQTT-3.2.2-18", "5.0")]
    public void PUBLISH_PeerTakesNoAliases_NoneIsGiven() => Assert.Equal((0, false), Assign(new OutboundTopicAliases(0), "a"));

    private static (TopicAliasOutcome Outcome, string Topic) Resolve(InboundTopicAliases aliases, string topic, uint alias)
    {
        TopicAliasOutcome outcome = aliases.Resolve(Encoding.UTF8.GetBytes(topic), alias, out ReadOnlySpan<byte> resolved);
        return (outcome, Encoding.UTF8.GetString(resolved));
    }

    private static (int Alias, bool IsNew) Assign(OutboundTopicAliases aliases, string topic)
    {
        ushort alias = aliases.Assign(Encoding.UTF8.GetBytes(topic), out bool isNew);
        return (alias, isNew);
    }
}
