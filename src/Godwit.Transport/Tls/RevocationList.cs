// A certificate revocation list (RFC 5280, section 5). .NET's chain building takes no list from a file on Linux, so it is read here; the
// signature is verified with the authority's key by System.Security.Cryptography.
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Transport.Tls;

internal sealed class RevocationList
{
    private readonly byte[] _signed;
    private readonly byte[] _signature;
    private readonly string _algorithm;
    private readonly HashSet<BigInteger> _serials = [];
    private string? _verifiedWith; // thumbprint

    private RevocationList(string file, byte[] signed, string algorithm, byte[] signature)
    {
        File = file;
        _signed = signed;
        _algorithm = algorithm;
        _signature = signature;
        Issuer = "";
    }

    public string File { get; }

    /// <summary>The authority's signature, which no two lists share.</summary>
    public byte[] Signature => _signature;

    /// <summary>The authority's name.</summary>
    public string Issuer { get; private set; }

    /// <summary>Until when it says all; null if it does not tell.</summary>
    public DateTimeOffset? NextUpdate { get; private set; }

    public static RevocationList Read(byte[] der, string file)
    {
        AsnReader outer = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        ReadOnlyMemory<byte> signed = outer.ReadEncodedValue();
        string algorithm = outer.ReadSequence().ReadObjectIdentifier();
        var list = new RevocationList(file, signed.ToArray(), algorithm, outer.ReadBitString(out _));
        list.ReadContent(new AsnReader(signed, AsnEncodingRules.DER).ReadSequence());
        return list;
    }

    public bool Has(X509Certificate2 certificate) => _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));

    /// <summary>Whether the authority has signed it.</summary>
    public bool IsSignedBy(X509Certificate2 authority)
    {
        if (Volatile.Read(ref _verifiedWith) == authority.Thumbprint) return true;
        bool isValid = Verify(authority);
        if (isValid) Volatile.Write(ref _verifiedWith, authority.Thumbprint);
        return isValid;
    }

    private bool Verify(X509Certificate2 authority)
    {
        HashAlgorithmName? hash = _algorithm switch
        {
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (hash is not { } name) return false;
        using RSA? rsa = authority.GetRSAPublicKey();
        if (rsa is not null) return rsa.VerifyData(_signed, _signature, name, RSASignaturePadding.Pkcs1);
        using ECDsa? ecdsa = authority.GetECDsaPublicKey();
        return ecdsa is not null && ecdsa.VerifyData(_signed, _signature, name, DSASignatureFormat.Rfc3279DerSequence);
    }

    private void ReadContent(AsnReader content)
    {
        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.Integer)) content.ReadInteger(); // the version
        content.ReadEncodedValue(); // the algorithm again
        Issuer = new X500DistinguishedName(content.ReadEncodedValue().Span).Name;
        ReadTime(content);
        if (content.HasData && content.PeekTag().TagValue is (int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime)
            NextUpdate = ReadTime(content);
        if (!content.HasData || !content.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) return;
        AsnReader entries = content.ReadSequence();
        while (entries.HasData) _serials.Add(entries.ReadSequence().ReadInteger());
    }

    private static DateTimeOffset ReadTime(AsnReader content) =>
        content.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? content.ReadUtcTime() : content.ReadGeneralizedTime();
}
