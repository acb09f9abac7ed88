using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

public class ConnectionLimitsTests
{
    [Fact]
    public void CONNECT_NothingAnnounced_HasTheSpecificationsDefaults()
    {
        ConnectionLimits limits = ConnectionLimits.From(default);

        Assert.Same(ConnectionLimits.Default, limits);
        Assert.Equal((65_535, 268_435_460, 0, null), (limits.ReceiveMaximum, limits.MaximumPacketSize, limits.TopicAliasMaximum, limits.SessionExpiryInterval));
        Assert.Equal((true, false), (limits.RequestProblemInformation, limits.RequestResponseInformation));
        Assert.Equal((QoS.ExactlyOnce, true, null), (limits.MaximumQoS, limits.RetainAvailable, limits.ServerKeepAlive));
        Assert.True(limits.WildcardSubscriptionAvailable && limits.SubscriptionIdentifierAvailable && limits.SharedSubscriptionAvailable);
    }

    [Fact]
    [Statement("MQTT-3.1.2-24", "5.0")]
    public void CONNECT_Properties_AreRead()
    {
        var writer = new PropertyWriter(stackalloc byte[64]);
        writer.Add(PropertyId.ReceiveMaximum, 20);
        writer.Add(PropertyId.MaximumPacketSize, 1_000);
        writer.Add(PropertyId.TopicAliasMaximum, 30);
        writer.Add(PropertyId.SessionExpiryInterval, uint.MaxValue);
        writer.Add(PropertyId.RequestProblemInformation, 0);
        writer.Add(PropertyId.RequestResponseInformation, 1);
        writer.AddUserProperty("a"u8, "b"u8);
        ConnectionLimits limits = ConnectionLimits.From(writer.Written);

        Assert.Equal(
            new ConnectionLimits
            {
                ReceiveMaximum = 20,
                MaximumPacketSize = 1_000,
                TopicAliasMaximum = 30,
                SessionExpiryInterval = uint.MaxValue,
                RequestProblemInformation = false,
                RequestResponseInformation = true,
            },
            limits);
        Assert.True(limits.Fits(1_000));
        Assert.False(limits.Fits(1_001));
    }

    [Fact]
    [Statement("MQTT-3.2.2-21", "5.0")]
    public void CONNACK_Properties_AreRead()
    {
        var writer = new PropertyWriter(stackalloc byte[64]);
        writer.Add(PropertyId.ServerKeepAlive, 60);
        writer.Add(PropertyId.MaximumQoS, 1);
        writer.Add(PropertyId.RetainAvailable, 0);
        writer.Add(PropertyId.WildcardSubscriptionAvailable, 0);
        writer.Add(PropertyId.SubscriptionIdentifierAvailable, 0);
        writer.Add(PropertyId.SharedSubscriptionAvailable, 0);
        writer.Add(PropertyId.MaximumPacketSize, uint.MaxValue);

        Assert.Equal(
            new ConnectionLimits
            {
                ServerKeepAlive = 60,
                MaximumQoS = QoS.AtLeastOnce,
                RetainAvailable = false,
                WildcardSubscriptionAvailable = false,
                SubscriptionIdentifierAvailable = false,
                SharedSubscriptionAvailable = false,
            },
            ConnectionLimits.From(writer.Written));
    }
}
