using Godwit.Broker.Auth;

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

    private sealed class OneHour(TimeProvider time) : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            new(AuthenticationResult.Success with { ExpiresAt = time.GetUtcNow() + TimeSpan.FromHours(1) });
    }
}
