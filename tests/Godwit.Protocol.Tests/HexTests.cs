namespace Godwit.Protocol.Tests;

public class HexTests
{
    [Fact]
    public void Bytes_CommentsAndQuotations_AreUnderstood() => Assert.Equal(
        new byte[] { 0x10, 0x17, (byte)'#', (byte)' ', 0xC3, 0x84, 0xFF },
        Hex.Bytes("""
            1017     # a comment with 'quotation' and FF
            '# Ä' ff # the end
            """));

    [Theory]
    [InlineData("1")]
    [InlineData("1 0")]
    [InlineData("0x10")]
    [InlineData("'open")]
    public void Bytes_AnythingElse_Throws(string text) => Assert.Throws<FormatException>(() => Hex.Bytes(text));

    [Fact]
    public void Text_Bytes_ArePrintedInPairs() => Assert.Equal("00 0F FF", Hex.Text([0, 15, 255]));
}
