// Sections 3.14 and 4.13: DISCONNECT, from either side.
using System.Net;
using System.Net.Sockets;
using Godwit.Broker;

namespace Godwit.Conformance.Tests.Mqtt5;

public class DisconnectTests
{
    [Theory]
    [Statement("MQTT-3.14.1-1", "5.0")]
    [InlineData("E1 00")]
    [InlineData("E8 00")]
    public void DISCONNECT_ReservedBits_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-3.14.2-1", "5.0")]
    public void DISCONNECT_ReasonCodeNotItsOwn_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send("E0 01 10");
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-3.14.4-1", "5.0")]
    [Statement("MQTT-3.14.4-2", "5.0")]
    public void DISCONNECT_FromClient_ClosesAndNothingBehindIsProcessed()
    {
        using var broker = new TestBroker();
        TestClient watcher = broker.Connect5("w"), client = broker.Connect5("c");
        watcher.Subscribe("#");
        client.Send(Packets.Disconnect, Packets.Publish(ProtocolVersion.V5, "a", [1]), Packets.Pingreq);
        client.ExpectClosed();
        watcher.ExpectNothing();
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-3.14.4-1", "5.0")]
    [Statement("MQTT-3.14.4-2", "5.0")]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [Statement("MQTT-4.13.2-1", "5.0")]
    public void DISCONNECT_FromServer_IsTheLastPacketAndNothingBehindTheErrorIsProcessed()
    {
        using var broker = new TestBroker();
        TestClient watcher = broker.Connect5("w"), client = broker.Connect5("c");
        watcher.Subscribe("#");
        client.Subscribe("#");
        client.Send([0x00, 0x00], Packets.Publish(ProtocolVersion.V5, "a", [1]), Packets.Pingreq);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
        watcher.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [InlineData("20 03  00 00 00")]
    [InlineData("90 04  00 01  00  00")]
    [InlineData("B0 04  00 01  00  00")]
    [InlineData("D0 00")]
    public void AnyPacket_OnlyAServerSends_Disconnects82(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-3.14.2-1", "5.0")]
    [Statement("MQTT-3.14.2-2", "5.0")]
    [Statement("MQTT-4.2.0-1", "5.0")]
    public async Task DISCONNECT_ServerStops_Sends8BOverTcp()
    {
        await using MqttBroker broker = await MqttBroker.StartAsync(new BrokerOptions
        {
            Loops = 2, Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
        });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await socket.ConnectAsync(broker.EndPoints[0], patience.Token);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(V5.Connect("c", V5.Hour), patience.Token);
        byte[] connack = new byte[13];
        await stream.ReadExactlyAsync(connack, patience.Token);
        Assert.Equal(Hex.Text(Hex.Bytes($"20 0B  00 00  08  {V5.Announced}")), Hex.Text(connack));
        Task stopped = broker.StopAsync();
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest, patience.Token);
        Assert.Equal("E0 01 8B", Hex.Text(rest.ToArray()));
        socket.Close();
        await stopped.WaitAsync(patience.Token);
    }
}
