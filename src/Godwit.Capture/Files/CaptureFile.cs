// The way in for files: what kind of file it is, is seen by its first bytes and not by its name.
using System.IO.Compression;

namespace Godwit.Capture.Files;

/// <summary>Opens captures: pcap and pcapng of any byte order and resolution, also compressed with gzip.</summary>
public static class CaptureFile
{
    /// <summary>Opens a file, or standard input.</summary>
    /// <param name="path">Its path; <c>-</c> = standard input, whose frames are given as soon as they come.</param>
    /// <exception cref="CaptureFormatException">It is no capture.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FrameSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path == "-") return Open(Console.OpenStandardInput());
        // The window has a buffer of its own.
        return Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan));
    }

    /// <summary>Reads a capture from a stream, from where that stands. The stream is closed with the source, or if it is no capture.</summary>
    /// <exception cref="CaptureFormatException">It is no capture.</exception>
    public static FrameSource Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            long? length = stream.CanSeek ? stream.Length - stream.Position : null;
            var window = new InputWindow(stream);
            InputWindow? compressed = null;
            if (window.Peek(2) is [0x1f, 0x8b])
            {
                compressed = window;
                window = new InputWindow(new GZipStream(new WindowStream(compressed), CompressionMode.Decompress), largestRead: 512);
            }
            FrameReader reader = (FrameReader?)PcapReader.Recognise(window) ?? PcapngReader.Recognise(window) ?? throw ForeignFile.Describe(window, compressed is not null);
            reader.Measure(length, compressed);
            return reader;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What a window shows, as a stream: for the decompression, which begins behind bytes that have been looked at.</summary>
    private sealed class WindowStream(InputWindow window) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(Span<byte> buffer) => window.Read(buffer);
        public override int Read(byte[] buffer, int offset, int count) => window.Read(buffer.AsSpan(offset, count));
        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) window.Dispose();
            base.Dispose(disposing);
        }
    }
}
