// The citation rules of spec/README.md, by example.
using Xunit;

namespace Godwit.Ledger.Tests;

public class CitationTests
{
    [Fact]
    public void Source_PlainId_CountsForBothSpecifications() =>
        Assert.Equal([new Citation("MQTT-4.7.3-1", null, "A.cs")], SourceCitations.Find("A.cs", "Check(); // [MQTT-4.7.3-1]"));

    [Fact]
    public void Source_QualifiedId_CountsForThatSpecification() =>
        Assert.Equal([new Citation("MQTT-3.8.3-4", "5.0", "A.cs")], SourceCitations.Find("A.cs", "Check(); // 5.0: [MQTT-3.8.3-4]"));

    [Fact]
    public void Source_IdInFrontOfAQualifier_BelongsToTheOtherSpecification() =>
        Assert.Equal(
            [new Citation("MQTT-3.1.2-13", "3.1.1", "A.cs"), new Citation("MQTT-3.1.2-11", "5.0", "A.cs")],
            SourceCitations.Find("A.cs", "// [MQTT-3.1.2-13], 5.0: [MQTT-3.1.2-11]\n"));

    [Fact]
    public void Source_Violation_CitesOneIdForEachSpecification() =>
        Assert.Equal(
            [
                new Citation("MQTT-2.2.2-2", "3.1.1", "A.cs"),
                new Citation("MQTT-2.1.3-1", "5.0", "A.cs"),
                new Citation("MQTT-1.5.5-1", "5.0", "A.cs"),
            ],
            SourceCitations.Find("A.cs", """
                Add("flags", MalformedPacket, "MQTT-2.2.2-2", "MQTT-2.1.3-1", "text");
                Add("length", ReasonCode.MalformedPacket, null,
                    "MQTT-1.5.5-1", "text");
                """));

    [Fact]
    public void Test_Statements_StandOnTheNextMethod() =>
        Assert.Equal(
            [
                new Citation("MQTT-1.5.3-1", "3.1.1", "ATests.One"),
                new Citation("MQTT-1.5.4-1", "5.0", "ATests.One"),
                new Citation("MQTT-1.5.3-2", "3.1.1", "ATests.Two"),
            ],
            TestCitations.Find("A.cs", """
                public class ATests
                {
                    private sealed class Helper
                    {
                        public void Nothing() { }
                    }

                    // [Statement("MQTT-9.9.9-9", "5.0")] in a comment is none.
                    [Theory, Statement("MQTT-1.5.3-1", "3.1.1")]
                    [Statement("MQTT-1.5.4-1", "5.0")]
                    [InlineData("x")]
                    public async Task One(string text)
                    {
                        Run(text);
                    }

                    [Fact] [Statement("MQTT-1.5.3-2", "3.1.1")] public void Two() => Run("y");
                }
                """));

    [Fact]
    public void Test_StatementOnAClass_NamesTheClass() =>
        Assert.Equal(
            [new Citation("MQTT-1.5.3-1", "3.1.1", "ATests")],
            TestCitations.Find("A.cs", "[Statement(\"MQTT-1.5.3-1\", \"3.1.1\")]\npublic sealed class ATests(Fixture fixture)\n{\n}\n"));

    [Theory]
    [InlineData("[Statement(\"MQTT-1.5.3-1\", \"3.1.1\")]")]
    [InlineData("[Fact(Skip = \"not today\")] [Statement(\"MQTT-1.5.3-1\", \"3.1.1\")]")]
    [InlineData("[Fact] [Statement(Ids.Utf8, \"3.1.1\")]")]
    public void Test_StatementThatProvesNothing_IsRefused(string attributes)
    {
        string text = $"public class ATests\n{{\n    {attributes}\n    public void One() {{ }}\n}}\n";

        Assert.Throws<FormatException>(() => TestCitations.Find("A.cs", text));
    }
}
