// Secrets of TLS connections in the format that browsers and libraries write for SSLKEYLOGFILE (RFC 9850):
//
//   CLIENT_TRAFFIC_SECRET_0 <client random, 32 bytes in hex> <secret in hex>
//
// Lines of other kinds are skipped, as is what makes no sense: the file may be shared by programs that write different things.
using System.Buffers.Binary;

namespace Godwit.Capture.Tls;

/// <summary>Secrets of TLS connections, from a file that may still grow or from a capture.</summary>
public sealed class TlsKeyLog
{
    private const int RandomLength = 32, LongestSecret = 64, LongestLine = 512, PieceLength = 64 * 1024;

    private readonly Dictionary<SecretKey, byte[]> _secrets = [];
    private readonly Queue<SecretKey> _order = [];
    private readonly string? _file;
    private byte[] _partial = [];
    private long _read;

    /// <summary>No file: secrets come by <see cref="Add"/> only.</summary>
    public TlsKeyLog()
    {
    }

    /// <summary>The secrets of a file. It need not exist yet, and is read on as it grows (<see cref="Refresh"/>).</summary>
    public TlsKeyLog(string file)
    {
        _file = file;
        Refresh();
    }

    /// <summary>How many secrets are kept; beyond it the oldest are forgotten. Default 500,000, some 100 MB: those of 100,000 connections.</summary>
    public int Capacity { get; init; } = 500_000;

    /// <summary>How many secrets are there.</summary>
    public int Count => _secrets.Count;

    /// <summary>How many lines made no sense.</summary>
    public long BadLines { get; private set; }

    /// <summary>Why the file cannot be read at the moment, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether secrets that are missing may still come.</summary>
    internal bool MayGrow => _file is not null;

    /// <summary>Reads what has been added to the file; without a file, or if nothing was, it costs next to nothing.</summary>
    public void Refresh()
    {
        if (_file is null) return;
        try
        {
            var file = new FileInfo(_file);
            if (!file.Exists)
            {
                Problem = $"The key log {_file} does not exist (yet).";
                return;
            }
            if (file.Length == _read) return;
            if (file.Length < _read) (_read, _partial) = (0, []); // somebody has begun a new one
            ReadOn();
            Problem = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Problem = $"The key log {_file} cannot be read: {exception.Message}";
        }
    }

    /// <summary>Adds the secrets in a text of whole lines.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            AddLine(end < 0 ? text : text[..end]);
            text = end < 0 ? default : text[(end + 1)..];
        }
    }

    /// <summary>The secret of a connection; null if it is not there.</summary>
    internal byte[]? Find(SecretLabel label, ReadOnlySpan<byte> clientRandom) => _secrets.GetValueOrDefault(new SecretKey(label, clientRandom));

    private void ReadOn()
    {
        using var stream = new FileStream(_file!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = _read;
        var buffer = new byte[PieceLength];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            _read += count;
            ReadOnlySpan<byte> text = buffer.AsSpan(0, count);
            int end = text.LastIndexOf((byte)'\n') + 1;
            if (end == 0)
            {
                _partial = _partial.Length + text.Length > LongestLine ? [] : [.. _partial, .. text];
                continue;
            }
            if (_partial.Length > 0)
            {
                int first = text.IndexOf((byte)'\n') + 1;
                AddLine([.. _partial, .. text[..(first - 1)]]);
                Add(text[first..end]);
            }
            else Add(text[..end]);
            _partial = text.Length - end > LongestLine ? [] : text[end..].ToArray();
        }
    }

    private void AddLine(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\r"u8);
        if (line.IsEmpty || line[0] == '#') return;
        int first = line.IndexOf((byte)' '), second = first < 0 ? -1 : first + 1 + line[(first + 1)..].IndexOf((byte)' ');
        Span<byte> random = stackalloc byte[RandomLength], secret = stackalloc byte[LongestSecret];
        if (second <= first)
        {
            BadLines++;
            return;
        }
        SecretLabel label = LabelOf(line[..first]);
        if (label == SecretLabel.None) return;
        if (!TryReadHex(line[(first + 1)..second], random, out int randomLength) || randomLength != RandomLength
            || !TryReadHex(line[(second + 1)..], secret, out int length) || length < RandomLength)
        {
            BadLines++;
            return;
        }
        var key = new SecretKey(label, random);
        if (_secrets.TryAdd(key, secret[..length].ToArray())) _order.Enqueue(key);
        if (_order.Count > Capacity) _secrets.Remove(_order.Dequeue());
    }

    private static bool TryReadHex(ReadOnlySpan<byte> text, Span<byte> target, out int length)
    {
        length = text.Length / 2;
        return text.Length % 2 == 0 && length <= target.Length && Convert.FromHexString(text, target, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    private static SecretLabel LabelOf(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("CLIENT_RANDOM"u8)) return SecretLabel.Master;
        if (word.SequenceEqual("CLIENT_HANDSHAKE_TRAFFIC_SECRET"u8)) return SecretLabel.ClientHandshake;
        if (word.SequenceEqual("SERVER_HANDSHAKE_TRAFFIC_SECRET"u8)) return SecretLabel.ServerHandshake;
        if (word.SequenceEqual("CLIENT_TRAFFIC_SECRET_0"u8)) return SecretLabel.ClientTraffic;
        return word.SequenceEqual("SERVER_TRAFFIC_SECRET_0"u8) ? SecretLabel.ServerTraffic : SecretLabel.None;
    }

    private readonly record struct SecretKey(SecretLabel Label, ulong A, ulong B, ulong C, ulong D)
    {
        public SecretKey(SecretLabel label, ReadOnlySpan<byte> random) : this(
            label,
            BinaryPrimitives.ReadUInt64LittleEndian(random),
            BinaryPrimitives.ReadUInt64LittleEndian(random[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(random[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(random[24..]))
        {
        }
    }
}

/// <summary>What a secret is for.</summary>
internal enum SecretLabel : byte
{
    /// <summary>Nothing that is needed here.</summary>
    None,

    /// <summary>The master secret of TLS 1.2.</summary>
    Master,

    /// <summary>TLS 1.3: what the client sends in the handshake.</summary>
    ClientHandshake,

    /// <summary>TLS 1.3: what the server sends in the handshake.</summary>
    ServerHandshake,

    /// <summary>TLS 1.3: what the client sends from the end of the handshake on.</summary>
    ClientTraffic,

    /// <summary>TLS 1.3: what the server sends from the end of the handshake on.</summary>
    ServerTraffic,
}
