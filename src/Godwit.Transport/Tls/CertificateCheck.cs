// Judges the other side's certificate with one's own authorities and revocation lists, and says in a sentence what is wrong with it.
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Transport.Tls;

internal sealed class CertificateCheck(
    string whose, bool isRequired, IReadOnlyList<RevocationList> lists, TimeProvider time, bool checksName = true)
{
    /// <summary>For <see cref="Review"/>: the authorities.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>For <see cref="Review"/>: where the authorities between are remembered that clients have sent along.</summary>
    public Intermediates? Intermediates { get; init; }

    /// <summary>The policy for building chains: these authorities and no others, and nothing is fetched from the network.</summary>
    public static X509ChainPolicy Policy(X509Certificate2Collection? authorities)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (authorities is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>SslStream's callback; the problem is left at the stream.</summary>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var stream = (TlsStream)sender;
        stream.CertificateProblem = Problem(certificate as X509Certificate2, chain, errors, stream.TargetHostName, isReview: false);
        if (stream.CertificateProblem is null && chain is not null) Intermediates?.Remember(chain);
        return stream.CertificateProblem is null;
    }

    /// <summary>Judges a certificate of somebody who is connected already.</summary>
    public string? Review(X509Certificate2? certificate)
    {
        if (certificate is null) return Problem(null, null, SslPolicyErrors.None, "", isReview: true);
        using var chain = new X509Chain { ChainPolicy = Policy(Authorities) };
        chain.ChainPolicy.ExtraStore.AddRange(Intermediates?.All.ToArray() ?? []);
        SslPolicyErrors errors = chain.Build(certificate) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors;
        return Problem(certificate, chain, errors, "", isReview: true);
    }

    private string? Problem(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string host, bool isReview)
    {
        if (certificate is null) return isRequired ? $"{whose} has shown no certificate, but one is required." : null;
        string name = $"the certificate of {whose} ({certificate.Subject})";
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0) return ChainProblem(name, certificate, chain);
        if (checksName && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return $"{name} is not for '{host}', but for {string.Join(", ", Names(certificate))}. Connect by one of these names.";
        return lists.Count > 0 ? RevocationProblem(name, chain!, isReview) : null;
    }

    private string ChainProblem(string name, X509Certificate2 certificate, X509Chain? chain)
    {
        X509ChainStatusFlags flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.PartialChain;
        DateTimeOffset now = time.GetUtcNow();
        if ((flags & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            if (certificate.NotAfter.ToUniversalTime() < now) return $"{name} has expired on {certificate.NotAfter.ToUniversalTime():u}.";
            if (certificate.NotBefore.ToUniversalTime() > now) return $"{name} is valid from {certificate.NotBefore.ToUniversalTime():u} on only. Is the clock right?";
            return $"{name} comes from an authority whose certificate is not valid at this time.";
        }
        if ((flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
            return $"{name} comes from an unknown authority ({certificate.Issuer}). Its CA certificate must be in the CA file.";
        if ((flags & X509ChainStatusFlags.NotValidForUsage) != 0) return $"{name} may not be used for this purpose (extended key usage).";
        if ((flags & X509ChainStatusFlags.NotSignatureValid) != 0) return $"{name} has a wrong signature: its authority ({certificate.Issuer}) has not made it.";
        return $"{name} is not valid: {string.Join(" ", chain!.ChainStatus.Select(status => status.StatusInformation.Trim()))}";
    }

    // The certificate itself needs a list; an intermediate authority is looked up if there is one for it.
    private string? RevocationProblem(string name, X509Chain chain, bool isReview)
    {
        for (int i = 0; i < chain.ChainElements.Count - 1; i++)
        {
            X509Certificate2 certificate = chain.ChainElements[i].Certificate, authority = chain.ChainElements[i + 1].Certificate;
            RevocationList? list = lists.FirstOrDefault(l => l.Issuer == certificate.Issuer && l.IsSignedBy(authority));
            if (list is null && i == 0 && !isReview) return $"{name} cannot be checked: no revocation list of its authority ({certificate.Issuer}) is configured.";
            if (list is null) continue;
            if (list.NextUpdate < time.GetUtcNow() && !isReview) return $"{name} cannot be checked: the revocation list in {list.File} is out of date since {list.NextUpdate:u}.";
            if (list.Has(certificate)) return i == 0 ? $"{name} has been revoked." : $"{name} comes from an authority that has been revoked ({certificate.Subject}).";
        }
        return null;
    }

    private static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        if (names is null) return [certificate.GetNameInfo(X509NameType.DnsName, false)];
        return names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()));
    }
}
