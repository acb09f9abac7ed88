using System.IO.Compression;
using System.IO.Pipes;
using System.Text;
using Godwit.Capture.Files;

namespace Godwit.Capture.Tests.Files;

public class CaptureFileTests
{
    [Theory]
    [InlineData(false, 0xa1b2c3d4, 1_500_000_500_000_000)]
    [InlineData(true, 0xa1b2c3d4, 1_500_000_500_000_000)]
    [InlineData(false, 0xa1b23c4d, 1_500_000_000_500_000)]
    [InlineData(true, 0xa1b23c4d, 1_500_000_000_500_000)]
    public void Pcap_OfEachKind_GivesItsFrames(bool isBig, uint magic, long time)
    {
        // The link type's upper bits say something about frame check sequences.
        byte[] file = new CaptureBytes(isBig).PcapHeader(magic, 0xf000_0001).PcapRecord(1_500_000, 500_000, [1, 2, 3], 90).PcapRecord(1_500_001, 0, []).ToArray();

        Assert.Equal([$"1 {time} Ethernet 0 010203/90 ", "2 1500001000000000 Ethernet 0 /0 "], Read(file, out FrameSource source));
        Assert.Null(source.Damage);
        Assert.Equal(new CaptureInterface(LinkType.Ethernet, 262_144), Assert.Single(source.Interfaces));
    }

    [Fact]
    public void Pcap_OfTheModifiedKind_HasLongerRecords()
    {
        byte[] file = new CaptureBytes(false).PcapHeader(0xa1b2cd34, 101).U32(1).U32(2).U32(3).U32(3).U64(0).Raw([7, 8, 9]).ToArray();

        Assert.Equal(["1 1000002000 Raw 0 070809/3 "], Read(file, out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pcapng_WithEverything_GivesItsFrames(bool isBig)
    {
        CaptureBytes Options() => new(isBig);
        byte[] file = new CaptureBytes(isBig)
            .Section(Options().Option(1, "whole"u8).U32(0).ToArray())
            .Interface(1, 4, Options().Option(2, "eth0"u8).Option(9, [9]).Option(1, "mirror"u8).ToArray())
            .Interface(101, 0, Options().Option(9, [0x8a]).Option(14, Options().U64(100).ToArray()).ToArray()) // 1/1024 s, 100 s to be added
            .Block(4, Options().U32(0)) // names
            .Packet(0, 5_000_000_001, [1, 2, 3], Options().Option(2, [0, 0, 0, 0]).Option(1, "first"u8).U32(0).ToArray())
            .Packet(1, 1536, [4])
            .Block(3, Options().U32(9).Raw([5, 6, 7, 8])) // simple: cut at the first interface's snap length
            .Block(2, Options().U16(1).U16(77).U32(0).U32(1024).U32(2).U32(2).Raw([9, 9])) // obsolete
            .Block(10, Options().U32(SecretsType.TlsKeyLog).U32(5).Raw("keys\n"u8))
            .Block(0x0bad_cafe, Options().Raw("who knows"u8))
            .Block(5, Options().U32(0).U64(0).Option(5, Options().U64(3).ToArray()).Option(7, Options().U64(4).ToArray()).U32(0))
            .ToArray();
        var notes = new Notes();

        Assert.Equal(
            [
                "1 5000000001 Ethernet 0 010203/3 first",
                "2 101500000000 Raw 1 04/1 ",
                "3 101500000000 Ethernet 0 05060708/9 ",
                "4 101000000000 Raw 1 0909/2 ",
            ], Read(file, out FrameSource source, notes));
        Assert.Null(source.Damage);
        Assert.Equal(7, source.Dropped);
        Assert.Equal(["whole", "mirror", "544C534B keys\n"], notes.All);
        Assert.Equal("eth0", source.Interfaces[0].Name);
    }

    [Fact]
    public void Pcapng_OfSeveralSections_HasInterfacesOfEach()
    {
        byte[] file = [
            .. new CaptureBytes(false).Section().Interface(1).Packet(0, 1, [1]).ToArray(),
            .. new CaptureBytes(true).Section().Interface(101).Packet(0, 2, [2]).ToArray()];

        Assert.Equal(["1 1000 Ethernet 0 01/1 ", "2 2000 Raw 1 02/1 "], Read(file, out _));
    }

    [Fact]
    public void Writer_WhatItWrites_IsReadBack()
    {
        using var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true, comment: "ours"))
        {
            int ethernet = writer.AddInterface(LinkType.Ethernet, "eth0", "the first", 96), raw = writer.AddInterface(LinkType.Raw);
            writer.WriteSecrets(SecretsType.TlsKeyLog, "keys"u8);
            writer.WriteFrame(raw, 1_700_000_000_123_456_789, [1, 2, 3, 4, 5], 1000, "größer");
            writer.WriteFrame(ethernet, 1_700_000_000_123_456_790, new byte[200_000]);
        }
        var notes = new Notes();

        List<string> frames = Read(stream.ToArray(), out FrameSource source, notes);

        Assert.Equal("1 1700000000123456789 Raw 1 0102030405/1000 größer", frames[0]);
        Assert.StartsWith("2 1700000000123456790 Ethernet 0 0000", frames[1], StringComparison.Ordinal);
        Assert.Equal(["ours", "544C534B keys"], notes.All);
        Assert.Equal([new CaptureInterface(LinkType.Ethernet, 96, "eth0", "the first"), new CaptureInterface(LinkType.Raw, 0)], source.Interfaces);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Gzip_OfSeveralMembers_IsReadAsOne(int members)
    {
        byte[] file = Samples.Pcapng;
        var compressed = new MemoryStream();
        for (int i = 0; i < members; i++)
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(file.AsSpan(i * file.Length / members, (i + 1) * file.Length / members - i * file.Length / members));

        List<string> frames = Read(compressed.ToArray(), out FrameSource source);

        Assert.Equal(Read(file, out _), frames);
        Assert.Null(source.Damage);
        Assert.Equal(compressed.Length, source.Position);
        Assert.Equal(compressed.Length, source.Length);
    }

    [Fact]
    public void Gzip_CutOff_GivesWhatWasThereAndSaysSo()
    {
        byte[] file = Samples.Compress(Samples.Pcap);
        List<string> all = Read(Samples.Pcap, out _);
        int silent = 0;

        for (int length = file.Length / 2; length < file.Length; length++)
        {
            List<string> frames = Read(file[..length], out FrameSource source);
            Assert.Equal(all.Take(frames.Count), frames);
            if (source.Damage is null) silent++;
        }

        // Nobody notices a cut at the end of a record, or in the eight bytes of the checksum.
        Assert.InRange(silent, 0, all.Count + 8);
    }

    [Fact]
    public void Gzip_Damaged_SaysSo()
    {
        byte[] file = Samples.Compress(Samples.Pcapng);
        file[^5] ^= 1; // of the checksum

        List<string> frames = Read(file, out FrameSource source);

        Assert.Equal("the compressed data is damaged", source.Damage!.Reason);
        Assert.NotEmpty(frames);
    }

    [Theory]
    [InlineData("pcap")]
    [InlineData("pcapng")]
    public void File_CutOffAnywhere_GivesWhatWasThereAndSaysWhere(string kind)
    {
        byte[] file = kind == "pcap" ? Samples.Pcap : Samples.Pcapng;
        List<string> all = Read(file, out _);
        int whole = 0, damaged = 0;

        for (int length = 28; length < file.Length; length++)
        {
            List<string> frames = Read(file[..length], out FrameSource source);
            Assert.Equal(all.Take(frames.Count), frames);
            if (source.Damage is not { } damage)
            {
                whole++;
                continue;
            }
            damaged++;
            Assert.InRange(damage.Offset, 0, length - 1);
            Assert.Contains($"at byte {damage.Offset}", damage.ToString(), StringComparison.Ordinal);
        }

        Assert.True(whole >= all.Count - 1 && damaged > whole, $"{whole} cuts between records, {damaged} within");
    }

    [Fact]
    public void Pcap_RecordOfImpossibleLength_EndsTheCapture()
    {
        byte[] file = new CaptureBytes(false).PcapHeader(0xa1b2c3d4, 1).PcapRecord(1, 1, [1]).U32(1).U32(1).U32(0x7fff_ffff).U32(1).Raw(new byte[100]).ToArray();

        Assert.Single(Read(file, out FrameSource source));
        Assert.Equal("The capture breaks off at byte 41: a record says that it has 2147483647 bytes, which no frame has. Everything before it was read.", source.Damage!.ToString());
    }

    [Theory]
    [InlineData("unequal", "the lengths at the two ends of a block differ")]
    [InlineData("interface", "a block of type 6 contradicts itself")]
    [InlineData("huge", "a block says that it has 4294967292 bytes, which cannot be")]
    public void Pcapng_ThatContradictsItself_EndsThere(string kind, string reason)
    {
        CaptureBytes file = new CaptureBytes(false).Section().Interface(1).Packet(0, 1, [1]);
        int offset = file.ToArray().Length;
        if (kind == "unequal") file.U32(99).U32(16).U32(0).U32(20);
        else if (kind == "interface") file.Packet(1, 1, [1]);
        else file.U32(6).U32(0xffff_fffc).U32(0);

        Assert.Single(Read(file.ToArray(), out FrameSource source));
        Assert.Equal(new CaptureDamage(offset, reason), source.Damage);
    }

    [Theory]
    [InlineData("2024-01-01 12:00 client connected\nand so on\n", "it is text: \"2024-01-01 12:00 client connected\"")]
    [InlineData("0000  10 17 00 04 4d 51 54 54\n", "it is a hex dump as text, which text2pcap makes a capture of: \"0000  10 17 00 04 4d 51 54 54\"")]
    [InlineData("{ \"a\": 1 }", "it is JSON: \"{ \"a\": 1 }\"")]
    [InlineData("<?xml version=\"1.0\"?>", "it is XML or HTML: \"<?xml version=\"1.0\"?>\"")]
    [InlineData("", "This file is empty.")]
    [InlineData("PK\u0003\u0004....", "a ZIP archive")]
    [InlineData("snoop\0\0\0", "a capture of snoop. Convert it: editcap FILE NEW.pcapng")]
    [InlineData("\u0001\u0002\u0003", "it begins with 010203")]
    public void File_NoCapture_SaysWhatItIs(string content, string expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(content);

        Assert.Contains(expected, Assert.Throws<CaptureFormatException>(() => Read(bytes, out _)).Message, StringComparison.Ordinal);
        if (bytes.Length == 0) return;
        string inside = Assert.Throws<CaptureFormatException>(() => Read(Samples.Compress(bytes), out _)).Message;
        Assert.Contains(expected, inside, StringComparison.Ordinal);
        Assert.StartsWith("What is inside this gzip file", inside, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipe_FramesThatAreThere_ComeAtOnce()
    {
        using var writing = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reading = new AnonymousPipeClientStream(PipeDirection.In, writing.ClientSafePipeHandle);
        byte[] header = new CaptureBytes(false).PcapHeader(0xa1b2c3d4, 1).ToArray(), record = new CaptureBytes(false).PcapRecord(1, 2, [1, 2, 3]).ToArray();

        // Each step would wait for ever if more were read than is needed.
        writing.Write(header);
        using FrameSource source = await Task.Run(() => CaptureFile.Open(reading)).WaitAsync(TimeSpan.FromSeconds(10));
        for (int i = 1; i <= 3; i++)
        {
            writing.Write(record);
            long number = await Task.Run(() => source.TryRead(out Frame frame) ? frame.Number : 0).WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal(i, number);
        }
        writing.Dispose();
        Assert.False(source.TryRead(out _));
    }

    [Fact]
    public void Run_Cancelled_CompletesWhatWasRead()
    {
        using FrameSource source = CaptureFile.Open(new MemoryStream(Samples.Pcap));
        var streams = new Tcp.RecordedStreams();
        var feed = new FrameFeed(streams);

        feed.Run(source, cancellation: new CancellationToken(true));

        Assert.Equal(0, feed.Counters.Frames);
    }

    private static List<string> Read(byte[] file, out FrameSource source, ICaptureNotes? notes = null)
    {
        source = CaptureFile.Open(new MemoryStream(file));
        source.Notes = notes;
        var frames = new List<string>();
        while (source.TryRead(out Frame frame))
            frames.Add($"{frame.Number} {frame.Time} {frame.Link} {frame.Interface} {Convert.ToHexString(frame.Bytes)}/{frame.OriginalLength} {Encoding.UTF8.GetString(frame.Comment)}");
        Assert.False(source.TryRead(out _));
        source.Dispose();
        return frames;
    }

    private sealed class Notes : ICaptureNotes
    {
        public List<string> All { get; } = [];

        public void OnSecrets(uint type, ReadOnlySpan<byte> secrets) => All.Add($"{type:X} {Encoding.UTF8.GetString(secrets)}");

        public void OnComment(string comment) => All.Add(comment);
    }
}
