using Godwit.Capture.Dumps;
using Godwit.Capture.Explain;

namespace Godwit.Capture.Tests.Explain;

public class NearestConnectTests
{
    [Theory]
    [InlineData("wrong level", "10 0D 00 04 'MQTT' 06 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("wrong name", "10 0D 00 04 'MQTX' 04 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("small letters", "10 0D 00 04 'mqtt' 04 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("reserved flag", "10 0D 00 04 'MQTT' 04 03 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("fixed header flags", "12 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("will QoS without will", "10 0D 00 04 'MQTT' 04 0A 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("remaining length one short", "10 0C 00 04 'MQTT' 04 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("remaining length one long", "10 0E 00 04 'MQTT' 04 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("client identifier's length one long", "10 0F 00 04 'MQTT' 04 02 00 3C 00 04 'abc'", "10 0F 00 04 'MQTT' 04 02 00 3C 00 03 'abc'")]
    [InlineData("length of one byte", "10 0C 00 04 'MQTT' 04 02 00 3C 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("name's length of one byte", "10 0C 04 'MQTT' 04 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("no property length", "10 0D 00 04 'MQTT' 05 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("user name flag without user name", "10 0D 00 04 'MQTT' 04 82 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("clean session 0 without client identifier", "10 0C 00 04 'MQTT' 04 00 00 3C 00 00", "10 0C 00 04 'MQTT' 04 02 00 3C 00 00")]
    [InlineData("level 3 with the new name", "10 0D 00 04 'MQTT' 03 02 00 3C 00 01 'c'", "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData("level 4 with the old name", "10 0F 00 06 'MQIsdp' 04 02 00 3C 00 01 'c'", "10 0F 00 06 'MQIsdp' 03 02 00 3C 00 01 'c'")]
    [InlineData("wildcard in will topic", "10 13 00 04 'MQTT' 04 06 00 3C 00 01 'c' 00 02 'a+' 00 00", "10 13 00 04 'MQTT' 04 06 00 3C 00 01 'c' 00 02 'a_' 00 00")]
    public void Nearest_OfABrokenConnect_ChangesTheFewestBytes(string what, string broken, string valid)
    {
        NearestPacket? nearest = NearestConnect.Find(Testing.Hex.Bytes(broken));
        Assert.True(nearest is not null, what);
        Assert.Equal(HexText.Write(Testing.Hex.Bytes(valid)), HexText.Write(nearest.Bytes.Span));
    }

    [Fact]
    public void Nearest_EveryBrokenConnect_HasAValidOneNear()
    {
        foreach (GoldenVector vector in GoldenVectors.Malformed.Where(v => v.Bytes[0] >> 4 == 1))
        {
            NearestPacket? nearest = NearestConnect.Find(vector.Bytes);
            Assert.True(nearest is not null, vector.Name);
            Assert.Null(NearestConnect.Find(nearest.Bytes));
            Assert.InRange(nearest.Changes.Count, 1, 6);
        }
    }

    [Fact]
    public void Nearest_Lines_MarkWhatDiffers()
    {
        NearestPacket nearest = NearestConnect.Find(Testing.Hex.Bytes("10 0D 00 04 'MQTT' 06 02 00 3C 00 01 'c'"))!;
        Assert.Equal(
        [
            "is     10 0D 00 04 4D 51 54 54 06 02 00 3C 00 01 63",
            "valid  10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 63",
            "                               ^^",
        ], nearest.Lines);
        Assert.Equal("byte 8 (Protocol Level): 06 -> 04", nearest.Changes.Single().ToString());
    }

    [Fact]
    public void Nearest_ValidOrHopeless_IsNone()
    {
        Assert.Null(NearestConnect.Find(ConnectVectors.PythonTest.Bytes));
        Assert.Null(NearestConnect.Find(Testing.Hex.Bytes("10 04 'abcd'")));
    }
}
