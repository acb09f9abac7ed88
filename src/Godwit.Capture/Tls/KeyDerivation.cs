// From secrets to keys: HKDF-Expand-Label of TLS 1.3 (RFC 8446, section 7.1) and the pseudo-random function of TLS 1.2 (RFC 5246, section 5).
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Godwit.Capture.Tls;

internal static class KeyDerivation
{
    /// <summary>HKDF-Expand-Label without context.</summary>
    public static byte[] Expand(HashAlgorithmName hash, byte[] secret, string label, int length)
    {
        string whole = "tls13 " + label;
        byte[] info = [0, 0, (byte)whole.Length, .. Encoding.ASCII.GetBytes(whole), 0];
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)length);
        return HKDF.Expand(hash, secret, length, info);
    }

    /// <summary>The keys of a TLS 1.2 connection: for each side, client first, check value, key and fixed part of the nonce.</summary>
    public static (TlsKeys Client, TlsKeys Server) Keys(SuiteParameters suite, byte[] master, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> serverRandom)
    {
        int mac = suite.MacLength, key = suite.KeyLength, nonce = suite.FixedNonceLength;
        byte[] block = Pseudorandom(suite.Hash, master, [.. "key expansion"u8, .. serverRandom, .. clientRandom], 2 * (mac + key + nonce));
        int keys = 2 * mac, nonces = keys + 2 * key;
        return (
            new TlsKeys(block[keys..(keys + key)], block[nonces..(nonces + nonce)], block[..mac]),
            new TlsKeys(block[(keys + key)..nonces], block[(nonces + nonce)..], block[mac..keys]));
    }

    private static byte[] Pseudorandom(HashAlgorithmName hash, byte[] secret, byte[] seed, int length)
    {
        var output = new List<byte>();
        for (byte[] a = seed; output.Count < length;)
        {
            a = CryptographicOperations.HmacData(hash, secret, a);
            byte[] both = [.. a, .. seed];
            output.AddRange(CryptographicOperations.HmacData(hash, secret, both));
        }
        return [.. output[..length]];
    }
}

/// <summary>Keys of one direction.</summary>
/// <param name="Key">The cipher's key.</param>
/// <param name="Nonce">The nonce, or its fixed part.</param>
/// <param name="Mac">The key of the check value; empty where the cipher has its own.</param>
internal readonly record struct TlsKeys(byte[] Key, byte[] Nonce, byte[] Mac);
