using System.Net;
using System.Security.Cryptography;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Passwords;
using Godwit.Security.Scram;

namespace Godwit.Security.Tests.Scram;

public class ScramSha256Tests
{
    // The example of RFC 7677, section 3: user "user", password "pencil".
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = $"r=rOprNGfwEbeRWgbNEkqO{ServerNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal = $"c=biws,r=rOprNGfwEbeRWgbNEkqO{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static readonly ScramSha256Hash Pencil = new(4096, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), "pencil"u8);

    [Fact]
    public async Task Exchange_ExampleOfTheRfc_IsAnsweredAsThere()
    {
        ScramSha256Exchange exchange = Exchange();

        EnhancedAuthenticationStep first = await Step(exchange, ClientFirst), final = await Step(exchange, ClientFinal);

        Assert.Equal((ReasonCode.ContinueAuthentication, ServerFirst), (first.ReasonCode, Text(first)));
        Assert.Equal((ReasonCode.Success, ServerFinal, "user"), (final.ReasonCode, Text(final), final.UserName));
    }

    [Theory]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "wrong")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqOx,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "wrong")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AA==", "wrong")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=", "wrong")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "channel binding")]
    [InlineData("r=x", "it ends with")]
    [InlineData("", "it ends with")]
    public async Task Final_Wrong_IsRefused(string message, string reason)
    {
        ScramSha256Exchange exchange = Exchange();
        await Step(exchange, ClientFirst);

        EnhancedAuthenticationStep final = await Step(exchange, message);

        Assert.Equal(ReasonCode.NotAuthorized, final.ReasonCode);
        Assert.Contains(reason, final.ReasonString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it begins with")]
    [InlineData("n,,", "it begins with")]
    [InlineData("n,,n=,r=x", "it begins with")]
    [InlineData("n,,n=user,r=", "it begins with")]
    [InlineData("n,,m=1,n=user,r=x", "it begins with")]
    [InlineData("p=tls-exporter,,n=user,r=x", "channel binding")]
    [InlineData("n,a=other,n=user,r=x", "another user")]
    [InlineData("n,,n=us=er,r=x", "=3D")]
    public async Task First_Wrong_IsRefused(string message, string reason)
    {
        EnhancedAuthenticationStep first = await Step(Exchange(), message);

        Assert.Equal(ReasonCode.NotAuthorized, first.ReasonCode);
        Assert.Contains(reason, first.ReasonString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_NoUtf8_IsRefused()
    {
        byte[] message = [.. "n,,n=user,r=x"u8, 0xFF];

        EnhancedAuthenticationStep first = await Exchange().ContinueAsync(message, CancellationToken.None);

        Assert.Equal(ReasonCode.NotAuthorized, first.ReasonCode);
        Assert.Contains("UTF-8", first.ReasonString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_OtherUserThanThatOfConnect_IsRefused()
    {
        EnhancedAuthenticationStep first = await Step(new ScramSha256Exchange("alice", _ => (Pencil, true), ServerNonce), ClientFirst);

        Assert.Equal(ReasonCode.NotAuthorized, first.ReasonCode);
    }

    [Theory]
    [InlineData("n,,n=a=2Cb=3Dc,r=x", "a,b=c")]
    [InlineData("y,a=user,n=user,r=x", "user")]
    public async Task First_UserName_IsUnescaped(string message, string user)
    {
        string? asked = null;

        await Step(new ScramSha256Exchange(null, name => (Pencil, (asked = name) is not null), ServerNonce), message);

        Assert.Equal(user, asked);
    }

    [Fact]
    public async Task Authenticator_UnknownUser_GetsTheSameSaltAgainAndIsRefused()
    {
        using var file = new TemporaryFile($"user:{Pencil}\nplain:{PasswordHash.Create(PasswordHashKind.Sha512, "x"u8)}\n");
        using var passwords = new PasswordCheck(file.Path);
        var authenticator = new ScramSha256Authenticator(passwords);
        IEnhancedAuthentication Begin() => authenticator.Begin(new ConnectingClient("c", null, null, ProtocolVersion.V5, new IPEndPoint(IPAddress.Loopback, 1)));

        string[] salts = [.. await Task.WhenAll(new[] { "nobody", "nobody", "other", "plain", "user" }.Select(async user =>
            Text(await Begin().ContinueAsync(Encoding.UTF8.GetBytes($"n,,n={user},r=x"), CancellationToken.None)).Split(",s=")[1]))];
        Assert.Equal(salts[0], salts[1]);
        Assert.Equal(4, salts.Distinct().Count());

        // Whoever knows how the entry in vain is made must not get in with it.
        IEnhancedAuthentication exchange = Begin();
        string serverFirst = Text(await exchange.ContinueAsync("n,,n=nobody,r=x"u8.ToArray(), CancellationToken.None));
        string without = $"c=biws,{serverFirst.Split(',')[0]}";
        byte[] signature = HMACSHA256.HashData(new byte[32], Encoding.UTF8.GetBytes($"n=nobody,r=x,{serverFirst},{without}"));
        EnhancedAuthenticationStep final = await exchange.ContinueAsync(Encoding.UTF8.GetBytes($"{without},p={Convert.ToBase64String(signature)}"), CancellationToken.None);
        Assert.Equal(ReasonCode.NotAuthorized, final.ReasonCode);
    }

    private static ScramSha256Exchange Exchange() => new(null, _ => (Pencil, true), ServerNonce);

    private static ValueTask<EnhancedAuthenticationStep> Step(ScramSha256Exchange exchange, string message) =>
        exchange.ContinueAsync(Encoding.UTF8.GetBytes(message), CancellationToken.None);

    private static string Text(EnhancedAuthenticationStep step) => Encoding.UTF8.GetString(step.Data.Span);
}
