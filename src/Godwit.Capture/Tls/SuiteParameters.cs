// What a cipher suite means for records. All of it is in its name: TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384.
using System.Net.Security;
using System.Security.Cryptography;

namespace Godwit.Capture.Tls;

internal enum RecordCipher : byte
{
    AesGcm,
    AesCcm,
    AesCbc,
    ChaCha20Poly1305,
}

/// <summary>A cipher suite's part in protecting records.</summary>
/// <param name="Cipher">The cipher.</param>
/// <param name="KeyLength">Bytes of its key.</param>
/// <param name="TagLength">Bytes of the check value behind the encrypted bytes; 0 with <see cref="RecordCipher.AesCbc"/>.</param>
/// <param name="Hash">The hash by which keys are derived.</param>
/// <param name="Mac">With <see cref="RecordCipher.AesCbc"/>: the hash of the check value.</param>
internal sealed record SuiteParameters(RecordCipher Cipher, int KeyLength, int TagLength, HashAlgorithmName Hash, HashAlgorithmName Mac = default)
{
    private const int UsualTag = 16, ShortTag = 8;

    /// <summary>Bytes of the hash.</summary>
    public int HashLength => LengthOf(Hash);

    /// <summary>Bytes of the check value of <see cref="RecordCipher.AesCbc"/>.</summary>
    public int MacLength => LengthOf(Mac);

    /// <summary>Bytes of a secret of TLS 1.2 that begins each nonce; the rest of it is in the record, except with ChaCha20.</summary>
    public int FixedNonceLength => Cipher switch { RecordCipher.AesCbc => 0, RecordCipher.ChaCha20Poly1305 => 12, _ => 4 };

    /// <summary>What a suite means; null if it is not supported.</summary>
    public static SuiteParameters? Of(TlsCipherSuite suite)
    {
        if (!Enum.IsDefined(suite)) return null;
        string name = suite.ToString();
        string[] words = name[(name.IndexOf("_WITH_", StringComparison.Ordinal) is >= 0 and var with ? with + 6 : 4)..].Split('_');
        HashAlgorithmName hash = words[^1] == "SHA384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        int keyLength = words.Length > 1 && words[1] == "256" ? 32 : 16;
        return words switch
        {
            ["AES", "128" or "256", "GCM", ..] => new SuiteParameters(RecordCipher.AesGcm, keyLength, UsualTag, hash),
            ["AES", "128" or "256", "CCM", "8", ..] => new SuiteParameters(RecordCipher.AesCcm, keyLength, ShortTag, hash),
            ["AES", "128" or "256", "CCM", ..] => new SuiteParameters(RecordCipher.AesCcm, keyLength, UsualTag, hash),
            ["CHACHA20", "POLY1305", ..] => new SuiteParameters(RecordCipher.ChaCha20Poly1305, 32, UsualTag, hash),
            ["AES", "128" or "256", "CBC", "SHA"] => new SuiteParameters(RecordCipher.AesCbc, keyLength, 0, hash, HashAlgorithmName.SHA1),
            ["AES", "128" or "256", "CBC", "SHA256" or "SHA384"] => new SuiteParameters(RecordCipher.AesCbc, keyLength, 0, hash, hash),
            _ => null,
        };
    }

    private static int LengthOf(HashAlgorithmName hash) => hash.Name switch { "SHA1" => 20, "SHA256" => 32, "SHA384" => 48, _ => 0 };
}
