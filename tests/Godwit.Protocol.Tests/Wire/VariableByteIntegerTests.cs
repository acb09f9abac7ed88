// Section 1.5.5; the remaining length of section 2.2.3 in 3.1.1.
using Godwit.Protocol.Tests.Models;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol.Tests.Wire;

public class VariableByteIntegerTests
{
    [Theory]
    // The limits of table 1-1 (2.4 in 3.1.1).
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "80 01")]
    [InlineData(16_383, "FF 7F")]
    [InlineData(16_384, "80 80 01")]
    [InlineData(2_097_151, "FF FF 7F")]
    [InlineData(2_097_152, "80 80 80 01")]
    [InlineData(268_435_455, "FF FF FF 7F")]
    // The examples.
    [InlineData(64, "40")]
    [InlineData(321, "C1 02")]
    public void Value_Encoded_IsAsPrinted(int value, string hex)
    {
        byte[] expected = Hex.Bytes(hex), written = new byte[4];
        Assert.Equal(expected.Length, VariableByteInteger.Size(value));
        Assert.Equal(expected, written[..VariableByteInteger.Write(written, value)]);
        Assert.Equal(expected.Length, VariableByteInteger.Read([.. expected, 0xFF], out int read));
        Assert.Equal(value, read);
        for (int length = 0; length < expected.Length; length++) Assert.Equal(0, VariableByteInteger.Read(expected.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(268_435_456)]
    [InlineData(int.MinValue)]
    public void Write_OutOfRange_Throws(int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => VariableByteInteger.Write(new byte[8], value));

    [Theory]
    [InlineData("80 80 80 80")]
    [InlineData("FF FF FF FF 00")]
    [InlineData("80 80 80 80 01")]
    public void Read_FiveBytes_IsRefused(string hex) => Assert.Equal(-1, VariableByteInteger.Read(Hex.Bytes(hex), out _));

    [Fact]
    public void Read_NeedlessBytes_GivesValueAndLength()
    {
        Assert.Equal(4, VariableByteInteger.Read(Hex.Bytes("81 80 80 00"), out int value));
        Assert.Equal(1, value);
    }

    [Fact]
    public void Value_Random_RoundTripsAsTheSpecificationsAlgorithmEncodes() =>
        RoundTrips.Properties.Hold(FsCheck.Fluent.Gen.Choose(0, VariableByteInteger.MaxValue), 1000, value =>
        {
            byte[] written = new byte[4];
            int length = VariableByteInteger.Write(written, value);
            Assert.Equal(new PacketEncoder().VariableByteInteger(value).Packet(0)[2..], written[..length]);
            Assert.Equal(length, VariableByteInteger.Read(written, out int read));
            Assert.Equal(value, read);
        });
}
