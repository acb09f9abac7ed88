using System.Net.Security;

namespace Godwit.Transport.Tls;

/// <summary>An SslStream that remembers why the other side's certificate was refused: the callback gets the stream and nothing else.</summary>
internal sealed class TlsStream(RecordFeed feed) : SslStream(feed, leaveInnerStreamOpen: true)
{
    /// <summary>What is wrong with the certificate, as a sentence.</summary>
    public string? CertificateProblem { get; set; }
}
