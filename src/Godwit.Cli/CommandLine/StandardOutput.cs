// Standard output as it is: .NET's console stream hides that nobody reads any more, and `godwit sub | head -n 1` would never end.
using System.Runtime.InteropServices;

namespace Godwit.Cli.CommandLine;

internal sealed partial class StandardOutput : Stream
{
    private const int Descriptor = 1;
    private const int Interrupted = 4;  // EINTR
    private const int BrokenPipe = 32;  // EPIPE
    private const int TryAgain = 11;    // EAGAIN: somebody has made the terminal non-blocking
    private const short Writable = 4;   // POLLOUT

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Standard output of the process.</summary>
    public static Stream Open() => OperatingSystem.IsLinux() ? new StandardOutput() : Console.OpenStandardOutput();

    /// <exception cref="NobodyReadsException">Whoever reads it has gone.</exception>
    /// <exception cref="IOException">The disk is full, ...</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written = Write(Descriptor, buffer, (nuint)buffer.Length);
            if (written >= 0) buffer = buffer[(int)written..];
            else Recover(Marshal.GetLastPInvokeError());
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Recover(int error)
    {
        var poll = new PollRequest { Descriptor = Descriptor, Events = Writable };
        if (error == TryAgain) _ = Poll(ref poll, 1, -1);
        else if (error == BrokenPipe) throw new NobodyReadsException();
        else if (error != Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest request, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

/// <summary>Whoever reads the output has gone (<c>godwit sub | head -n 1</c>): nothing to complain about, and nowhere to.</summary>
internal sealed class NobodyReadsException() : IOException("Nobody reads the output any more.");
