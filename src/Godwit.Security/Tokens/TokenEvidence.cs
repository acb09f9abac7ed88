using System.Runtime.CompilerServices;
using Microsoft.IdentityModel.Tokens;

namespace Godwit.Security.Tokens;

/// <summary>A client has shown a token that was right.</summary>
/// <param name="Options">What was asked of it.</param>
/// <param name="Key">The <see cref="Thumbprint"/> of the key that it is signed with.</param>
internal sealed record TokenEvidence(TokenOptions Options, string Key)
{
    private static readonly ConditionalWeakTable<SecurityKey, string> Thumbprints = [];

    /// <summary>A key by its content (RFC 7638): read again it is the same one.</summary>
    public static string Thumbprint(SecurityKey key) =>
        Thumbprints.GetValue(key, static key => key.CanComputeJwkThumbprint() ? Convert.ToBase64String(key.ComputeJwkThumbprint()) : key.KeyId ?? "");
}
