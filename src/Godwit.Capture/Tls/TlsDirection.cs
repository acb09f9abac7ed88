// What is known about one direction of a TLS connection: where its records are, and by which keys they are opened.
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tls;

internal sealed class TlsDirection(Side side, LayerBytes bytes) : IDisposable
{
    public Side Side => side;

    public LayerBytes Bytes => bytes;

    public RecordAssembler Records { get; } = new();

    public HandshakeReader Handshake { get; } = new();

    /// <summary>Records that wait for secrets, or for the other end's hello.</summary>
    public Queue<(byte[] Record, Arrival At)> Waiting { get; } = [];

    /// <summary>Whether records are encrypted from here on.</summary>
    public bool IsProtected { get; set; }

    /// <summary>TLS 1.3: whether they are those of the handshake, which has keys of its own.</summary>
    public bool IsInHandshake { get; set; } = true;

    /// <summary>The keys; null if they are to be looked up.</summary>
    public RecordProtection? Protection { get; private set; }

    /// <summary>TLS 1.3: the secret that the keys come from.</summary>
    public byte[]? Secret { get; private set; }

    /// <summary>How many records have been opened with these keys.</summary>
    public ulong Sequence { get; set; }

    /// <summary>Records that could not be opened, and perhaps need not.</summary>
    public int Unopened { get; set; }

    /// <summary>Whether this end has said that it is through with the handshake.</summary>
    public bool HasFinished { get; set; }

    /// <summary>Whether this end has sent an encrypted record.</summary>
    public bool HasEncrypted { get; set; }

    /// <summary>Whether there is nothing more to be had from this direction.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether this direction has ended.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Looks for records behind a gap; null if there is none.</summary>
    public RecordSearch? Search { get; set; }

    /// <summary>Goes through records that nobody can open; null as long as there is hope.</summary>
    public RecordCounter? Counter { get; private set; }

    /// <summary>Takes the keys that were looked up.</summary>
    public void Use(RecordProtection? protection, byte[]? secret = null)
    {
        Protection?.Dispose();
        (Protection, Secret) = (protection, secret);
    }

    /// <summary>Other keys hold from the next record on; they are to be looked up.</summary>
    public void ChangeKeys()
    {
        Use(null);
        Sequence = 0;
        Handshake.Restart();
    }

    /// <summary>Nothing will be opened any more: gives up what is kept.</summary>
    /// <returns>The records that waited and the beginning of the one that has begun, which go to <see cref="Counter"/>.</returns>
    public byte[] Seal()
    {
        byte[] rest = [.. Waiting.SelectMany(waiting => waiting.Record), .. Records.Begun];
        Counter = new RecordCounter(Records.HoleLeft);
        Dispose();
        return rest;
    }

    public void Dispose()
    {
        Waiting.Clear();
        Records.Dispose();
        Protection?.Dispose();
        Protection = null;
        Search = null;
    }
}
