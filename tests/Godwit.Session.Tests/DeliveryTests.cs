using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

/// <summary>The promises of section 4.3 over connections that break at random moments.</summary>
[Statement("MQTT-4.4.0-1", "3.1.1")]
[Statement("MQTT-4.4.0-1", "5.0")]
[Statement("MQTT-4.6.0-1", "3.1.1")]
[Statement("MQTT-4.6.0-1", "5.0")]
public class DeliveryTests
{
    [Fact]
    [Statement("MQTT-4.3.2-1", "3.1.1")]
    [Statement("MQTT-4.3.2-3", "5.0")]
    public void QOS1_ConnectionsBreak_DeliversAtLeastOnceInOrderOfFirstDelivery() => RandomEvents.Check(script =>
    {
        LossyNetwork network = Run(script);
        Assert.Equal(Expected(network, QoS.AtLeastOnce), Delivered(network, QoS.AtLeastOnce).Distinct());
    });

    [Fact]
    [Statement("MQTT-4.3.3-1", "3.1.1")]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    [Statement("MQTT-4.3.3-10", "5.0")]
    public void QOS2_ConnectionsBreak_DeliversExactlyOnceInOrder() => RandomEvents.Check(script =>
    {
        LossyNetwork network = Run(script);
        Assert.Equal(Expected(network, QoS.ExactlyOnce), Delivered(network, QoS.ExactlyOnce));
    });

    private static LossyNetwork Run(byte[] script)
    {
        var network = new LossyNetwork();
        for (int i = 0; i + 1 < script.Length; i += 2) network.Step(script[i], script[i + 1]);
        network.Settle();
        return network;
    }

    private static IEnumerable<int> Expected(LossyNetwork network, QoS qos) =>
        network.Offered.Where(sent => sent.QoS == qos && !LossyNetwork.IsRefused(sent.Message)).Select(sent => sent.Message);

    private static IEnumerable<int> Delivered(LossyNetwork network, QoS qos) =>
        network.Delivered.Where(got => got.QoS == qos).Select(got => got.Message);
}
