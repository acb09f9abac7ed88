using Godwit.Broker.Auth;
using static Godwit.Conformance.Tests.Mqtt5.ScriptedMethod;

namespace Godwit.Conformance.Tests.Mqtt5;

public class CredentialExpiryTests
{
    [Fact]
    public void Connection_WhoseCredentialsExpire_EndsThen()
    {
        var time = new ManualTimeProvider();
        using var broker = new TestBroker(loops: 2, o => o with { Authenticator = new OneHour(time) }, time: time);
        TestClient client = broker.Connect5("c"), gone = broker.Connect5("gone");
        gone.Disconnect();

        broker.Advance(TimeSpan.FromMinutes(59));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));

        client.ExpectClosed("E0 01  87");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connection_ThatReAuthenticatesBefore_EndsWhenTheNewProofDoes(bool expiresAgain)
    {
        var time = new ManualTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        var method = new ScriptedMethod("M", new Dictionary<string, EnhancedAuthenticationStep>
        {
            ["first"] = Step(ReasonCode.Success) with { ExpiresAt = start + TimeSpan.FromHours(1) },
            ["second"] = Step(ReasonCode.Success) with { ExpiresAt = expiresAgain ? start + TimeSpan.FromHours(2) : null },
        });
        using var broker = new TestBroker(loops: 2, o => o with { EnhancedAuthenticators = [method] }, time: time);
        TestClient client = broker.Open5();
        client.Send(V5.Connect(broker.ClientId("c", 1), V5.Method("M", "first")));
        Assert.StartsWith("CONNACK 00 00", client.Take()[0]);

        broker.Advance(TimeSpan.FromMinutes(59));
        client.Send(V5.Auth(ReasonCode.ReAuthenticate, "M", "second"));
        client.Expect(Hex.Text(V5.Auth(ReasonCode.Success, "M", "")));
        broker.Advance(TimeSpan.FromMinutes(60));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromMinutes(2));

        if (expiresAgain) client.ExpectClosed("E0 01  87");
        else client.ExpectOpen();
    }

    private sealed class OneHour(TimeProvider time) : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            new(AuthenticationResult.Success with { ExpiresAt = time.GetUtcNow() + TimeSpan.FromHours(1) });
    }
}
