// One message through a broker that nobody has configured.
using Godwit.Interop.Tests.Peers;
using Godwit.Broker;
using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Interop.Tests.Scenes;

public class FirstMessageTests
{
    [Fact]
    public async Task PUBLISH_FromFirstScript_GoesThroughBrokerWithDefaults()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions());
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=subscriber", "filter=/python/mqtt", "until=1");

        await using var script = new PeerProcess(
            Programs.Python, [Repository.PathOf("tests/Interop/py/first_message.py"), $"{broker.Port}"], null, OutputLine.Parse, () => broker.Log);
        await script.SuccessAsync();
        ReceivedMessage message = Assert.Single(await subscriber.AllMessagesAsync());

        Assert.Equal(("/python/mqtt", "Hello from Python", 0, false), (message.Topic, message.Text, message.QoS, message.Retain));
        LogAssert.InOrder(broker.Log,
            " as python_test\n",
            "Sending CONNACK to python_test (0, 0)",
            "as python_test (p2, c1, k60).",
            "Received PUBLISH from python_test (d0, q0, r0, m0, '/python/mqtt', ... (17 bytes))");
        // Its DISCONNECT often never leaves the client's machine: it closes the socket with CONNACK unread.
    }

    // A leading slash is a level of its own, with an empty name.
    [Theory]
    [InlineData("/python/mqtt", true)]
    [InlineData("/+/mqtt", true)]
    [InlineData("+/python/mqtt", true)]
    [InlineData("#", true)]
    [InlineData("python/mqtt", false)]
    [InlineData("+/mqtt", false)]
    public async Task SUBSCRIBE_TopicWithLeadingSlash_HasOneMoreLevel(string filter, bool matches)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(PeerKind.Mosquitto, ProtocolVersion.V311, "id=subscriber", $"filter={filter}", "filter=end", "until=1");

        await broker.Broker.PublishAsync("/python/mqtt", "x"u8.ToArray());
        await broker.Broker.PublishAsync("end", "x"u8.ToArray());
        ReceivedMessage first = Assert.Single(await subscriber.AllMessagesAsync());

        Assert.Equal(matches ? "/python/mqtt" : "end", first.Topic);
    }
}
