// The program as somebody meets it who has just installed it: no configuration, loopback, -v, $SYS, and the first mistakes.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests.Scenes;

public class ProtocolNotesTests
{
    [Fact]
    public async Task Broker_WithoutConfiguration_LetsEverybodyOnThisMachineInAndShowsEveryPacket()
    {
        await using GodwitProcess broker = await GodwitProcess.StartAsync();
        await using PeerProcess publisher =
            broker.Start(PeerKind.Mosquitto, "publish", ProtocolVersion.V311, "id=sensor", "topic=room/1", "payload=21.5", "qos=1");

        await publisher.SuccessAsync();
        await broker.LoggedAsync("Client sensor disconnected.");
        int exitCode = await broker.StopAsync();

        LogAssert.InOrder(broker.Log,
            "godwit version", $"Listening on 127.0.0.1:{broker.Port}.",
            "New connection from 127.0.0.1:", $" on port {broker.Port}.",
            "New client connected from 127.0.0.1:", " as sensor (p2, c1, k60).",
            "Received PUBLISH from sensor (d0, q1, r0, m1, 'room/1', ... (4 bytes))",
            "Sending PUBACK to sensor (m1, rc0)",
            "Received DISCONNECT from sensor",
            "Client sensor disconnected.",
            "terminating");
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task SUBSCRIBE_Sys_ShowsTheBrokerAndAPlainHashDoesNot()
    {
        await using GodwitProcess broker = await GodwitProcess.StartAsync();
        await using PeerProcess sys = broker.Start(PeerKind.Mosquitto, "subscribe", ProtocolVersion.V311, "id=sys", "filter=$SYS/#");
        await using PeerProcess all = broker.Start(PeerKind.Mosquitto, "subscribe", ProtocolVersion.V311, "id=all", "filter=#", "until=1");
        await all.EventAsync("SUBSCRIBED");

        string[] wanted = ["$SYS/broker/version", "$SYS/broker/uptime", "$SYS/broker/clients/connected", "$SYS/broker/messages/received"];
        var seen = new Dictionary<string, string>();
        while (!wanted.All(seen.ContainsKey))
        {
            ReceivedMessage message = await sys.MessageAsync();
            seen[message.Topic] = message.Text;
        }
        await using PeerProcess publisher = broker.Start(PeerKind.Mosquitto, "publish", ProtocolVersion.V311, "id=p", "topic=a", "payload=x");
        ReceivedMessage first = Assert.Single(await all.AllMessagesAsync());

        Assert.StartsWith("godwit version ", seen["$SYS/broker/version"]);
        Assert.EndsWith(" seconds", seen["$SYS/broker/uptime"]);
        Assert.True(int.Parse(seen["$SYS/broker/messages/received"]) >= 0);
        Assert.Equal("a", first.Topic);
    }

    // Section 4.6: the messages of one publisher to one topic arrive in their order, at each QoS; at 2 without duplicates.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task PUBLISH_ManyToOneTopic_ArriveInOrder(int qos)
    {
        await using GodwitProcess broker = await GodwitProcess.StartAsync();
        await using PeerProcess subscriber =
            broker.Start(PeerKind.PahoPython, "subscribe", ProtocolVersion.V311, "id=subscriber", "filter=order", $"qos={qos}", "until=500");
        await subscriber.EventAsync("SUBSCRIBED");

        await using PeerProcess publisher =
            broker.Start(PeerKind.Mosquitto, "publish", ProtocolVersion.V5, "id=publisher", "topic=order", "payload={i}", "count=500", $"qos={qos}");
        await publisher.SuccessAsync();
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal(Enumerable.Range(0, 500).Select(i => ($"{i}", qos)), messages.Select(m => (m.Text, m.QoS)));
    }

    [Fact]
    public async Task TlsClient_OnThePlainPort_LogSaysWhatItIsAndWhatToDo()
    {
        await using GodwitProcess broker = await GodwitProcess.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, broker.Port);
        await using var tls = new SslStream(socket.GetStream());

        Exception refused = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync("localhost").WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.True(refused is IOException or AuthenticationException, $"{refused}");
        await broker.LoggedAsync("this looks like a TLS client on the plain MQTT port");
    }
}
