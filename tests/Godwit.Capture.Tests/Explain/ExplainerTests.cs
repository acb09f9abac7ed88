using System.Text;
using System.Text.Json;
using Godwit.Capture.Explain;
using Godwit.Protocol;

namespace Godwit.Capture.Tests.Explain;

public class ExplainerTests
{
    public static TheoryData<string> Valid => [.. GoldenVectors.Valid.Select(vector => vector.Name)];

    public static TheoryData<string> Malformed => [.. GoldenVectors.Malformed.Select(vector => vector.Name)];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Explain_ValidVector_CoversEveryBitOnce(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        PacketExplanation packet = One(vector);

        Assert.Empty(packet.Violations);
        Assert.Equal(0, packet.Missing);
        Assert.Null(packet.Nearest);
        IsCovered(packet, isExact: true);
        Assert.Equal(packet.Bytes.Length, packet.FixedHeaderLength + packet.VariableHeaderLength + packet.PayloadLength);
        Assert.All(packet.Leaves, field => Assert.Matches(@"^[1-4](\.[0-9]+)+$", field.Section!));
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Explain_MalformedVector_ShowsItsViolationAtItsPlace(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        if (vector.Violation == Violations.PacketTooLarge) return; // a limit of a receiver, not of the packet
        PacketExplanation packet = One(vector);

        Assert.Contains(vector.Violation, packet.Violations.Select(placed => placed.Violation));
        Assert.Contains(vector.Violation!.Description, ExplanationText.Write(packet));
        Assert.All(packet.Violations, placed => Assert.InRange(placed.Offset, 0, packet.Bytes.Length));
        IsCovered(packet, isExact: false);
        JsonDocument.Parse(ExplanationJson.Write(packet));
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void Explain_EveryPrefix_SaysWhatIsMissing(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        byte[] whole = vector.Bytes;
        for (int length = 1; length < whole.Length; length++)
        {
            PacketExplanation packet = Explainer.Explain(whole.AsMemory(0, length), new ExplainOptions { Version = vector.Version })[0];
            Assert.Equal(packet.FixedHeaderLength == 1 || packet.Missing is null ? null : whole.Length - length, packet.Missing);
            Assert.DoesNotContain(Violations.Truncated, packet.Violations.Select(placed => placed.Violation));
            IsCovered(packet, isExact: false);
        }
    }

    [Fact]
    public void Explain_PythonTest_IsWrittenForPeople()
    {
        string text = ExplanationText.Write(One(ConnectVectors.PythonTest));
        Assert.Equal("""
            CONNECT of client "python_test", keep alive 60 s; MQTT 3.1.1, as the packet says

              | 10 17           | 00 04 4D 51 54 54 04 02 00 3C | 00 0B 70 79 74 68 6F 6E 5F 74 .. |
                fixed header: 2   variable header: 10             payload: 13

            Fixed header, 2 bytes
                0 10                                Packet type and flags: 0x10
                0                          0001....   Packet type: 1 (CONNECT)  [2.2.1]
                0                          ....0000   Flags: 0 (fixed for this packet type)  [2.2.2]
                1 17                                Remaining Length: 23 (23 bytes follow)  [2.2.3]

            Variable header, 10 bytes
                2 00 04                             Length of Protocol Name: 4  [1.5.3]
                4 4D 51 54 54                       Protocol Name: "MQTT"  [3.1.2.1]
                8 04                                Protocol Level: 4 (MQTT 3.1.1)  [3.1.2.2]
                9 02                                Connect Flags: 0x02
                9                          0.......   User Name Flag: 0 (no user name)  [3.1.2.8]
                9                          .0......   Password Flag: 0 (no password)  [3.1.2.9]
                9                          ..0.....   Will Retain: 0 (the will is not retained)  [3.1.2.7]
                9                          ...00...   Will QoS: 0 (at most once)  [3.1.2.6]
                9                          .....0..   Will Flag: 0 (no will)  [3.1.2.5]
                9                          ......1.   Clean Session: 1 (a new session that ends with the connection)  [3.1.2.4]
                9                          .......0   Reserved: 0 (must be 0)  [3.1.2.3]
               10 00 3C                             Keep Alive: 60 s (1 min; the server closes after 90 s (1.5 times) without a packet)  [3.1.2.10]

            Payload, 13 bytes
               12 00 0B                             Length of Client Identifier: 11  [1.5.3]
               14 70 79 74 68 6F 6E 5F 74           Client Identifier: "python_test"  [3.1.3.1]
               22 65 73 74

            """.ReplaceLineEndings("\n"), text);
    }

    [Fact]
    public void Explain_RemainingLength_IsWrittenOut()
    {
        byte[] packet = [0x30, 0xC1, 0x02, 0x00, 0x01, (byte)'a', .. new byte[318]];
        ExplainedField length = Explainer.ExplainPacket(packet, ProtocolVersion.V311).Leaves.Single(field => field.Name == "Remaining Length");
        Assert.Equal("321", length.Value);
        Assert.StartsWith("65 + 2 x 128", length.Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_Names_AreThoseOfTheVersion()
    {
        Assert.Contains("Clean Session", NamesOf(ConnectVectors.PythonTest));
        Assert.Contains("Protocol Level", NamesOf(ConnectVectors.PythonTest));
        Assert.Contains("Clean Start", NamesOf(ConnectVectors.Minimal5));
        Assert.Contains("Protocol Version", NamesOf(ConnectVectors.Minimal5));
        Assert.Contains("Protocol Version Number", NamesOf(ConnectVectors.Minimal31));
    }

    [Fact]
    public void Explain_Properties_EachHasNameTypeMeaningAndSection()
    {
        PacketExplanation packet = One(ConnackVectors.AllProperties5);
        ExplainedField[] properties = [.. packet.Fields[1].Children.Single(field => field.Name == "Properties").Children.Skip(1)];
        Assert.Equal(17, properties.Length);
        Assert.All(properties, property => Assert.NotNull(property.Type));
        ExplainedField expiry = properties[0];
        Assert.Equal(("Session Expiry Interval", "100 s", "Four Byte Integer", "3.2.2.3.2"), (expiry.Name, expiry.Value, expiry.Type, expiry.Section));
        Assert.Equal("the session outlives the connection by 100 s", expiry.Meaning);
        Assert.Equal("\"k\" = \"\"", properties.Single(property => property.Name == "User Property").Value);
    }

    [Fact]
    public void Explain_Password_IsHiddenUnlessAskedFor()
    {
        byte[] connect = Testing.Hex.Bytes("10 1A 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 01 'u' 00 06 'secret'");
        PacketExplanation packet = Explainer.Explain(connect)[0];
        string json = Encoding.UTF8.GetString(ExplanationJson.Write(packet).Span), text = ExplanationText.Write(packet);
        Assert.DoesNotContain("secret", json + text);
        Assert.DoesNotContain("736563726574", json);
        Assert.DoesNotContain("73 65 63", text);
        Assert.Contains("\"secret\"", ExplanationText.Write(Explainer.Explain(connect, new ExplainOptions { ShowPasswords = true })[0]));
    }

    [Fact]
    public void Explain_PasswordOfBrokenConnect_IsHiddenToo()
    {
        byte[] connect = Testing.Hex.Bytes("10 1A 00 04 'MQTT' 04 C3 00 3C 00 01 'c' 00 01 'u' 00 06 'secret'");
        PacketExplanation packet = Explainer.Explain(connect)[0];
        Assert.NotNull(packet.Nearest);
        Assert.DoesNotContain("73 65 63", ExplanationText.Write(packet));
        byte[] truncated = Testing.Hex.Bytes("10 19 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 01 'u' 00 06 'secre'");
        string text = ExplanationText.Write(Explainer.Explain(truncated)[0]) + Encoding.UTF8.GetString(ExplanationJson.Write(Explainer.Explain(truncated)[0]).Span);
        Assert.DoesNotContain("secre", text);
        Assert.DoesNotContain("73 65 63", text);
    }

    [Fact]
    public void Explain_SeveralViolations_AllAreFound()
    {
        // A reserved flag, a will topic with a wildcard, and a user name that is not UTF-8.
        byte[] connect = Testing.Hex.Bytes("10 17 00 04 'MQTT' 04 87 00 3C 00 01 'c' 00 01 '#' 00 01 'x' 00 02 C3 28");
        PacketExplanation packet = Explainer.Explain(connect)[0];
        Assert.Equal([Violations.ReservedConnectFlag, Violations.WildcardInTopicName, Violations.IllFormedUtf8], packet.Violations.Select(placed => placed.Violation));
        Assert.Equal([9, 17, 23], packet.Violations.Select(placed => placed.Offset));
        IsCovered(packet, isExact: true);
    }

    [Fact]
    public void Explain_SeveralPackets_ConnectTellsTheVersionOfTheRest()
    {
        byte[] stream = [.. ConnectVectors.Minimal5.Bytes, .. PublishVectors.AllProperties5.Bytes, .. Testing.Hex.Bytes("C0 00 30")];
        IReadOnlyList<PacketExplanation> packets = Explainer.Explain(stream);
        Assert.Equal([PacketType.Connect, PacketType.Publish, PacketType.Pingreq, PacketType.Publish], packets.Select(packet => packet.Type));
        Assert.All(packets, packet => Assert.Equal(ProtocolVersion.V5, packet.Version));
        Assert.Null(packets[^1].Missing);
    }

    [Theory]
    [InlineData("30 07 00 03 'a/b' '21'", ProtocolVersion.V311, VersionSource.Bytes)] // '2' would be a property length of 50
    [InlineData("30 08 00 03 'a/b' 00 '21'", ProtocolVersion.V5, VersionSource.Guess)]
    [InlineData("C0 00", ProtocolVersion.V311, VersionSource.Guess)]
    [InlineData("F0 00", ProtocolVersion.V5, VersionSource.Bytes)]
    [InlineData("20 03 00 87 00", ProtocolVersion.V5, VersionSource.Bytes)]
    [InlineData("B0 02 00 01", ProtocolVersion.V311, VersionSource.Bytes)]
    public void Explain_WithoutConnect_VersionIsFoundInTheBytes(string hex, ProtocolVersion version, VersionSource source)
    {
        PacketExplanation packet = Explainer.Explain(Testing.Hex.Bytes(hex))[0];
        Assert.Equal((version, source), (packet.Version, packet.VersionSource));
    }

    [Theory]
    [InlineData("'{\"t\":21.5,\"u\":\"C\"}'", "JSON, an object with t, u")]
    [InlineData("'[1,2,3]'", "JSON, an array of 3")]
    [InlineData("'21.5'", "text, 4 bytes")]
    [InlineData("'{not'", "text, 4 bytes")]
    [InlineData("FF 00", "binary, 2 bytes")]
    public void Explain_Payload_IsRecognised(string payload, string kind)
    {
        byte[] bytes = Testing.Hex.Bytes(payload);
        byte[] packet = [0x30, (byte)(3 + bytes.Length), 0, 1, (byte)'t', .. bytes];
        Assert.Equal(kind, Explainer.ExplainPacket(packet, ProtocolVersion.V311).Leaves.Last().Meaning);
    }

    [Fact]
    public void Explain_RandomBytes_NeverThrows()
    {
        var random = new Random(11);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bytes = i % 2 == 0 ? new byte[random.Next(1, 40)] : GoldenVectors.All[random.Next(GoldenVectors.All.Count)].Bytes;
            if (i % 2 == 0) random.NextBytes(bytes);
            else bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (bytes[0] >> 4 == 1 && i % 50 != 1) bytes[0] ^= 0x20; // the nearest CONNECT is looked for long enough below
            foreach (PacketExplanation packet in Explainer.Explain(bytes, new ExplainOptions { Version = (ProtocolVersion)(random.Next(4) is var v and > 0 ? v + 2 : 0) }))
            {
                IsCovered(packet, isExact: false);
                ExplanationText.Write(packet);
                ExplanationJson.Write(packet);
            }
        }
    }

    private static string[] NamesOf(GoldenVector vector) => [.. One(vector).Leaves.Select(field => field.Name)];

    private static PacketExplanation One(GoldenVector vector) => Explainer.Explain(vector.Bytes, new ExplainOptions { Version = vector.Version })[0];

    // In the order of the bytes; every bit in at most one field and, of a packet that is right, in exactly one.
    private static void IsCovered(PacketExplanation packet, bool isExact)
    {
        byte[] covered = new byte[packet.Bytes.Length];
        int last = 0;
        foreach (ExplainedField field in packet.Leaves.Where(leaf => leaf.Name != "Missing"))
        {
            Assert.InRange(field.Offset, last, packet.Bytes.Length);
            last = field.Offset;
            for (int i = field.Offset; i < field.Offset + field.Length; i++)
            {
                Assert.True(i < covered.Length, $"{field.Name} reaches beyond the packet");
                Assert.Equal(0, covered[i] & field.Mask);
                covered[i] |= field.Mask;
            }
        }
        if (isExact) Assert.All(covered, bits => Assert.Equal(0xFF, bits));
        else Assert.All(covered, bits => Assert.NotEqual(0, bits));
    }
}
