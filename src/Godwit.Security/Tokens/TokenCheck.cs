// A client that has a JSON Web Token (RFC 7519) instead of a password. The token says who it is, and until when.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;
using Godwit.Security.Files;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Godwit.Security.Tokens;

/// <summary>Checks tokens that clients send as their password.</summary>
public sealed class TokenCheck : ICredentialCheck, IReloadable, IDisposable
{
    /// <summary>Longer ones are no tokens.</summary>
    private const int LongestToken = 16 * 1024;

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly ISigningKeys _keys;
    private readonly TokenOptions _options;
    private readonly TimeProvider _time;

    internal TokenCheck(ISigningKeys keys, TokenOptions options, TimeProvider time) => (_keys, _options, _time) = (keys, options, time);

    /// <summary>With keys from a file: PEM, JSON Web Key Set or secret.</summary>
    /// <exception cref="SecurityFileException">It cannot be used; the message says why.</exception>
    public static TokenCheck FromFile(string path, TokenOptions options) => new(new KeyFile(path), options, TimeProvider.System);

    /// <summary>With keys that an issuer publishes.</summary>
    /// <param name="address">Where its JSON Web Key Set is.</param>
    /// <param name="client">What fetches them; the caller disposes of it.</param>
    /// <param name="options">What else is asked of tokens.</param>
    public static TokenCheck FromEndpoint(Uri address, HttpClient client, TokenOptions options) =>
        new(new KeyEndpoint(address, client, TimeProvider.System), options, TimeProvider.System);

    /// <inheritdoc/>
    public Action? Prepare() => (_keys as IReloadable)?.Prepare();

    /// <inheritdoc/>
    public void Dispose() => (_keys as IDisposable)?.Dispose();

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult?> CheckAsync(ConnectingClient client, CancellationToken cancellationToken)
    {
        if (client.Password is not { Length: > 0 and <= LongestToken } password || !LooksLikeToken(password.Span)) return default;
        string token = Encoding.ASCII.GetString(password.Span);
        // A signature takes a fraction of a millisecond: little, but there are storms of clients, and the loop has others to serve.
        return new ValueTask<AuthenticationResult?>(Task.Run(() => ValidateAsync(token, cancellationToken), cancellationToken));
    }

    /// <inheritdoc/>
    public bool TryReview(object evidence, out string? objection)
    {
        objection = null;
        if (evidence is not TokenEvidence proof) return false;
        IReadOnlyList<SecurityKey> keys = _keys.Known;
        if (_options != proof.Options) objection = "What is asked of tokens has been changed";
        else if (keys.Count > 0 && !keys.Any(key => TokenEvidence.Thumbprint(key) == proof.Key)) objection = "The key that its token is signed with has been withdrawn";
        return true;
    }

    private async Task<AuthenticationResult?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        TokenValidationResult result = await ValidateAsync(token, await _keys.GetAsync(isUnknown: false, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
            result = await ValidateAsync(token, await _keys.GetAsync(isUnknown: true, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        if (!result.IsValid) return Refuse(Explain(result.Exception));
        var valid = (JsonWebToken)result.SecurityToken;
        var attributes = valid.Claims.GroupBy(claim => claim.Type).ToDictionary(claims => "jwt." + claims.Key, claims => claims.First().Value);
        if (!attributes.TryGetValue("jwt." + _options.UserClaim, out string? user) || user.Length == 0)
            return Refuse($"The token has no claim '{_options.UserClaim}', which is the user name here");
        if (valid.TryGetPayloadValue(ClientRights.Attribute, out JsonElement rights))
        {
            try
            {
                attributes[ClientRights.Attribute] = rights.GetRawText();
                ClientRights.Parse(attributes[ClientRights.Attribute]);
            }
            catch (FormatException wrong)
            {
                return Refuse($"The token is not understood: {wrong.Message.TrimEnd('.')}");
            }
        }
        return AuthenticationResult.Success with
        {
            UserName = user,
            Attributes = attributes,
            ExpiresAt = valid.ValidTo + _options.Leeway,
            Evidence = new TokenEvidence(_options, TokenEvidence.Thumbprint(valid.SigningKey)),
        };
    }

    private Task<TokenValidationResult> ValidateAsync(string token, IReadOnlyList<SecurityKey> keys) => _handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        IssuerSigningKeys = keys,
        TryAllIssuerSigningKeys = true,
        ValidAlgorithms = [.. keys.SelectMany(AlgorithmsOf).Distinct()],
        ValidateIssuer = _options.Issuer is not null,
        ValidIssuer = _options.Issuer,
        ValidateAudience = _options.Audience is not null,
        ValidAudience = _options.Audience,
        LifetimeValidator = IsInForce,
    });

    private bool IsInForce(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        if (expires is null) throw new SecurityTokenNoExpirationException();
        if (notBefore > now + _options.Leeway) throw new SecurityTokenNotYetValidException();
        return expires > now - _options.Leeway ? true : throw new SecurityTokenExpiredException();
    }

    // What each kind of key signs with: a public key must never be taken for a secret.
    private static string[] AlgorithmsOf(SecurityKey key) => key switch
    {
        SymmetricSecurityKey => ["HS256", "HS384", "HS512"],
        ECDsaSecurityKey or JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve } => ["ES256", "ES384", "ES512"],
        _ => ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    };

    private static AuthenticationResult Refuse(string reason) => new(ReasonCode.NotAuthorized, reason);

    private static string Explain(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => "The token has expired",
        SecurityTokenNotYetValidException => "The token is not valid yet",
        SecurityTokenNoExpirationException => "The token has no expiry",
        SecurityTokenInvalidIssuerException => "The token has another issuer",
        SecurityTokenInvalidAudienceException => "The token is for another audience",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
            "The token is not signed with a key that is known here",
        _ => "The token is not valid",
    };

    // HEADER.CLAIMS.SIGNATURE, and the header is a JSON object in base64.
    private static bool LooksLikeToken(ReadOnlySpan<byte> password) => password.StartsWith("eyJ"u8) && password.Count((byte)'.') == 2;
}
