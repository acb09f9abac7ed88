using System.Net;
using System.Security.Cryptography;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Files;
using Godwit.Security.Tokens;
using Godwit.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Godwit.Security.Tests.Tokens;

public sealed class TokenCheckTests
{
    private const string Secret = "a secret of more than thirty-two bytes, for tests";

    private readonly ManualTimeProvider _time = new();
    private readonly TokenOptions _options = new() { Issuer = "issuer", Audience = "broker" };

    [Fact]
    public async Task Token_Valid_SaysWhoAndUntilWhen()
    {
        AuthenticationResult result = (await CheckAsync(Token()))!;

        Assert.Equal((ReasonCode.Success, "alice"), (result.ReasonCode, result.UserName));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(1) + _options.Leeway, result.ExpiresAt);
        Assert.Equal("acme", result.Attributes!["jwt.tenant"]);
    }

    [Theory]
    [InlineData("iss", "other", "another issuer")]
    [InlineData("aud", "other", "another audience")]
    [InlineData("exp", -31L, "has expired")]
    [InlineData("nbf", 31L, "not valid yet")]
    [InlineData("exp", null, "no expiry")]
    [InlineData("sub", null, "no claim 'sub'")]
    public async Task Token_WithAWrongClaim_IsRefused(string claim, object? value, string expected)
    {
        AuthenticationResult result = (await CheckAsync(Token(claim, value)))!;

        Assert.Equal(ReasonCode.NotAuthorized, result.ReasonCode);
        Assert.Contains(expected, result.ReasonString);
    }

    [Fact]
    public async Task Token_WithRights_BringsThemAlong()
    {
        AuthenticationResult result = (await CheckAsync(Token("acl", new Dictionary<string, object> { ["pub"] = new[] { "a", "b" } })))!;

        Assert.Equal("""{"pub":["a","b"]}""", result.Attributes!["acl"]);
    }

    [Fact]
    public async Task Token_WithRightsThatAreNotUnderstood_IsRefused()
    {
        AuthenticationResult result = (await CheckAsync(Token("acl", new[] { "a" })))!;

        Assert.Equal(ReasonCode.NotAuthorized, result.ReasonCode);
        Assert.StartsWith("The token is not understood: acl", result.ReasonString);
    }

    [Fact]
    public async Task Token_WithinTheLeeway_IsValid()
    {
        Assert.Equal(ReasonCode.Success, (await CheckAsync(Token("exp", -29L)))!.ReasonCode);
        Assert.Equal(ReasonCode.Success, (await CheckAsync(Token("nbf", 29L)))!.ReasonCode);
    }

    [Fact]
    public async Task Token_SignedOtherwise_IsRefused()
    {
        string token = Token();
        string unsigned = Base64UrlEncoder.Encode("""{"alg":"none"}""") + "." + token.Split('.')[1] + ".";
        using var rsa = RSA.Create(2048);
        string publicKey = rsa.ExportSubjectPublicKeyInfoPem();
        // The public key taken for a secret: the classic mistake.
        string confused = Token(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(publicKey)), "HS256");

        Assert.Equal(ReasonCode.NotAuthorized, (await CheckAsync(unsigned))!.ReasonCode);
        Assert.Equal(ReasonCode.NotAuthorized, (await CheckAsync(token[..^4] + "AAAA"))!.ReasonCode);
        Assert.Equal(ReasonCode.NotAuthorized, (await CheckAsync(Token(new SymmetricSecurityKey(new byte[32]), "HS256")))!.ReasonCode);
        Assert.Equal(ReasonCode.NotAuthorized, (await CheckAsync(confused, publicKey))!.ReasonCode);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public async Task Token_SignedWithRsa_IsValid(string algorithm)
    {
        using var rsa = RSA.Create(2048);

        Assert.Equal(ReasonCode.Success, (await CheckAsync(Token(new RsaSecurityKey(rsa), algorithm), rsa.ExportSubjectPublicKeyInfoPem()))!.ReasonCode);
    }

    [Fact]
    public async Task Token_SignedWithAnEllipticCurve_IsValid()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(ReasonCode.Success, (await CheckAsync(Token(new ECDsaSecurityKey(ec), "ES256"), ec.ExportSubjectPublicKeyInfoPem()))!.ReasonCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a password")]
    [InlineData("eyJ.no")]
    public async Task Password_ThatIsNoToken_IsForTheNextCheck(string? password) => Assert.Null(await CheckAsync(password));

    [Theory]
    [InlineData("short", "32 bytes or more")]
    [InlineData("{}", "no signing key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "No key can be read")]
    public void KeyFile_WithoutAKey_IsExplained(string text, string expected)
    {
        var wrong = Assert.Throws<SecurityFileException>(() => KeyFile.Parse(text, "keys"));

        Assert.Contains(expected, wrong.Message);
    }

    [Fact]
    public async Task Endpoint_NewKey_IsFetchedOnceInAWhile()
    {
        using var first = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuer = new Issuer { Keys = KeySetOf("1", first) };
        using var client = new HttpClient(issuer);
        using var check = new TokenCheck(new KeyEndpoint(new Uri("http://127.0.0.1/keys"), client, _time), _options, _time);

        Assert.Equal(ReasonCode.Success, (await AskAsync("1", first)).ReasonCode);
        Assert.Equal(ReasonCode.Success, (await AskAsync("1", first)).ReasonCode);
        Assert.Equal(1, issuer.Requests);

        issuer.Keys = KeySetOf("2", second);
        Assert.Equal(ReasonCode.NotAuthorized, (await AskAsync("2", second)).ReasonCode); // has just been asked
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ReasonCode.Success, (await AskAsync("2", second)).ReasonCode);
        Assert.Equal(2, issuer.Requests);

        issuer.Keys = null; // cannot be reached: the keys go on
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ReasonCode.Success, (await AskAsync("2", second)).ReasonCode);
        Assert.Equal(3, issuer.Requests);

        async Task<AuthenticationResult> AskAsync(string id, ECDsa key) =>
            (await check.CheckAsync(Client(Token(new ECDsaSecurityKey(key) { KeyId = id }, "ES256")), CancellationToken.None))!;
    }

    [Fact]
    public async Task Review_OfAToken_IsByTheKeysInForce()
    {
        using ECDsa first = ECDsa.Create(ECCurve.NamedCurves.nistP256), second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var file = new TemporaryFile(KeySetOf("1", first));
        using var check = new TokenCheck(new KeyFile(file.Path), _options, _time);
        AuthenticationResult grant = (await check.CheckAsync(Client(Token(new ECDsaSecurityKey(first) { KeyId = "1" }, "ES256")), CancellationToken.None))!;

        file.Text = $$"""{"keys":[{{KeySetOf("2", second)[9..^2]}},{{KeySetOf("1", first)[9..^2]}}]}""";
        check.Reload();
        Assert.True(check.TryReview(grant.Evidence!, out string? objection));
        Assert.Null(objection);

        file.Text = KeySetOf("2", second);
        check.Reload();
        Assert.True(check.TryReview(grant.Evidence!, out objection));
        Assert.Equal("The key that its token is signed with has been withdrawn", objection);
    }

    private static string KeySetOf(string id, ECDsa key)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"{{id}}","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}]}""";
    }

    private static ConnectingClient Client(string? password) =>
        new("c", null, password is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(password), ProtocolVersion.V5, null);

    private async Task<AuthenticationResult?> CheckAsync(string? password, string key = Secret)
    {
        using var file = new TemporaryFile(key);
        using var check = new TokenCheck(new KeyFile(file.Path), _options, _time);
        return await check.CheckAsync(Client(password), CancellationToken.None);
    }

    private string Token(string? changed = null, object? value = null) => Token(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)), "HS256", changed, value);

    private string Token(SecurityKey key, string algorithm, string? changed = null, object? value = null)
    {
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object> { ["iss"] = "issuer", ["aud"] = "broker", ["sub"] = "alice", ["tenant"] = "acme", ["exp"] = now + 3600 };
        if (changed is not null)
        {
            if (value is null) claims.Remove(changed);
            else claims[changed] = value is long seconds ? now + seconds : value;
        }
        var descriptor = new SecurityTokenDescriptor { Claims = claims, SigningCredentials = new SigningCredentials(key, algorithm) };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private sealed class Issuer : HttpMessageHandler
    {
        public string? Keys { get; set; }

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(Keys is null ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) : new HttpResponseMessage { Content = new StringContent(Keys) });
        }
    }
}
