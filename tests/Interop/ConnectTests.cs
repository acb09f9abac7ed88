using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class ConnectTests
{
    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task CONNECT_AndDisconnect_AreAccepted(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess client = broker.Start(peer, "connect", version, "id=visitor", "keepalive=20");

        OutputLine connected = await client.EventAsync("CONNECTED");
        await client.SuccessAsync();
        // Mosquitto's numbers for the versions in its log, which is ours: 1, 2, 5.
        int level = version switch { ProtocolVersion.V31 => 1, ProtocolVersion.V311 => 2, _ => 5 };

        Assert.Equal("0", connected.Codes);
        Assert.Contains($"as visitor (p{level}, c1, k20).", broker.Log);
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task CONNECT_UserNameAndPassword_DecideWhetherItIsAccepted(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { Loops = 2, Authenticator = new OnePassword("anna", "secret") });
        await using PeerProcess right = broker.Start(peer, "connect", version, "id=right", "user=anna", "password=secret");
        await using PeerProcess wrong = broker.Start(peer, "connect", version, "id=wrong", "user=anna", "password=guess");

        OutputLine accepted = await right.EventAsync("CONNECTED");
        OutputLine refused = await wrong.EventAsync("CONNECTED");
        await right.SuccessAsync();
        int exitCode = await wrong.ExitAsync();

        Assert.Equal("0", accepted.Codes);
        Assert.Equal(version == ProtocolVersion.V5 ? "134" : "4", refused.Codes);
        Assert.NotEqual(0, exitCode);
    }

    // Paho for Python 1.6 reads the code of a DISCONNECT only if properties follow it.
    [Theory]
    [InlineData(PeerKind.Mosquitto)]
    [InlineData(PeerKind.PahoC)]
    [InlineData(PeerKind.MqttJs)]
    public async Task CONNECT_ClientIdInUse_OlderConnectionIsToldWhy(PeerKind peer)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess older = await broker.SubscribeAsync(peer, ProtocolVersion.V5, "id=same", "filter=a");
        await using PeerProcess newer = await broker.SubscribeAsync(Matrix.Other(peer), ProtocolVersion.V5, "id=same", "filter=a");

        OutputLine told = await older.EventAsync("DISCONNECTED");

        Assert.Equal($"{(int)ReasonCode.SessionTakenOver}", told.Codes);
    }

    private sealed class OnePassword(string user, string password) : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            new(client.UserName == user && client.Password is { } given && Encoding.UTF8.GetString(given.Span) == password
                ? AuthenticationResult.Success
                : AuthenticationResult.BadUserNameOrPassword);
    }
}
