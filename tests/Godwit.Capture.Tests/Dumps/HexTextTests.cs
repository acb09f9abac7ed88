using Godwit.Capture.Dumps;

namespace Godwit.Capture.Tests.Dumps;

public class HexTextTests
{
    private static readonly byte[] Connect = ConnectVectors.PythonTest.Bytes;

    public static TheoryData<string, string> Forms => new()
    {
        { "plain", "10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79 74 68 6f 6e 5f 74 65 73 74" },
        { "run together", "101700044D5154540402003C000B707974686F6E5F74657374" },
        { "colons", "10:17:00:04:4d:51:54:54:04:02:00:3c:00:0b:70:79:74:68:6f:6e:5f:74:65:73:74" },
        { "dashes", "10-17-00-04-4D-51-54-54-04-02-00-3C-00-0B-70-79-74-68-6F-6E-5F-74-65-73-74" },
        { "escapes", @"\x10\x17\x00\x04MQTT\x04\x02\x00<\x00\x0bpython_test" },
        { "C string", """ "\x10\x17\x00\x04MQTT" "\x04\x02\x00\x3c\x00\x0bpython_test" """ },
        { "Python", @"b'\x10\x17\x00\x04MQTT\x04\x02\x00<\x00\x0bpython_test'" },
        { "array", "0x10, 0x17, 0x00, 0x04, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0x0, 0xb, 0x7079, 0x74686f6e5f74657374" },
        { "documented", "10 17 # CONNECT\n00 04 'MQTT' # name\n04 02 00 3C 00 0B 'python_test'" },
        { "C array of Wireshark", """
            /* Frame (25 bytes) */
            static const unsigned char pkt1[25] = {
            0x10, 0x17, 0x00, 0x04, 0x4d, 0x51, 0x54, 0x54, /* ..0x00MQTT */
            0x04, 0x02, 0x00, 0x3c, 0x00, 0x0b, 0x70, 0x79, /* ...<..py */
            0x74, 0x68, 0x6f, 0x6e, 0x5f, 0x74, 0x65, 0x73, /* thon_tes */
            0x74                                            /* t */
            };
            """ },
        { "xxd", """
            00000000: 1017 0004 4d51 5454 0402 003c 000b 7079  ....MQTT...<..py
            00000010: 7468 6f6e 5f74 6573 74                   thon_test
            """ },
        { "hexdump -C", """
            00000000  10 17 00 04 4d 51 54 54  04 02 00 3c 00 0b 70 79  |....MQTT...<..py|
            00000010  74 68 6f 6e 5f 74 65 73  74                       |thon_test|
            00000019
            """ },
        { "Wireshark", """
            0000   10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79   ....MQTT...<..py
            0010   74 68 6f 6e 5f 74 65 73 74                        thon_test
            """ },
        { "tshark -x", """
            0000  10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79   ....MQTT...<..py
            0010  74 68 6f 6e 5f 74 65 73 74                        thon_test
            """ },
        { "tcpdump -X", "12:00:00.000000 IP 127.0.0.1.40000 > 127.0.0.1.1883: Flags [P.]\n\t0x0000:  1017 0004 4d51 5454 0402 003c 000b 7079  ....MQTT...<..py\n\t0x0010:  7468 6f6e 5f74 6573 74                   thon_test" },
        { "od", "0000000 10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79\n0000020 74 68 6f 6e 5f 74 65 73 74\n0000031" },
        { "od with characters", "000000 10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79  >....MQTT...<..py<\n000010 74 68 6f 6e 5f 74 65 73 74  >thon_test<" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Text_OfEveryForm_GivesTheBytes(string form, string text)
    {
        Assert.True(HexText.TryParse(text, out byte[] bytes, out HexTextError? error), $"{form}: {error}");
        Assert.Equal(HexText.Write(Connect), HexText.Write(bytes));
    }

    [Fact]
    public void Dump_CharactersThatLookLikeDigits_AreNotBytes()
    {
        Assert.True(HexText.TryParse("00000000: 3003 0001 61                             be 2024 ad", out byte[] bytes, out _));
        Assert.Equal("30 03 00 01 61", HexText.Write(bytes));
    }

    [Fact]
    public void Dump_RepeatedLines_AreFilledIn()
    {
        const string text = "00000000  41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41  |AAAAAAAAAAAAAAAA|\n*\n00000030  42                                                |B|\n00000031";
        Assert.True(HexText.TryParse(text, out byte[] bytes, out _));
        Assert.Equal(49, bytes.Length);
        Assert.Equal((byte)'B', bytes[48]);
    }

    [Theory]
    [InlineData("10 17 0g 04", "line 1, column 7: '0g' has an odd number of digits")]
    [InlineData("10 17\n00 xyz", "line 2, column 4: 'xyz' is not hexadecimal")]
    [InlineData("10 1", "line 1, column 4: '1' has an odd number of digits")]
    [InlineData(@"\x10\xg1", "line 1, column 5: '\\xg1' is not an escape")]
    [InlineData("0x10, 0x1x", "line 1, column 7: '0x1x' is not a byte")]
    [InlineData("10 'abc", "line 1, column 4: a quotation begins")]
    [InlineData("00000000: 1017\n00000010: 0004", "line 2, column 1: the offset is 0x00000010, but 2 bytes (0x2) stand in front of it")]
    public void Text_ThatIsWrong_IsRefusedWithItsPlace(string text, string expected)
    {
        Assert.False(HexText.TryParse(text, out _, out HexTextError? error));
        Assert.StartsWith(expected, error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Frame_CopiedWhole_BeginsWithHeaders()
    {
        byte[] ip = Testing.Hex.Bytes("45 00 00 2C 00 01 00 00 40 06 00 00 7F 00 00 01 7F 00 00 01  9C 40 07 5B 00 00 00 01 00 00 00 01 50 18 02 00 00 00 00 00  C0 00 D0 00");
        Assert.Equal(40, LowerLayers.HeaderLength(ip));
        Assert.Equal(54, LowerLayers.HeaderLength([.. Testing.Hex.Bytes("00 00 00 00 00 00 00 00 00 00 00 00 08 00"), .. ip]));
        Assert.Equal(0, LowerLayers.HeaderLength(Connect));
        Assert.All(GoldenVectors.All, vector => Assert.Equal(0, LowerLayers.HeaderLength(vector.Bytes)));
    }

    [Fact]
    public void Text_Random_NeverThrows()
    {
        var random = new Random(7);
        const string alphabet = "0123456789abcdefx\\'\" :,-\n*|b{}/#";
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            Assert.Equal(HexText.TryParse(text, out _, out HexTextError? error), error is null);
        }
    }
}
