// How a record is opened: with a cipher that also checks (AEAD), or AES-CBC and HMAC. Whatever does not fit is a value, not an exception: bytes
// may be damaged, and secrets may be those of something else.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Godwit.Capture.Tls;

/// <summary>Opens the records of one direction, as long as its keys do not change.</summary>
internal abstract class RecordProtection : IDisposable
{
    /// <summary>How many bytes a record has beside its content, with the header; 0 if that differs from record to record.</summary>
    public abstract int Overhead { get; }

    /// <summary>Opens a record.</summary>
    /// <param name="record">The record with its header.</param>
    /// <param name="sequence">How many records of these keys came before.</param>
    /// <param name="target">Where the content goes: at least as long as the record.</param>
    /// <param name="type">What it contains.</param>
    /// <returns>How many bytes of content it has; -1 if it cannot be opened.</returns>
    public abstract int Open(ReadOnlySpan<byte> record, ulong sequence, Span<byte> target, out RecordType type);

    public abstract void Dispose();
}

/// <summary>An AEAD cipher, in TLS 1.3 and in TLS 1.2.</summary>
internal sealed class AeadProtection : RecordProtection
{
    private const int NonceLength = 12, ExplicitLength = 8;

    private readonly AesGcm? _gcm;
    private readonly AesCcm? _ccm;
    private readonly ChaCha20Poly1305? _chaCha;
    private readonly byte[] _nonce;
    private readonly int _tagLength, _explicitLength;
    private readonly bool _isVersion13;

    public AeadProtection(SuiteParameters suite, TlsKeys keys, bool isVersion13)
    {
        (_nonce, _tagLength, _isVersion13) = (keys.Nonce, suite.TagLength, isVersion13);
        _explicitLength = NonceLength - _nonce.Length;
        switch (suite.Cipher)
        {
            case RecordCipher.AesGcm: _gcm = new AesGcm(keys.Key, _tagLength); break;
            case RecordCipher.AesCcm: _ccm = new AesCcm(keys.Key); break;
            default: _chaCha = new ChaCha20Poly1305(keys.Key); break;
        }
    }

    // In TLS 1.3 the type of the content is behind it, and encrypted with it.
    public override int Overhead => RecordHeader.Length + _explicitLength + _tagLength + (_isVersion13 ? 1 : 0);

    public override int Open(ReadOnlySpan<byte> record, ulong sequence, Span<byte> target, out RecordType type)
    {
        type = (RecordType)record[0];
        int length = record.Length - RecordHeader.Length - _explicitLength - _tagLength;
        if (length < (_isVersion13 ? 1 : 0)) return -1;
        Span<byte> nonce = stackalloc byte[NonceLength];
        _nonce.CopyTo(nonce);
        if (_explicitLength > 0) record.Slice(RecordHeader.Length, ExplicitLength).CopyTo(nonce[_nonce.Length..]);
        else BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], BinaryPrimitives.ReadUInt64BigEndian(nonce[4..]) ^ sequence);

        Span<byte> beside = stackalloc byte[ExplicitLength + RecordHeader.Length];
        if (_isVersion13) beside = beside[..RecordHeader.Length];
        else BinaryPrimitives.WriteUInt64BigEndian(beside, sequence);
        record[..RecordHeader.Length].CopyTo(beside[^RecordHeader.Length..]);
        if (!_isVersion13) BinaryPrimitives.WriteUInt16BigEndian(beside[^2..], (ushort)length);

        ReadOnlySpan<byte> encrypted = record.Slice(RecordHeader.Length + _explicitLength, length), tag = record[^_tagLength..];
        target = target[..length];
        try
        {
            _gcm?.Decrypt(nonce, encrypted, tag, target, beside);
            _ccm?.Decrypt(nonce, encrypted, tag, target, beside);
            _chaCha?.Decrypt(nonce, encrypted, tag, target, beside);
        }
        catch (CryptographicException)
        {
            return -1;
        }
        if (!_isVersion13) return length;
        length = target.TrimEnd((byte)0).Length - 1;
        if (length < 0) return -1;
        type = (RecordType)target[length];
        return length;
    }

    public override void Dispose()
    {
        _gcm?.Dispose();
        _ccm?.Dispose();
        _chaCha?.Dispose();
    }
}

/// <summary>AES-CBC with HMAC in TLS 1.2: the check value is encrypted with the content, or made of what is encrypted (RFC 7366).</summary>
internal sealed class CbcProtection(SuiteParameters suite, TlsKeys keys, bool encryptThenMac) : RecordProtection
{
    private const int Block = 16;

    private readonly Aes _aes = CreateAes(keys.Key);
    private readonly int _macLength = suite.MacLength;

    public override int Overhead => 0;

    public override int Open(ReadOnlySpan<byte> record, ulong sequence, Span<byte> target, out RecordType type)
    {
        type = (RecordType)record[0];
        ReadOnlySpan<byte> fragment = record[RecordHeader.Length..], mac = default;
        if (encryptThenMac)
        {
            if (fragment.Length < _macLength) return -1;
            mac = fragment[^_macLength..];
            fragment = fragment[..^_macLength];
            if (!IsMac(mac, record, sequence, fragment)) return -1;
        }
        if (fragment.Length < 2 * Block || fragment.Length % Block != 0) return -1;
        int length = _aes.DecryptCbc(fragment[Block..], fragment[..Block], target, PaddingMode.None);
        length -= target[length - 1] + 1;
        if (encryptThenMac) return Math.Max(length, -1);
        length -= _macLength;
        return length >= 0 && IsMac(target.Slice(length, _macLength), record, sequence, target[..length]) ? length : -1;
    }

    public override void Dispose() => _aes.Dispose();

    private bool IsMac(ReadOnlySpan<byte> mac, ReadOnlySpan<byte> record, ulong sequence, ReadOnlySpan<byte> content)
    {
        Span<byte> beside = stackalloc byte[sizeof(ulong) + RecordHeader.Length], expected = stackalloc byte[_macLength];
        BinaryPrimitives.WriteUInt64BigEndian(beside, sequence);
        record[..RecordHeader.Length].CopyTo(beside[sizeof(ulong)..]);
        BinaryPrimitives.WriteUInt16BigEndian(beside[^2..], (ushort)content.Length);
        using var hash = IncrementalHash.CreateHMAC(suite.Mac, keys.Mac);
        hash.AppendData(beside);
        hash.AppendData(content);
        hash.GetHashAndReset(expected);
        return mac.SequenceEqual(expected);
    }

    private static Aes CreateAes(byte[] key)
    {
        var aes = Aes.Create();
        aes.Key = key;
        return aes;
    }
}
