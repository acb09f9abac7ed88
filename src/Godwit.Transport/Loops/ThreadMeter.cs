using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Transport;

/// <summary>Reads how the calling thread fares at the processors. Linux tells it in schedstat (kernel documentation, sched-stats).</summary>
internal sealed class ThreadMeter : IDisposable
{
    private const string Path = "/proc/thread-self/schedstat";

    private readonly SafeFileHandle _file = File.OpenHandle(Path);
    private readonly byte[] _text = new byte[96];

    /// <summary>Whether the system tells.</summary>
    public static bool IsAvailable => OperatingSystem.IsLinux() && File.Exists(Path);

    /// <summary>Nanoseconds that the thread has run, and that it could have run but had to wait for a processor.</summary>
    public (long Ran, long Delayed) Read()
    {
        ReadOnlySpan<byte> text = _text.AsSpan(0, RandomAccess.Read(_file, _text, 0));
        return (Next(ref text), Next(ref text));
    }

    public void Dispose() => _file.Dispose();

    private static long Next(ref ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out long value, out int length)) return 0;
        text = text[Math.Min(length + 1, text.Length)..];
        return value;
    }
}
