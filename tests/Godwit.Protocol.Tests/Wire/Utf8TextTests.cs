// Section 1.5.4; 1.5.3 in 3.1.1.
using Godwit.Protocol.Wire;

namespace Godwit.Protocol.Tests.Wire;

public class Utf8TextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("41 F0 AA 9B 94")] // figure 1.2: A, U+2A6D4
    [InlineData("EF BB BF")] // U+FEFF
    [InlineData("41 EF BB BF 41")] // U+FEFF within
    [InlineData("01 1F 7F")] // control characters: discouraged, not forbidden
    [InlineData("C2 80 DF BF")] // the first and last of two bytes
    [InlineData("E0 A0 80 EF BF BF")] // the first and last of three bytes; U+FFFF is a non-character, discouraged, not forbidden
    [InlineData("ED 9F BF EE 80 80")] // the neighbours of the surrogates
    [InlineData("F0 90 80 80 F4 8F BF BF")] // the first and last of four bytes
    public void Text_WellFormed_IsAccepted(string hex) => Assert.Null(Utf8Text.Check(Hex.Bytes(hex)));

    [Theory]
    [InlineData("ED A0 80")] // U+D800
    [InlineData("ED BF BF")] // U+DFFF
    [InlineData("ED A0 81 ED B0 80")] // a pair of surrogates (CESU-8)
    [InlineData("C0 80")] // U+0000 overlong
    [InlineData("C1 BF")] // U+007F overlong
    [InlineData("E0 9F BF")] // U+07FF overlong
    [InlineData("F0 8F BF BF")] // U+FFFF overlong
    [InlineData("F4 90 80 80")] // above U+10FFFF
    [InlineData("F8 88 80 80 80")] // five bytes
    [InlineData("80")] // a continuation alone
    [InlineData("41 C3")] // cut off
    [InlineData("E2 82")]
    [InlineData("F0 9F 98")]
    [InlineData("C3 41")]
    [InlineData("FE")]
    [InlineData("FF")]
    [Statement("MQTT-1.5.3-1", "3.1.1")]
    [Statement("MQTT-1.5.4-1", "5.0")]
    public void Text_IllFormed_IsRefused(string hex) => Assert.Same(Violations.IllFormedUtf8, Utf8Text.Check(Hex.Bytes(hex)));

    [Theory]
    [InlineData("00")]
    [InlineData("41 00")]
    [InlineData("C3 84 00 41")]
    [Statement("MQTT-1.5.3-2", "3.1.1")]
    [Statement("MQTT-1.5.4-2", "5.0")]
    public void Text_NullCharacter_IsRefused(string hex) => Assert.Same(Violations.NullCharacter, Utf8Text.Check(Hex.Bytes(hex)));
}
