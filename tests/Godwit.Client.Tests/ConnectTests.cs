// CONNECT and CONNACK: sections 3.1 and 3.2.
using System.Net;
using System.Net.Sockets;
using Godwit.Protocol;

namespace Godwit.Client.Tests;

public class ConnectTests
{
    [Fact]
    [Statement("MQTT-3.1.0-1", "5.0")]
    [Statement("MQTT-3.1.2-11", "5.0")]
    [Statement("MQTT-3.1.2-13", "5.0")]
    [Statement("MQTT-3.1.2-16", "5.0")]
    [Statement("MQTT-3.1.2-18", "5.0")]
    [Statement("MQTT-2.2.2-1", "5.0")]
    public void CONNECT_Defaults_IsTheFirstPacketAndTheOnlyOne()
    {
        var script = new Script();

        _ = script.Client.ConnectAsync();

        script.Expect("10 0E 00 04 'MQTT' 05 02 00 3C 00 00 01 'c'");
        Assert.Equal(ConnectionState.Connecting, script.Client.State);
    }

    [Theory]
    [InlineData(ProtocolVersion.V311, "10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'")]
    [InlineData(ProtocolVersion.V31, "10 0F 00 06 'MQIsdp' 03 02 00 3C 00 01 'c'")]
    [Statement("MQTT-3.1.0-1", "3.1.1")]
    [Statement("MQTT-3.1.2-11", "3.1.1")]
    [Statement("MQTT-3.1.2-13", "3.1.1")]
    [Statement("MQTT-3.1.2-15", "3.1.1")]
    [Statement("MQTT-3.1.2-18", "3.1.1")]
    [Statement("MQTT-3.1.2-20", "3.1.1")]
    [Statement("MQTT-3.1.3-3", "3.1.1")]
    public void CONNECT_EarlierVersions_HaveTheirForm(ProtocolVersion version, string expected)
    {
        var script = new Script(new MqttClientOptions { Version = version });

        _ = script.Client.ConnectAsync();

        script.Expect(expected);
    }

    [Fact]
    [Statement("MQTT-3.1.2-9", "5.0")]
    [Statement("MQTT-3.1.2-17", "5.0")]
    [Statement("MQTT-3.1.2-19", "5.0")]
    [Statement("MQTT-3.1.3-1", "5.0")]
    [Statement("MQTT-3.1.3-3", "5.0")]
    public void CONNECT_EverythingSet_StandsInItsPlace()
    {
        var script = new Script(new MqttClientOptions
        {
            CleanStart = false,
            KeepAlive = TimeSpan.FromSeconds(10),
            SessionExpiryInterval = 60,
            ReceiveMaximum = 10,
            MaximumPacketSize = 1000,
            RequestResponseInformation = true,
            UserProperties = [new UserProperty("n", "v")],
            UserName = "u",
            Password = "p"u8.ToArray(),
            Will = new MqttWill(new MqttMessage { Topic = "w", Payload = "x"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true }) { DelayInterval = 5 },
        });

        _ = script.Client.ConnectAsync();

        script.Expect("""
            10 36 00 04 'MQTT' 05 EC 00 0A
            16 11 00 00 00 3C 21 00 0A 27 00 00 03 E8 19 01 26 00 01 'n' 00 01 'v'
            00 01 'c'
            05 18 00 00 00 05 00 01 'w' 00 01 'x'
            00 01 'u' 00 01 'p'
            """);
    }

    [Fact]
    [Statement("MQTT-3.1.2-9", "3.1.1")]
    [Statement("MQTT-3.1.2-19", "3.1.1")]
    [Statement("MQTT-3.1.2-21", "3.1.1")]
    [Statement("MQTT-3.1.3-1", "3.1.1")]
    public void CONNECT_311WithWillAndUser_KeepsTheOrderOfThePayload()
    {
        var script = new Script(new MqttClientOptions
        {
            Version = ProtocolVersion.V311,
            UserName = "u",
            Password = "p"u8.ToArray(),
            Will = new MqttWill(new MqttMessage { Topic = "w", Payload = "x"u8.ToArray() }),
        });

        _ = script.Client.ConnectAsync();

        script.Expect("10 19 00 04 'MQTT' 04 C6 00 3C 00 01 'c' 00 01 'w' 00 01 'x' 00 01 'u' 00 01 'p'");
    }

    [Fact]
    [Statement("MQTT-3.1.2-22", "3.1.1")]
    public void CONNECT_311PasswordWithoutUserName_IsNotSent() => Assert.Throws<ArgumentException>(
        () => new MqttClient(new MqttClientOptions { Version = ProtocolVersion.V311, Password = "p"u8.ToArray() }));

    [Fact]
    [Statement("MQTT-3.1.3-7", "3.1.1")]
    public void CONNECT_311EmptyClientIdWithSession_IsNotSent() => Assert.Throws<ArgumentException>(
        () => new MqttClient(new MqttClientOptions { Version = ProtocolVersion.V311, ClientId = "", CleanStart = false }));

    [Fact]
    [Statement("MQTT-3.1.2-14", "3.1.1")]
    [Statement("MQTT-3.1.2-12", "5.0")]
    public void CONNECT_WillQoS3_IsNotSent() => Assert.Throws<ArgumentException>(
        () => new MqttClient(new MqttClientOptions { Will = new MqttWill(new MqttMessage { Topic = "w", QoS = (QoS)3 }) }));

    [Fact]
    [Statement("MQTT-1.5.4-1", "5.0")]
    [Statement("MQTT-3.1.3-4", "5.0")]
    [Statement("MQTT-3.1.3-11", "5.0")]
    [Statement("MQTT-3.1.3-12", "5.0")]
    [Statement("MQTT-3.1.3-4", "3.1.1")]
    [Statement("MQTT-3.1.3-10", "3.1.1")]
    [Statement("MQTT-3.1.3-11", "3.1.1")]
    public void CONNECT_StringsThatAreNotUtf8_AreNotSent()
    {
        const string halfPair = "\uD800";

        Assert.Throws<ArgumentException>(() => new MqttClient(new MqttClientOptions { ClientId = halfPair }));
        Assert.Throws<ArgumentException>(() => new MqttClient(new MqttClientOptions { UserName = halfPair }));
        Assert.Throws<ArgumentException>(() => new MqttClient(new MqttClientOptions { Will = new MqttWill(new MqttMessage { Topic = halfPair }) }));
    }

    [Fact]
    public async Task CONNACK_WithProperties_BecomesTheResult()
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Send("20 18 00 00 15 21 00 0A 24 01 25 00 27 00 00 00 64 12 00 02 'id' 1A 00 01 'r'");

        ConnectResult result = await connecting.Soon();
        Assert.Equal((10, QoS.AtLeastOnce, false, 100), (result.Limits.ReceiveMaximum, result.Limits.MaximumQoS, result.Limits.RetainAvailable, result.Limits.MaximumPacketSize));
        Assert.Equal(("id", "r"), (result.AssignedClientIdentifier, result.ResponseInformation));
        Assert.Equal("id", script.Client.ClientId);
        Assert.Same(result.Limits, script.Client.ServerLimits);
    }

    [Fact]
    [Statement("MQTT-4.13.2-1", "5.0")]
    public async Task CONNACK_Refusal_FailsWithCodeWordsAndCause()
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Send("20 08 00 86 05 1F 00 02 'no'");

        var exception = await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon);
        Assert.Equal((ConnectFailure.RefusedByServer, ReasonCode.BadUserNameOrPassword, "no"), (exception.Failure, exception.ReasonCode, exception.ReasonString));
        Assert.Contains("User name or password is wrong", exception.Message);
        Assert.Equal(ConnectionState.Disconnected, script.Client.State);
        Assert.NotNull(script.Peer.Closed);
    }

    [Fact]
    public async Task CONNACK_311Refusal_GivesTheReturnCode()
    {
        var script = new Script(new MqttClientOptions { Version = ProtocolVersion.V311 });
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Send("20 02 00 05");

        var exception = await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon);
        Assert.Equal((ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized), (exception.ReturnCode, exception.ReasonCode));
    }

    [Fact]
    [Statement("MQTT-3.2.2-4", "5.0")]
    public async Task CONNACK_SessionPresentAfterCleanStart_ClosesTheConnection()
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Send("20 03 01 00 00");

        var exception = await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon);
        Assert.Equal(ConnectFailure.ProtocolError, exception.Failure);
        Assert.NotNull(script.Peer.Closed);
    }

    [Theory]
    [InlineData("48 54 54 50 2F 31 2E 31 20 34 30 30")] // HTTP/1.1 400
    [InlineData("30 03 00 01 'a'")]
    public async Task CONNACK_SomethingElseComes_FailsAsProtocolError(string answer)
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Send(answer);

        Assert.Equal(ConnectFailure.ProtocolError, (await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon)).Failure);
    }

    [Fact]
    public async Task CONNACK_DoesNotCome_FailsAfterTheTimeout()
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Advance(TimeSpan.FromSeconds(9));
        Assert.False(connecting.IsCompleted);
        script.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ConnectFailure.TimedOut, (await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon)).Failure);
        Assert.NotNull(script.Peer.Closed);
    }

    [Fact]
    public async Task CONNECT_ServerClosesWithoutAnswer_SaysSo()
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();

        script.Peer.Close();
        script.Run();

        Assert.Equal(ConnectFailure.ClosedByServer, (await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon)).Failure);
    }

    [Fact]
    public async Task CONNECT_Cancelled_ClosesAndMayBeTriedAgain()
    {
        var script = new Script();
        using var cancel = new CancellationTokenSource();
        Task<ConnectResult> connecting = script.Client.ConnectAsync(cancel.Token);
        script.Run();

        await cancel.CancelAsync();
        script.Run();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(connecting.Soon);
        Assert.Equal(ConnectionState.Disconnected, script.Client.State);
        Task<ConnectResult> again = script.Client.ConnectAsync();
        script.Run();
        script.Send(script.Connack);
        Assert.Equal(ReasonCode.Success, (await again.Soon()).ReasonCode);
    }

    [Fact]
    public async Task CONNECT_Twice_IsRefused()
    {
        Script script = Script.Connected();

        Task<ConnectResult> second = script.Client.ConnectAsync();
        script.Run();

        await Assert.ThrowsAsync<InvalidOperationException>(second.Soon);
    }

    [Fact]
    [Statement("MQTT-4.12.0-3", "5.0")]
    [Statement("MQTT-4.12.0-5", "5.0")]
    [Statement("MQTT-3.1.2-30", "5.0")]
    public async Task AUTH_ServerChallenges_IsAnswered()
    {
        var script = new Script(new MqttClientOptions { Authentication = new Echo() });
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Expect("10 17 00 04 'MQTT' 05 02 00 3C 09 15 00 01 'M' 16 00 02 'hi' 00 01 'c'");

        script.Send("F0 0B 18 09 15 00 01 'M' 16 00 02 'ab'");
        script.Expect("F0 0B 18 09 15 00 01 'M' 16 00 02 'ab'");
        script.Send("20 07 00 00 04 15 00 01 'M'");

        Assert.Equal(ReasonCode.Success, (await connecting.Soon()).ReasonCode);
    }

    [Fact]
    [Statement("MQTT-4.12.0-7", "5.0")]
    public async Task AUTH_WithoutMethod_IsNotAnswered()
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();
        script.Peer.Take();

        script.Send("F0 06 18 04 15 00 01 'M'");

        await Assert.ThrowsAsync<MqttConnectException>(connecting.Soon);
        script.Expect("");
    }

    [Fact]
    public async Task TCP_NobodyListens_SaysRefused()
    {
        int port;
        using (var socket = new TcpListener(IPAddress.Loopback, 0))
        {
            socket.Start();
            port = ((IPEndPoint)socket.LocalEndpoint).Port;
        }
        await using var client = new MqttClient(new MqttClientOptions { Host = "127.0.0.1", Port = port });

        var exception = await Assert.ThrowsAsync<MqttConnectException>(() => client.ConnectAsync().Soon());

        Assert.Equal(ConnectFailure.ConnectionRefused, exception.Failure);
        Assert.Contains("no broker listens there", exception.Message);
    }

    [Fact]
    public async Task DNS_NameThatCannotExist_SaysNotFound()
    {
        // A label of more than 63 characters: no name server is asked.
        await using var client = new MqttClient(new MqttClientOptions { Host = new string('x', 64) + ".invalid" });

        var exception = await Assert.ThrowsAsync<MqttConnectException>(() => client.ConnectAsync().Soon());

        Assert.Equal(ConnectFailure.HostNotFound, exception.Failure);
    }

    private sealed class Echo : IClientAuthentication
    {
        public string Method => "M";

        public ReadOnlyMemory<byte> Begin() => "hi"u8.ToArray();

        public ReadOnlyMemory<byte> Continue(ReadOnlySpan<byte> data) => data.ToArray();
    }
}
