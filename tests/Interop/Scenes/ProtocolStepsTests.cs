// A device's life: it connects with all that CONNECT has, subscribes, receives at each QoS, pings and leaves; or it dies.
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests.Scenes;

public class ProtocolStepsTests
{
    private static readonly string[] Connect =
    [
        "id=device", "user=anna", "password=secret", "keepalive=1",
        "will-topic=state/device", "will-payload=lost", "will-qos=1", "will-retain=1",
    ];

    [Theory]
    [InlineData(PeerKind.PahoPython, ProtocolVersion.V31)]
    [InlineData(PeerKind.PahoPython, ProtocolVersion.V311)]
    [InlineData(PeerKind.PahoPython, ProtocolVersion.V5)]
    [InlineData(PeerKind.MqttJs, ProtocolVersion.V311)]
    [InlineData(PeerKind.PahoC, ProtocolVersion.V5)]
    public async Task Device_AllSteps_AreAnswered(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess device = await broker.SubscribeAsync(peer, version, [.. Connect, "filter=command/#", "qos=2", "until=3"]);
        await broker.LoggedAsync("Sending PINGRESP to device");

        for (int qos = 0; qos <= 2; qos++)
            await broker.PublishAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=operator", $"topic=command/{qos}", "payload=go", $"qos={qos}");
        IReadOnlyList<ReceivedMessage> messages = await device.AllMessagesAsync();
        await broker.LoggedAsync("Client device disconnected.");

        Assert.Equal([("command/0", 0), ("command/1", 1), ("command/2", 2)], messages.Select(m => (m.Topic, m.QoS)));
        int level = version switch { ProtocolVersion.V31 => 1, ProtocolVersion.V311 => 2, _ => 5 };
        LogAssert.InOrder(broker.Log,
            "Sending CONNACK to device (0, 0)",
            $"as device (p{level}, c1, k1, u'anna').",
            "Received SUBSCRIBE from device", "command/# (QoS 2)", "Sending SUBACK to device",
            "Received PINGREQ from device", "Sending PINGRESP to device",
            "Sending PUBLISH to device (d0, q0, r0, m0, 'command/0', ... (2 bytes))",
            "Sending PUBLISH to device (d0, q1, r0, m1, 'command/1', ... (2 bytes))", "Received PUBACK from device (Mid: 1, RC:0)",
            "Sending PUBLISH to device (d0, q2, r0, m2, 'command/2', ... (2 bytes))", "Received PUBREC from device (Mid: 2, RC:0)",
            "Sending PUBREL to device (m2, rc0)", "Received PUBCOMP from device (Mid: 2, RC:0)",
            "Received DISCONNECT from device", "Client device disconnected.");
        Assert.DoesNotContain("Will of client", broker.Log);
    }

    [Theory]
    [InlineData(PeerKind.PahoPython, ProtocolVersion.V311)]
    [InlineData(PeerKind.PahoC, ProtocolVersion.V5)]
    public async Task Device_FallsSilent_KeepAliveEndsItAndItsWillIsPublished(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess watcher =
            await broker.SubscribeAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=watcher", "filter=state/#", "qos=1", "until=1");
        await using PeerProcess device = await broker.SubscribeAsync(peer, version, [.. Connect, "filter=command/#"]);

        device.Freeze();
        ReceivedMessage will = Assert.Single(await watcher.AllMessagesAsync());

        Assert.Equal(("state/device", "lost", 1), (will.Topic, will.Text, will.QoS));
        LogAssert.InOrder(broker.Log, "Client device has exceeded timeout, disconnecting.", "Will of client device published to 'state/device'.");
    }
}
