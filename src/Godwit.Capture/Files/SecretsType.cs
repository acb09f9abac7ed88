namespace Godwit.Capture.Files;

/// <summary>Kinds of secrets in a Decryption Secrets Block of pcapng.</summary>
public static class SecretsType
{
    /// <summary>A TLS key log, as <c>SSLKEYLOGFILE</c> has it: lines of text.</summary>
    public const uint TlsKeyLog = 0x544c534b;
}
