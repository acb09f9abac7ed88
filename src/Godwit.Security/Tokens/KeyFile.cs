// Keys in a file: a public key or certificate in PEM, a JSON Web Key Set, or a secret.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Godwit.Security.Files;
using Microsoft.IdentityModel.Tokens;

namespace Godwit.Security.Tokens;

internal sealed class KeyFile(string path) : ISigningKeys, IReloadable
{
    /// <summary>A shorter secret can be guessed from a token that somebody has seen (RFC 7518, section 3.2).</summary>
    private const int ShortestSecret = 32;

    private readonly FileSnapshot<IReadOnlyList<SecurityKey>> _file = new(path, Parse);

    public IReadOnlyList<SecurityKey> Known => _file.Current;

    public ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool isUnknown, CancellationToken cancellationToken) => new(_file.Current);

    public Action? Prepare() => _file.Prepare();

    /// <exception cref="SecurityFileException">There is no key in it.</exception>
    public static IReadOnlyList<SecurityKey> Parse(string text, string path)
    {
        string content = text.Trim();
        try
        {
            if (content.StartsWith('{')) return KeySet.Parse(content);
            if (content.StartsWith("-----BEGIN CERTIFICATE", StringComparison.Ordinal)) return [OfCertificate(X509Certificate2.CreateFromPem(content))];
            if (content.StartsWith("-----BEGIN", StringComparison.Ordinal)) return [OfPem(content)];
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new SecurityFileException([new FileProblem(path, 1, 1, $"No key can be read from it: {wrong.Message}")]);
        }
        byte[] secret = Encoding.UTF8.GetBytes(content);
        return secret.Length >= ShortestSecret
            ? [new SymmetricSecurityKey(secret)]
            : throw new SecurityFileException([new FileProblem(path, 1, 1, $"A secret has {ShortestSecret} bytes or more, not {secret.Length}; a public key begins with -----BEGIN.")]);
    }

    private static SecurityKey OfCertificate(X509Certificate2 certificate) => certificate.GetECDsaPublicKey() is { } ec
        ? new ECDsaSecurityKey(ec)
        : new RsaSecurityKey(certificate.GetRSAPublicKey() ?? throw new CryptographicException("The certificate has neither an RSA nor an EC key."));

    private static SecurityKey OfPem(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException) // not RSA
        {
            rsa.Dispose();
        }
        var ec = ECDsa.Create();
        ec.ImportFromPem(pem);
        return new ECDsaSecurityKey(ec);
    }
}

/// <summary>A JSON Web Key Set (RFC 7517).</summary>
internal static class KeySet
{
    /// <exception cref="ArgumentException">It is none, or has no key to check signatures with.</exception>
    public static IReadOnlyList<SecurityKey> Parse(string json)
    {
        IList<SecurityKey> keys = new JsonWebKeySet(json).GetSigningKeys();
        return keys.Count > 0 ? [.. keys] : throw new ArgumentException("There is no signing key in this JSON Web Key Set.");
    }
}
