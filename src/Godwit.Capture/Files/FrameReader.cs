namespace Godwit.Capture.Files;

/// <summary>What the readers of both formats have in common: the window on the file, and how a file ends too early.</summary>
internal abstract class FrameReader(InputWindow window) : FrameSource
{
    /// <summary>The most that a frame or block may have, in bytes. Far beyond what links carry; more is a sign of damage, and is not to be allocated.</summary>
    protected const int LargestFrame = 16 * 1024 * 1024;

    private InputWindow? _compressed;
    private long? _length;

    public sealed override long Position => (_compressed ?? window).Position;

    public sealed override long? Length => _length;

    /// <summary>How many frames have been given.</summary>
    protected long Frames { get; set; }

    protected InputWindow Window => window;

    /// <summary>Says what progress is measured by.</summary>
    /// <param name="length">The file's length, if it has one.</param>
    /// <param name="compressed">The window on the compressed file behind this one's, if there is one.</param>
    public void Measure(long? length, InputWindow? compressed) => (_length, _compressed) = (length, compressed);

    /// <summary>Nothing more can be read: it is damaged here.</summary>
    protected bool Breaks(string reason)
    {
        Damage = new CaptureDamage(window.Offset, reason);
        return false;
    }

    /// <summary>The file is at its end, which is in order if nothing has begun.</summary>
    /// <param name="left">How many bytes there are still.</param>
    /// <param name="reason">What is wrong if there are some.</param>
    protected bool EndsWith(int left, string reason) =>
        window.IsDamaged ? Breaks("the compressed data is damaged") : left > 0 && Breaks($"{reason} after {left} bytes");

    /// <summary>Some programs write 0, or nonsense, as the length on the link.</summary>
    protected static int OriginalLength(uint captured, uint original) => (int)Math.Clamp(original, captured, int.MaxValue);

    protected sealed override void Dispose(bool disposing)
    {
        if (disposing) window.Dispose();
    }
}
