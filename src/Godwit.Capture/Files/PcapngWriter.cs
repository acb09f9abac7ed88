// Writes pcapng: one section, nanoseconds, little-endian. The format is drawn in PcapngReader.cs.
using System.Buffers.Binary;
using System.Text;

namespace Godwit.Capture.Files;

/// <summary>Writes a capture that Wireshark and others can open. Not to be used by several threads at once.</summary>
public sealed class PcapngWriter : IDisposable
{
    private const int FlushAt = 64 * 1024, MaxText = ushort.MaxValue - 3;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private byte[] _buffer = new byte[2 * FlushAt];
    private int _used, _blockStart, _interfaces;

    /// <summary>Begins a capture.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="leaveOpen">Whether the stream stays open when this is disposed of.</param>
    /// <param name="comment">What there is to say about the capture as a whole.</param>
    public PcapngWriter(Stream stream, bool leaveOpen = false, string? comment = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (_stream, _leaveOpen) = (stream, leaveOpen);
        Begin(BlockType.Section);
        UInt32(0x1a2b3c4d);
        UInt16(1);
        UInt16(0);
        UInt64(ulong.MaxValue); // the section's length: unknown
        Option(OptionCode.Comment, comment);
        Option(OptionCode.SectionApplication, "godwit");
        UInt32(OptionCode.End);
        End();
    }

    /// <summary>Adds an interface, and gives its index for <see cref="WriteFrame"/>.</summary>
    /// <param name="link">Its kind of link.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">What somebody would call it.</param>
    /// <param name="snapLength">How many bytes of a frame are kept at most; 0 = all.</param>
    public int AddInterface(LinkType link, string? name = null, string? description = null, int snapLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(snapLength);
        Begin(BlockType.Interface);
        UInt16((ushort)link);
        UInt16(0);
        UInt32((uint)snapLength);
        Option(OptionCode.InterfaceName, name);
        Option(OptionCode.InterfaceDescription, description);
        Option(OptionCode.TimeResolution, [9]);
        UInt32(OptionCode.End);
        End();
        return _interfaces++;
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="interfaceIndex">What <see cref="AddInterface"/> has given.</param>
    /// <param name="time">Nanoseconds since 1970-01-01 00:00 UTC.</param>
    /// <param name="bytes">What there is of it.</param>
    /// <param name="originalLength">How many bytes it had on the link; 0 = those are all.</param>
    /// <param name="comment">What there is to say about it.</param>
    public void WriteFrame(int interfaceIndex, long time, ReadOnlySpan<byte> bytes, int originalLength = 0, string? comment = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)interfaceIndex, (uint)_interfaces);
        Begin(BlockType.EnhancedPacket);
        UInt32((uint)interfaceIndex);
        UInt32((uint)(time >> 32));
        UInt32((uint)time);
        UInt32((uint)bytes.Length);
        UInt32((uint)Math.Max(originalLength, bytes.Length));
        Bytes(bytes);
        if (comment is not null)
        {
            Option(OptionCode.Comment, comment);
            UInt32(OptionCode.End);
        }
        End();
    }

    /// <summary>Writes secrets that decrypt what follows.</summary>
    /// <param name="type">See <see cref="SecretsType"/>.</param>
    /// <param name="secrets">The secrets.</param>
    public void WriteSecrets(uint type, ReadOnlySpan<byte> secrets)
    {
        Begin(BlockType.Secrets);
        UInt32(type);
        UInt32((uint)secrets.Length);
        Bytes(secrets);
        End();
    }

    /// <summary>Hands everything over to the stream: whoever reads along sees it.</summary>
    public void Flush()
    {
        HandOver();
        _stream.Flush();
    }

    /// <summary>Hands everything over, and closes the stream unless it is to be left open.</summary>
    public void Dispose()
    {
        Flush();
        if (!_leaveOpen) _stream.Dispose();
    }

    private void Begin(uint type)
    {
        _blockStart = _used;
        UInt32(type);
        UInt32(0); // the length, as soon as it is known
    }

    private void End()
    {
        uint length = (uint)(_used - _blockStart + 4);
        UInt32(length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_blockStart + 4), length);
        if (_used >= FlushAt) HandOver();
    }

    private void HandOver()
    {
        _stream.Write(_buffer, 0, _used);
        _used = 0;
    }

    private void Option(int code, string? text)
    {
        if (text is null) return;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Option(code, bytes.AsSpan(0, Math.Min(bytes.Length, MaxText)));
    }

    private void Option(int code, ReadOnlySpan<byte> value)
    {
        UInt16((ushort)code);
        UInt16((ushort)value.Length);
        Bytes(value);
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        int padded = PcapngOptions.Padded(bytes.Length);
        Span<byte> target = Take(padded);
        bytes.CopyTo(target);
        target[bytes.Length..].Clear();
    }

    private void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    private void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    private void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _used < count) Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _used + count));
        Span<byte> taken = _buffer.AsSpan(_used, count);
        _used += count;
        return taken;
    }
}
