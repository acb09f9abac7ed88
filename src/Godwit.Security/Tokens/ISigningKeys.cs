using Microsoft.IdentityModel.Tokens;

namespace Godwit.Security.Tokens;

/// <summary>The keys that tokens are signed with.</summary>
internal interface ISigningKeys
{
    /// <summary>The keys in memory; none before the first question if they have to be fetched.</summary>
    IReadOnlyList<SecurityKey> Known { get; }

    /// <summary>The keys, from memory if there are any.</summary>
    /// <param name="isUnknown">Whether a token has come whose key is not among them: perhaps there are new ones.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
    ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool isUnknown, CancellationToken cancellationToken);
}
