// Where frames come from: a file, standard input, a network interface. Reading is pulling, because only who reads knows when the bytes of the
// last frame are no longer needed; from there on everything is pushed.
namespace Godwit.Capture;

/// <summary>Gives the frames of a capture, one after the other. Not to be used by several threads at once, except <see cref="Stop"/>.</summary>
public abstract class FrameSource : IDisposable
{
    /// <summary>
    /// Gives the next frame, and waits for it if the source is alive. False at the end of the capture; <see cref="Damage"/> then says whether that
    /// is its real end.
    /// </summary>
    /// <exception cref="IOException">Reading failed: the disk, or the network interface has gone.</exception>
    public abstract bool TryRead(out Frame frame);

    /// <summary>The interfaces that are known by now. A file may add some later.</summary>
    public abstract IReadOnlyList<CaptureInterface> Interfaces { get; }

    /// <summary>Who is told what a capture contains beside frames. Default: nobody.</summary>
    public ICaptureNotes? Notes { get; set; }

    /// <summary>Why the capture ended before its end, or null.</summary>
    public CaptureDamage? Damage { get; protected set; }

    /// <summary>How many bytes of the file have been read; of a compressed one, compressed bytes. 0 where there is no file.</summary>
    public virtual long Position => 0;

    /// <summary>How many bytes there are to read in all, or null if nobody knows.</summary>
    public virtual long? Length => null;

    /// <summary>How many frames the capturing system says it has lost, because the capturing program was too slow.</summary>
    public long Dropped { get; protected set; }

    /// <summary>Makes a <see cref="TryRead"/> that waits for the network answer false. May be called by any thread. Files need no such thing; a pipe is waited for until it gives something or ends.</summary>
    public virtual void Stop()
    {
    }

    /// <summary>Closes file or interface.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes file or interface.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>What frames were captured on.</summary>
/// <param name="Link">Its kind of link.</param>
/// <param name="SnapLength">How many bytes of a frame were kept at most; 0 = all.</param>
/// <param name="Name">Its name, if it is known: <c>eth0</c>.</param>
/// <param name="Description">What somebody has called it, if anything.</param>
public sealed record CaptureInterface(LinkType Link, long SnapLength, string? Name = null, string? Description = null);

/// <summary>Where a capture breaks off.</summary>
/// <param name="Offset">The position in the (uncompressed) file at which nothing more could be read, in bytes from 0.</param>
/// <param name="Reason">A sentence without its end that says what is wrong there.</param>
public sealed record CaptureDamage(long Offset, string Reason)
{
    /// <summary>The whole remark.</summary>
    public override string ToString() => $"The capture breaks off at byte {Offset}: {Reason}. Everything before it was read.";
}

/// <summary>Takes what a capture contains beside frames, in the order of the file.</summary>
public interface ICaptureNotes
{
    /// <summary>Secrets that decrypt what follows.</summary>
    /// <param name="type">0x544c534b = a TLS key log, see <see cref="Files.SecretsType"/>.</param>
    /// <param name="secrets">Valid during the call only.</param>
    void OnSecrets(uint type, ReadOnlySpan<byte> secrets);

    /// <summary>A comment about the capture or an interface; those about frames are with them.</summary>
    void OnComment(string comment);

    /// <summary>A live source has waited for a tenth of a second, and nothing has come: time for what else there is to do.</summary>
    void OnSilence() { }
}
