// An authority, and certificates of it, made for the test and written to files that are gone afterwards.
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Testing;

public sealed class TestCertificates : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-tls-").FullName;
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _intermediate;

    public TestCertificates(string name = "Godwit Test CA")
    {
        _authority = MakeAuthority(name, null);
        _intermediate = MakeAuthority($"{name} 2", _authority);
        CaFile = Write("ca.pem", _authority.ExportCertificatePem());
    }

    /// <summary>The root's certificate.</summary>
    public string CaFile { get; }

    /// <summary>Makes a certificate and writes it, with its chain and key, to one file.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="hosts">Its DNS names; a server's also has 127.0.0.1 unless it has others only.</param>
    /// <param name="from">Days from now from which on it is valid.</param>
    /// <param name="to">Days until it is not any more.</param>
    public (string File, X509Certificate2 Certificate) Make(string name, string[]? hosts = null, int from = -1, int to = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=Tests", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts ?? ["localhost"]) names.AddDnsName(host);
        if (hosts is null) names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 certificate = request.Create(_intermediate, now.AddDays(from), now.AddDays(to), RandomNumberGenerator.GetBytes(8));
        string file = Write($"{Guid.NewGuid():N}.pem",
            $"{certificate.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return (file, certificate);
    }

    /// <summary>The list of revoked certificates of the authority that made them.</summary>
    public string Revoke(params X509Certificate2[] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (X509Certificate2 certificate in certificates) list.AddEntry(certificate);
        byte[] der = list.Build(_intermediate, 1, DateTimeOffset.UtcNow.AddDays(5), HashAlgorithmName.SHA256);
        return Write($"{Guid.NewGuid():N}.crl", PemEncoding.WriteString("X509 CRL", der));
    }

    public string Write(string name, string content)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _intermediate.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static X509Certificate2 MakeAuthority(string name, X509Certificate2? parent)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-60), to = DateTimeOffset.UtcNow.AddDays(60);
        if (parent is null) return request.CreateSelfSigned(from, to);
        using X509Certificate2 certificate = request.Create(parent, from, to.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
