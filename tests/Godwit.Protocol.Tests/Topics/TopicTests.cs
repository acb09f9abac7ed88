// Sections 4.7 and 4.8.2: topic names, topic filters, shared subscriptions.
using System.Text;
using FsCheck.Fluent;
using Godwit.Protocol.Tests.RoundTrips;
using Godwit.Protocol.Topics;

namespace Godwit.Protocol.Tests.Topics;

public class TopicTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("a")]
    [InlineData("//")]
    [InlineData(" ")]
    [InlineData("Accounts payable")]
    [InlineData("$SYS/broker")]
    [InlineData("sport/tennis/player1/ranking")]
    [InlineData("\uFEFF\U0002A6D4")]
    public void TopicName_Valid_IsAccepted(string topic) => Assert.Null(TopicName.Check(Encoding.UTF8.GetBytes(topic)));

    [Theory]
    [InlineData("", "empty-topic-name")]
    [InlineData("a/+", "wildcard-in-topic-name")]
    [InlineData("a#b", "wildcard-in-topic-name")]
    [InlineData("a\0b", "null-character")]
    [Statement("MQTT-4.7.1-1", "3.1.1")]
    [Statement("MQTT-4.7.0-1", "5.0")]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    [Statement("MQTT-4.7.3-1", "5.0")]
    [Statement("MQTT-4.7.3-2", "3.1.1")]
    [Statement("MQTT-4.7.3-2", "5.0")]
    public void TopicName_Invalid_IsRefused(string topic, string violation) =>
        Assert.Equal(violation, TopicName.Check(Encoding.UTF8.GetBytes(topic))?.Name);

    [Theory]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("/")]
    [InlineData("sport/#")]
    [InlineData("sport/tennis/#")]
    [InlineData("+/tennis/#")]
    [InlineData("sport/+/player1")]
    [InlineData("/+")]
    [InlineData("+/+")]
    [InlineData("+//#")]
    [InlineData("$share")]
    [InlineData("$share/consumer1/sport/tennis/+")]
    [InlineData("$share/g//")]
    [InlineData("$share/g/#")]
    [InlineData("$shared/+/a")]
    [InlineData("$SHARE//a")]
    public void TopicFilter_Valid_IsAccepted(string filter) => Assert.Null(TopicFilter.Check(Encoding.UTF8.GetBytes(filter)));

    [Theory]
    [InlineData("", "empty-topic-filter")]
    [InlineData("a\0", "null-character")]
    [InlineData("sport/tennis#", "multi-level-wildcard")]
    [InlineData("sport/tennis/#/ranking", "multi-level-wildcard")]
    [InlineData("##", "multi-level-wildcard")]
    [InlineData("#/", "multi-level-wildcard")]
    [InlineData("sport+", "single-level-wildcard")]
    [InlineData("+sport", "single-level-wildcard")]
    [InlineData("a/++/b", "single-level-wildcard")]
    [InlineData("a/+#", "single-level-wildcard")]
    [InlineData("$share/g/a+", "single-level-wildcard")]
    [InlineData("$share/g/#/a", "multi-level-wildcard")]
    [Statement("MQTT-4.7.1-2", "3.1.1")]
    [Statement("MQTT-4.7.1-1", "5.0")]
    [Statement("MQTT-4.7.1-3", "3.1.1")]
    [Statement("MQTT-4.7.1-2", "5.0")]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    [Statement("MQTT-4.7.3-1", "5.0")]
    public void TopicFilter_Invalid_IsRefused(string filter, string violation) =>
        Assert.Equal(violation, TopicFilter.Check(Encoding.UTF8.GetBytes(filter))?.Name);

    [Fact]
    [Statement("MQTT-4.7.3-3", "3.1.1")]
    [Statement("MQTT-4.7.3-3", "5.0")]
    public void TopicNameAndFilter_NotUtf8_AreRefused()
    {
        Assert.Same(Violations.IllFormedUtf8, TopicName.Check([0xC3]));
        Assert.Same(Violations.IllFormedUtf8, TopicFilter.Check([0xED, 0xA0, 0x80]));
    }

    [Theory]
    [InlineData("$share/", "empty-share-name")]
    [InlineData("$share//a", "empty-share-name")]
    [InlineData("$share/g", "share-name")]
    [InlineData("$share/g/", "share-name")]
    [InlineData("$share/+/a", "share-name")]
    [InlineData("$share/g#/a", "share-name")]
    [Statement("MQTT-4.8.2-1", "5.0")]
    [Statement("MQTT-4.8.2-2", "5.0")]
    public void ShareName_Invalid_IsRefusedInMqtt5(string filter, string violation)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(filter);
        Assert.Equal(violation, TopicFilter.Check(bytes)?.Name);
        Assert.False(TopicFilter.TrySplitShared(bytes, out ReadOnlySpan<byte> shareName, out ReadOnlySpan<byte> inner));
        Assert.True(shareName.IsEmpty);
        Assert.True(inner.SequenceEqual(bytes));
    }

    [Fact]
    public void ShareName_BeforeMqtt5_IsOrdinary()
    {
        Assert.Null(TopicFilter.Check("$share/g"u8, ProtocolVersion.V311));
        Assert.Null(TopicFilter.Check("$share/+/a"u8, ProtocolVersion.V31));
        Assert.Same(Violations.SingleLevelWildcard, TopicFilter.Check("$share/g+/a"u8, ProtocolVersion.V311));
    }

    [Theory]
    [InlineData("$share/g/a/b", "g", "a/b")]
    [InlineData("$share/g//", "g", "/")]
    [InlineData("$share/$share/$share/x/#", "$share", "$share/x/#")]
    [Statement("MQTT-4.8.2-2", "5.0")]
    public void ShareName_Valid_IsSplit(string filter, string shareName, string inner)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(filter);
        Assert.True(TopicFilter.IsShared(bytes));
        Assert.True(TopicFilter.TrySplitShared(bytes, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rest));
        Assert.Equal(shareName, Encoding.UTF8.GetString(name));
        Assert.Equal(inner, Encoding.UTF8.GetString(rest));
    }

    [Theory]
    // The examples of sections 4.7.1.2 and 4.7.1.3.
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "sport/tennis", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    // What they leave out.
    [InlineData("sport/tennis/player1/#", "sport/tennis/player10", false)]
    [InlineData("sport/#", "sports", false)]
    [InlineData("+/#", "sport", true)]
    [InlineData("#", "/", true)]
    [InlineData("+/tennis/#", "sport/tennis", true)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a/+/b", "a//b", true)]
    [InlineData("a/b", "a/b/", false)]
    [InlineData("a/b/", "a/b", false)]
    [InlineData("/#", "a", false)]
    [InlineData("/#", "/", true)]
    public void Matches_Examples_HoldAsPrinted(string filter, string topic, bool expected) => Matches(filter, topic, expected);

    [Theory]
    [InlineData("#", "$SYS/", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/", true)]
    [InlineData("$SYS/#", "$SYS/a/b", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("+", "$", false)]
    [InlineData("a/+", "a/$b", true)]
    [InlineData("/#", "/$a", true)]
    [Statement("MQTT-4.7.2-1", "3.1.1")]
    [Statement("MQTT-4.7.2-1", "5.0")]
    public void Matches_TopicsBeginningWithDollar_NeedAFilterThatDoesSo(string filter, string topic, bool expected) =>
        Matches(filter, topic, expected);

    [Theory]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("Accounts payable", "Accounts payable", true)]
    [InlineData("\u00C5", "A\u030A", false)] // Å in its two forms
    [Statement("MQTT-4.7.3-4", "3.1.1")]
    [Statement("MQTT-4.7.3-4", "5.0")]
    public void Matches_NoNormalisation_ComparesCharacterByCharacter(string filter, string topic, bool expected) =>
        Matches(filter, topic, expected);

    [Fact]
    public void Matches_RandomFiltersAndTopics_AgreesWithTheModel()
    {
        var level = Gen.Elements("a", "b", "", "$", "aa");
        var topics = level.NonEmptyListOf().Select(levels => string.Join('/', levels)).Where(topic => topic.Length > 0);
        var filters =
            from levels in Gen.Elements("a", "b", "", "$", "+", "aa").ListOf()
            from end in Gen.Elements("#", "+", "a", "b", "")
            let filter = string.Join('/', levels.Append(end))
            where filter.Length > 0
            select filter;
        int matched = 0;
        RoundTrips.Properties.Hold(filters.Zip(topics.Resize(4)).Resize(4), 20_000, pair =>
        {
            bool expected = Model(pair.Item1, pair.Item2);
            if (expected) matched++;
            Assert.Null(TopicFilter.Check(Encoding.UTF8.GetBytes(pair.Item1)));
            Matches(pair.Item1, pair.Item2, expected);
        });
        Assert.InRange(matched, 1000, 19_000); // else the test would say little
    }

    [Fact]
    public void Matches_RandomTopic_MatchesItselfAndItsParents() => RoundTrips.Properties.Hold(Generators.Topic, 300, topic =>
    {
        Matches(topic, topic, true);
        Matches(topic + "/#", topic, true);
        Matches(topic, topic + "/", false);
    });

    [Fact]
    public void Check_RandomFilters_AreValid() =>
        RoundTrips.Properties.Hold(Generators.Filter, 300, filter => Assert.Null(TopicFilter.Check(Encoding.UTF8.GetBytes(filter))));

    private static void Matches(string filter, string topic, bool expected) =>
        Assert.Equal(expected, TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic)));

    // Section 4.7 by levels and recursion.
    private static bool Model(string filter, string topic)
    {
        if (topic.StartsWith('$') && (filter.StartsWith('+') || filter.StartsWith('#'))) return false;
        return Levels(filter.Split('/'), topic.Split('/'));

        static bool Levels(string[] filter, string[] topic) => (filter, topic) switch
        {
            (["#"], _) => true,
            ([], []) => true,
            ([], _) or (_, []) => false,
            _ => (filter[0] == "+" || filter[0] == topic[0]) && Levels(filter[1..], topic[1..]),
        };
    }
}
