// Decompresses messages (permessage-deflate, RFC 7692). The messages of one direction are one deflate stream, unless it was agreed that each
// begins anew; of the mark behind each of them the sender leaves out the last four bytes.
using System.IO.Compression;

namespace Godwit.Capture.WebSockets;

internal sealed class MessageInflater(bool keepsContext) : IDisposable
{
    private static readonly byte[] Mark = [0, 0, 0xFF, 0xFF];

    private readonly byte[] _output = new byte[16 * 1024];
    private readonly Source _source = new();
    private DeflateStream? _stream;

    /// <summary>Adds compressed bytes; <see cref="TryRead"/> is then to be called until there is nothing more.</summary>
    public void Add(ReadOnlySpan<byte> bytes) => _source.Add(bytes);

    /// <summary>The message ends here; likewise.</summary>
    public void AddEnd() => _source.Add(Mark);

    /// <summary>The next bytes, valid until the next call.</summary>
    /// <returns>Whether there are any.</returns>
    /// <exception cref="InvalidDataException">This is not compressed data.</exception>
    public bool TryRead(out ReadOnlySpan<byte> bytes)
    {
        _stream ??= new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
        bytes = _output.AsSpan(0, _stream.Read(_output));
        return !bytes.IsEmpty;
    }

    /// <summary>The message is through.</summary>
    public void Finish()
    {
        if (keepsContext) return;
        _stream?.Dispose();
        _stream = null;
    }

    public void Dispose() => _stream?.Dispose();

    // Gives what there is; that it ends does not mean that nothing more comes.
    private sealed class Source : Stream
    {
        private readonly List<byte> _bytes = [];

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _bytes.Count);
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)[..count].CopyTo(buffer);
            _bytes.RemoveRange(0, count);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
