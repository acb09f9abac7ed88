// Section 2.2.2: the table of properties, their writer and their view.
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Properties;

public class PropertyTests
{
    [Fact]
    public void PropertyInfo_EveryIdentifier_IsAsTable24Says()
    {
        Assert.Equal(SpecificationTables.Properties.Select(row => row.Id).Order(), PropertyInfo.All.Select(info => (int)info.Id).Order());
        for (int id = 0; id < 256; id++)
        {
            (int Id, string Name, Kind Kind, string Owners) row = SpecificationTables.Properties.SingleOrDefault(r => r.Id == id);
            PropertyInfo? info = PropertyInfo.Find((byte)id);
            Assert.Equal(row.Name, info?.Name);
            if (info is null)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => PropertyInfo.Of((PropertyId)id));
                continue;
            }
            Assert.Same(info, PropertyInfo.Of((PropertyId)id));
            Assert.Equal((int)row.Kind, (int)info.Type);
            foreach (PropertyOwner owner in Enum.GetValues<PropertyOwner>())
            {
                string ownerName = owner == PropertyOwner.Will ? "WILL" : ((PacketType)owner).Name();
                Assert.Equal(row.Owners.Split(' ').Contains(ownerName), info.IsAllowedIn(owner));
                Assert.Equal(row.Name == "User Property" || (row.Name == "Subscription Identifier" && ownerName == "PUBLISH"), info.IsRepeatable(owner));
            }
        }
    }

    [Theory]
    [InlineData("CONNECT", "17 02")] // request problem information
    [InlineData("CONNECT", "19 02")] // request response information
    [InlineData("CONNECT", "21 00 00")] // receive maximum
    [InlineData("CONNECT", "27 00 00 00 00")] // maximum packet size
    [InlineData("CONNACK", "24 02")] // maximum QoS
    [InlineData("CONNACK", "25 02")] // retain available
    [InlineData("CONNACK", "28 02")] // wildcard subscription available
    [InlineData("CONNACK", "29 FF")] // subscription identifier available
    [InlineData("CONNACK", "2A 02")] // shared subscription available
    [InlineData("PUBLISH", "01 02")] // payload format indicator
    [InlineData("PUBLISH", "0B 00")] // subscription identifier
    public void Property_ValueOutOfRange_IsRefused(string packetType, string property)
    {
        Assert.Null(Read(packetType, Hex.Bytes(property), out Violation? violation));
        Assert.Same(Violations.PropertyValue, violation);
    }

    [Fact]
    public void Property_Twice_IsRefusedUnlessRepeatable()
    {
        foreach (string packetType in new[] { "CONNECT", "CONNACK", "PUBLISH" })
        {
            foreach ((int id, _, Kind kind, string owners) in SpecificationTables.Properties.Where(row => row.Owners.Split(' ').Contains(packetType)))
            {
                byte[] value = kind switch
                {
                    Kind.Byte or Kind.VariableByteInteger => [1],
                    Kind.TwoBytes => [0, 1],
                    Kind.FourBytes => [0, 0, 0, 1],
                    Kind.Pair => [0, 0, 0, 0],
                    _ => [0, 0],
                };
                // Authentication data needs a method beside it, which may stand behind it.
                byte[] method = (PropertyId)id == PropertyId.AuthenticationData ? [0x15, 0, 0] : [];
                byte[] once = [(byte)id, .. value];
                Assert.NotNull(Read(packetType, [.. once, .. method], out _));
                PacketModel? twice = Read(packetType, [.. once, .. once, .. method], out Violation? violation);
                bool isRepeatable = kind == Kind.Pair || ((PropertyId)id, packetType) == (PropertyId.SubscriptionIdentifier, "PUBLISH");
                Assert.Equal(isRepeatable, twice is not null);
                Assert.Same(isRepeatable ? null : Violations.DuplicateProperty, violation);
            }
        }
    }

    [Fact]
    public void PropertyWriter_EveryKind_WritesTheBytes()
    {
        var writer = new PropertyWriter(new byte[64]);
        writer.Add(PropertyId.PayloadFormatIndicator, 1);
        writer.Add(PropertyId.TopicAlias, 0x0102);
        writer.Add(PropertyId.MessageExpiryInterval, 0xFFFFFFFE);
        writer.Add(PropertyId.SubscriptionIdentifier, 321);
        writer.Add(PropertyId.ContentType, "x"u8);
        writer.Add(PropertyId.CorrelationData, [0xFF]);
        writer.AddUserProperty("k"u8, ""u8);
        writer.AddEncoded([0x01, 0x00]);
        byte[] expected = Hex.Bytes("01 01  23 01 02  02 FF FF FF FE  0B C1 02  03 00 01 'x'  09 00 01 FF  26 00 01 'k' 00 00  01 00");
        Assert.Equal(Hex.Text(expected), Hex.Text(writer.Written.Encoded));
        Assert.Equal(expected.Length, writer.Length);
    }

    [Theory]
    [InlineData(PropertyId.PayloadFormatIndicator, 256u)]
    [InlineData(PropertyId.TopicAlias, 65_536u)]
    [InlineData(PropertyId.SubscriptionIdentifier, 268_435_456u)]
    [InlineData(PropertyId.ContentType, 1u)] // not an integer
    [InlineData((PropertyId)0x7F, 1u)] // no property
    public void PropertyWriter_ImpossibleNumber_ThrowsAndWritesNothing(PropertyId id, uint value)
    {
        byte[] buffer = new byte[16];
        var writer = new PropertyWriter(buffer);
        Exception? thrown = null;
        try { writer.Add(id, value); }
        catch (ArgumentException e) { thrown = e; }
        Assert.NotNull(thrown);
        Assert.Equal(0, writer.Length);
        Assert.Equal(new byte[16], buffer);
    }

    [Theory]
    [InlineData(PropertyId.TopicAlias, 2)] // an integer
    [InlineData(PropertyId.UserProperty, 2)] // a pair
    [InlineData(PropertyId.ContentType, 65_536)] // too long
    [InlineData((PropertyId)0x7F, 2)] // no property
    public void PropertyWriter_ImpossibleBytes_ThrowsAndWritesNothing(PropertyId id, int length)
    {
        var writer = new PropertyWriter(new byte[70_000]);
        Exception? thrown = null;
        try { writer.Add(id, new byte[length]); }
        catch (ArgumentException e) { thrown = e; }
        Assert.NotNull(thrown);
        Assert.Equal(0, writer.Length);
    }

    [Theory]
    [InlineData(65_536, 0)]
    [InlineData(0, 65_536)]
    public void PropertyWriter_UserPropertyTooLong_Throws(int nameLength, int valueLength)
    {
        var writer = new PropertyWriter(new byte[140_000]);
        Exception? thrown = null;
        try { writer.AddUserProperty(new byte[nameLength], new byte[valueLength]); }
        catch (ArgumentException e) { thrown = e; }
        Assert.NotNull(thrown);
    }

    [Fact]
    public void PropertyWriter_FullBuffer_ThrowsAndKeepsWhatItHas()
    {
        foreach (int tooShort in new[] { 1, 2, 3, 4, 5, 6 })
        {
            byte[] buffer = new byte[tooShort + 2];
            var writer = new PropertyWriter(buffer);
            writer.Add(PropertyId.PayloadFormatIndicator, 1);
            Exception? thrown = null;
            try
            {
                switch (tooShort)
                {
                    case 1: writer.Add(PropertyId.PayloadFormatIndicator, 0); break;
                    case 2: writer.Add(PropertyId.TopicAlias, 1); break;
                    case 3: writer.Add(PropertyId.SubscriptionIdentifier, 16_384); break;
                    case 4: writer.Add(PropertyId.MessageExpiryInterval, 0); break;
                    case 5: writer.Add(PropertyId.ContentType, "abc"u8); break;
                    default: writer.AddUserProperty("a"u8, "b"u8); break;
                }
            }
            catch (ArgumentException e) { thrown = e; }
            Assert.IsType<ArgumentException>(thrown);
            Assert.Equal(2, writer.Length);
            Assert.Equal([0x01, 0x01, .. new byte[tooShort]], buffer);
        }
    }

    [Fact]
    public void MqttProperties_Lookup_FindsTheFirst()
    {
        var properties = new MqttProperties(Hex.Bytes("26 00 01 'k' 00 01 'v'  23 00 07  1F 00 02 'no'  26 00 01 'k' 00 01 'w'"));
        Assert.Equal(7u, properties.Number(PropertyId.TopicAlias));
        Assert.Null(properties.Number(PropertyId.ReceiveMaximum));
        Assert.True(properties.Bytes(PropertyId.ReasonString).SequenceEqual("no"u8));
        Assert.True(properties.Bytes(PropertyId.ContentType).IsEmpty);
        Assert.True(properties.TryFind(PropertyId.UserProperty, out MqttProperty user));
        Assert.True(user.Name.SequenceEqual("k"u8) && user.Value.SequenceEqual("v"u8));
        Assert.Equal("26 00 01 6B 00 01 76", Hex.Text(user.Encoded));
        Assert.False(properties.IsEmpty);
        Assert.True(default(MqttProperties).IsEmpty);
    }

    // A packet of this type with these properties and else as little as possible.
    private static PacketModel? Read(string packetType, byte[] properties, out Violation? violation)
    {
        PacketEncoder encoder = new PacketEncoder();
        int firstByte;
        switch (packetType)
        {
            case "CONNECT":
                encoder.Prefixed("MQTT").Byte(5).Byte(2).TwoBytes(0).VariableByteInteger(properties.Length).Raw(properties).Prefixed("");
                firstByte = 0x10;
                break;
            case "CONNACK":
                encoder.TwoBytes(0).VariableByteInteger(properties.Length).Raw(properties);
                firstByte = 0x20;
                break;
            default:
                encoder.Prefixed("a").VariableByteInteger(properties.Length).Raw(properties);
                firstByte = 0x30;
                break;
        }
        return PacketModel.Read(encoder.Packet(firstByte), packetType == "CONNECT" ? ProtocolVersion.Unknown : ProtocolVersion.V5, out violation);
    }
}
