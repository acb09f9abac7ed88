// Reads certificates, keys and revocation lists; whatever is wrong with a file becomes a sentence that names it.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Godwit.Transport.Tls;

internal static class PemFiles
{
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) ReadPair(CertificateFiles files)
    {
        string certificates = ReadText(files.CertificateFile, "certificate");
        string key = files.KeyFile is null ? certificates : ReadText(files.KeyFile, "key");
        if (key.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new TransportException($"The key in {files.KeyFile ?? files.CertificateFile} is encrypted. Decrypt it (openssl pkey -in ... -out ...) and protect the file by its mode.");
        X509Certificate2Collection chain = Parse(certificates, files.CertificateFile);
        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPem(certificates, key);
            chain.RemoveAt(0);
            return (certificate, chain);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new TransportException($"{files.KeyFile ?? files.CertificateFile} does not have the private key of the certificate in {files.CertificateFile}.", exception);
        }
    }

    public static X509Certificate2Collection ReadCertificates(string file) => Parse(ReadText(file, "CA certificate"), file);

    /// <summary>The certificates of a file, or of all files of a directory that have any.</summary>
    public static X509Certificate2Collection ReadAuthorities(string path)
    {
        if (!Directory.Exists(path)) return ReadCertificates(path);
        var all = new X509Certificate2Collection();
        foreach (string file in Directory.EnumerateFiles(path))
        {
            string text = ReadText(file, "CA certificate");
            if (text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)) all.AddRange(Parse(text, file));
        }
        return all.Count > 0 ? all : throw new TransportException($"The directory {path} has no file with a certificate in PEM form (-----BEGIN CERTIFICATE-----).");
    }

    public static IEnumerable<RevocationList> ReadRevocationLists(string file)
    {
        byte[] bytes = ReadBytes(file, "revocation list");
        string text = Encoding.Latin1.GetString(bytes);
        var lists = new List<RevocationList>();
        try
        {
            if (!text.Contains("-----BEGIN", StringComparison.Ordinal)) return [RevocationList.Read(bytes, file)];
            while (PemEncoding.TryFind(text, out PemFields fields))
            {
                if (text[fields.Label] == "X509 CRL") lists.Add(RevocationList.Read(Convert.FromBase64String(text[fields.Base64Data]), file));
                text = text[fields.Location.End..];
            }
        }
        catch (Exception exception) when (exception is System.Formats.Asn1.AsnContentException or FormatException)
        {
            throw new TransportException($"{file} has no well-formed certificate revocation list.", exception);
        }
        return lists.Count > 0 ? lists : throw new TransportException($"{file} has no certificate revocation list (-----BEGIN X509 CRL-----).");
    }

    private static X509Certificate2Collection Parse(string text, string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException exception)
        {
            throw new TransportException($"{file} has a certificate that cannot be read.", exception);
        }
        return certificates.Count > 0 ? certificates : throw new TransportException($"{file} has no certificate in PEM form (-----BEGIN CERTIFICATE-----).");
    }

    private static string ReadText(string file, string what) => Encoding.Latin1.GetString(ReadBytes(file, what));

    private static byte[] ReadBytes(string file, string what)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string why = exception is UnauthorizedAccessException ? "permission denied" : exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : exception.Message;
            throw new TransportException($"The {what} {file} cannot be read: {why}.", exception);
        }
    }
}
