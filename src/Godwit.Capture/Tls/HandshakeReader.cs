// Puts handshake messages together: type, three bytes of length, body. They may be spread over records, or share one.
namespace Godwit.Capture.Tls;

internal enum HandshakeType : byte
{
    ClientHello = 1,
    ServerHello = 2,
    EncryptedExtensions = 8,
    Certificate = 11,
    Finished = 20,
    KeyUpdate = 24,
}

internal sealed class HandshakeReader
{
    private const int HeaderLength = 4, LongestMessage = 128 * 1024;

    private readonly List<byte> _partial = [];
    private int _skip;
    private bool _isBroken;

    /// <summary>Takes the content of a handshake record.</summary>
    public void Read(ReadOnlySpan<byte> content, HandshakeHandler handler)
    {
        while (!content.IsEmpty && !_isBroken)
        {
            if (_skip > 0)
            {
                int count = Math.Min(_skip, content.Length);
                _skip -= count;
                content = content[count..];
                continue;
            }
            int needed = Needed();
            int taken = Math.Min(needed - _partial.Count, content.Length);
            _partial.AddRange(content[..taken]);
            content = content[taken..];
            if (_partial.Count < HeaderLength) continue;
            needed = Needed();
            if (needed > LongestMessage)
            {
                _skip = needed - _partial.Count;
                _partial.Clear();
            }
            else if (_partial.Count == needed) Complete(handler);
        }
    }

    /// <summary>Something is missing: what follows is not read, since it is not known where messages begin.</summary>
    public void Break() => _isBroken = true;

    /// <summary>Messages begin anew: with other keys.</summary>
    public void Restart()
    {
        _partial.Clear();
        (_skip, _isBroken) = (0, false);
    }

    private int Needed() => _partial.Count < HeaderLength ? HeaderLength : HeaderLength + (_partial[1] << 16 | _partial[2] << 8 | _partial[3]);

    private void Complete(HandshakeHandler handler)
    {
        byte[] message = [.. _partial];
        _partial.Clear();
        if (_partial.Capacity > 4096) _partial.TrimExcess();
        handler((HandshakeType)message[0], message.AsSpan(HeaderLength));
    }
}

internal delegate void HandshakeHandler(HandshakeType type, ReadOnlySpan<byte> body);
