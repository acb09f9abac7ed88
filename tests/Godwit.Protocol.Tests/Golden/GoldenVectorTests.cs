// Every golden vector is read as it says and written as it stands.
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Golden;

public class GoldenVectorTests
{
    [Theory]
    [MemberData(nameof(VectorData.Valid), MemberType = typeof(VectorData))]
    public void Read_ValidVector_GivesItsFields(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        PacketModel? packet = PacketModel.Read(vector.Bytes, vector.ReaderVersion, out Violation? violation);
        Assert.Null(violation);
        Assert.Equal(Expectations.All[name], packet);
    }

    [Theory]
    [MemberData(nameof(VectorData.Canonical), MemberType = typeof(VectorData))]
    public void Write_CanonicalVector_GivesItsBytes(string name) =>
        Assert.Equal(Hex.Text(GoldenVectors.Named(name).Bytes), Hex.Text(Expectations.All[name].Write()));

    [Theory]
    [MemberData(nameof(VectorData.Canonical), MemberType = typeof(VectorData))]
    public void IndependentEncoder_CanonicalVector_GivesItsBytes(string name) =>
        Assert.Equal(Hex.Text(GoldenVectors.Named(name).Bytes), Hex.Text(Expectations.All[name].Encode()));

    [Theory]
    [MemberData(nameof(VectorData.Malformed), MemberType = typeof(VectorData))]
    public void Read_MalformedVector_GivesItsViolation(string name) => Refused.By(GoldenVectors.Named(name));

    [Fact]
    public void Write_LongerForms_AreShortened()
    {
        foreach (GoldenVector vector in GoldenVectors.Valid.Where(v => !v.IsCanonical))
            Assert.NotEqual(Hex.Text(vector.Bytes), Hex.Text(Expectations.All[vector.Name].Write()));
    }

    [Fact]
    public void Vectors_Names_AreUnique() => Assert.Equal(GoldenVectors.All.Count, GoldenVectors.All.DistinctBy(v => v.Name).Count());

    [Fact]
    public void Vectors_EveryViolation_HasOne()
    {
        IEnumerable<string> without = Violations.All.Except(GoldenVectors.Malformed.Select(v => v.Violation!)).Select(v => v.Name);
        Assert.Empty(without);
    }

    [Fact]
    public void Vectors_EveryPacketTypeOfEveryVersion_HasOne()
    {
        foreach (ProtocolVersion version in new[] { ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5 })
        {
            for (PacketType type = PacketType.Connect; type <= PacketType.Auth; type++)
            {
                bool exists = type != PacketType.Auth || version == ProtocolVersion.V5;
                Assert.Equal(exists, GoldenVectors.Canonical.Any(v => v.Type == type && v.Version == version));
            }
        }
    }

    [Fact]
    public void Vectors_EveryPropertyOfEveryPacket_HasOne()
    {
        var seen = new HashSet<(int, string)>();
        foreach (GoldenVector vector in GoldenVectors.Canonical)
        {
            PacketModel packet = Expectations.All[vector.Name];
            foreach ((string owner, Items<PropertyModel> properties) in PropertiesOf(packet))
            {
                foreach (PropertyModel property in properties) seen.Add(((int)property.Id, owner));
            }
        }
        IEnumerable<(int, string)> expected = SpecificationTables.Properties.SelectMany(row => row.Owners.Split(' ').Select(owner => (row.Id, owner)));
        Assert.Empty(expected.Except(seen));
    }

    private static IEnumerable<(string Owner, Items<PropertyModel> Properties)> PropertiesOf(PacketModel packet)
    {
        string owner = packet.Type.Name();
        switch (packet)
        {
            case ConnectModel connect:
                yield return (owner, connect.Properties);
                if (connect.Will is not null) yield return ("WILL", connect.Will.Properties);
                break;
            case ConnackModel connack: yield return (owner, connack.Properties); break;
            case PublishModel publish: yield return (owner, publish.Properties); break;
            case PublishAckModel ack: yield return (owner, ack.Properties); break;
            case SubscribeModel subscribe: yield return (owner, subscribe.Properties); break;
            case SubackModel suback: yield return (owner, suback.Properties); break;
            case UnsubscribeModel unsubscribe: yield return (owner, unsubscribe.Properties); break;
            case DisconnectModel disconnect: yield return (owner, disconnect.Properties); break;
            case AuthModel auth: yield return (owner, auth.Properties); break;
        }
    }
}
