// The annotating mode: the same readers tell where each field stands.
using Godwit.Protocol.Fields;
using Godwit.Protocol.Tests.Golden;

namespace Godwit.Protocol.Tests.Annotating;

public class AnnotationTests
{
    [Theory]
    [MemberData(nameof(VectorData.Valid), MemberType = typeof(VectorData))]
    public void Report_ValidVector_CoversEveryBitOnce(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        Coverage.IsExact(vector.Bytes, vector.ReaderVersion);
    }

    [Fact]
    public void Report_MalformedVectors_StaysInOrder()
    {
        foreach (GoldenVector vector in GoldenVectors.Malformed)
        {
            if (PacketFrame.Read(vector.Bytes, vector.ReaderVersion, vector.MaximumPacketSize, out _, out _) != FrameStatus.Complete) continue;
            Coverage.IsOrdered(vector.Bytes, vector.ReaderVersion, out Violation? violation);
            Assert.Same(vector.Violation, violation);
        }
    }

    [Fact]
    public void Report_EveryFieldName_OccursAndHasWords()
    {
        IEnumerable<FieldName> seen = GoldenVectors.Valid.SelectMany(v => Coverage.IsExact(v.Bytes, v.ReaderVersion)).Select(field => field.Name);
        Assert.Equal(Enum.GetValues<FieldName>(), seen.Distinct().Order());
        Assert.All(Enum.GetValues<FieldName>(), name => Assert.NotEmpty(name.Text()));
        Assert.All(Enum.GetValues<FieldName>(), name => Assert.Matches(@"^[1-4]\.[0-9.]+( of 3\.1\.1)?$", name.Section()));
    }

    [Fact]
    public void CONNECT_PythonTest_IsExplained() => IsExplained(ConnectVectors.PythonTest, """
        0:F0 Packet type
        0:0F Flags
        1+1 Remaining Length
        2+2 Length
        4+4 Protocol Name
        8+1 Protocol Level
        9:80 User Name Flag
        9:40 Password Flag
        9:20 Will Retain
        9:18 Will QoS
        9:04 Will Flag
        9:02 Clean Start
        9:01 Reserved
        10+2 Keep Alive
        12+2 Length
        14+11 Client Identifier
        """);

    [Fact]
    public void PUBLISH_AllProperties_IsExplained() => IsExplained(PublishVectors.AllProperties5, """
        0:F0 Packet type
        0:08 DUP
        0:06 QoS
        0:01 RETAIN
        1+1 Remaining Length
        2+2 Length
        4+3 Topic Name
        7+2 Packet Identifier
        9+1 Property Length
        10+1 Property Identifier (Payload Format Indicator)
        11+1 Property Value (Payload Format Indicator)
        12+1 Property Identifier (Message Expiry Interval)
        13+4 Property Value (Message Expiry Interval)
        17+1 Property Identifier (Topic Alias)
        18+2 Property Value (Topic Alias)
        20+1 Property Identifier (Response Topic)
        21+2 Length
        23+3 Property Value (Response Topic)
        26+1 Property Identifier (Correlation Data)
        27+2 Length
        29+2 Property Value (Correlation Data)
        31+1 Property Identifier (User Property)
        32+2 Length
        34+1 User Property Name (User Property)
        35+2 Length
        37+1 User Property Value (User Property)
        38+1 Property Identifier (Subscription Identifier)
        39+1 Property Value (Subscription Identifier)
        40+1 Property Identifier (Subscription Identifier)
        41+2 Property Value (Subscription Identifier)
        43+1 Property Identifier (Content Type)
        44+2 Length
        46+4 Property Value (Content Type)
        50+4 Application Message
        """);

    [Fact]
    public void SUBSCRIBE_Options_AreExplainedByVersion()
    {
        IsExplained(SubscribeVectors.One31, """
            0:F0 Packet type
            0:0F Flags
            1+1 Remaining Length
            2+2 Packet Identifier
            4+2 Length
            6+3 Topic Filter
            9:FC Reserved
            9:03 Maximum QoS
            """);
        IsExplained(SubscribeVectors.Two5, """
            0:F0 Packet type
            0:0F Flags
            1+1 Remaining Length
            2+2 Packet Identifier
            4+1 Property Length
            5+2 Length
            7+3 Topic Filter
            10:C0 Reserved
            10:30 Retain Handling
            10:08 Retain As Published
            10:04 No Local
            10:03 Maximum QoS
            11+2 Length
            13+3 Topic Filter
            16:C0 Reserved
            16:30 Retain Handling
            16:08 Retain As Published
            16:04 No Local
            16:03 Maximum QoS
            """);
    }

    [Fact]
    public void CONNACK_AcknowledgeFlags_AreReservedInMqtt31()
    {
        IsExplained(ConnackVectors.ReservedByte31, """
            0:F0 Packet type
            0:0F Flags
            1+1 Remaining Length
            2:FF Reserved
            3+1 Return Code
            """);
        IsExplained(ConnackVectors.NotAuthorized5, """
            0:F0 Packet type
            0:0F Flags
            1+1 Remaining Length
            2:FE Reserved
            2:01 Session Present
            3+1 Reason Code
            4+1 Property Length
            """);
    }

    [Fact]
    public void Report_AfterViolation_NamesNoFurtherField() => IsExplained(MalformedConnectVectors.ProtocolLevel, """
        0:F0 Packet type
        0:0F Flags
        1+1 Remaining Length
        2+2 Length
        4+4 Protocol Name
        8+1 Protocol Level
        """);

    private static void IsExplained(GoldenVector vector, string expected)
    {
        List<RecordedField> fields = Coverage.IsOrdered(vector.Bytes, vector.ReaderVersion, out _);
        Assert.Equal(expected.ReplaceLineEndings("\n"), string.Join('\n', fields));
    }
}
