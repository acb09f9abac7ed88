using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public sealed class LargeMessageTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly byte[] _payload = new byte[1024 * 1024];

    public LargeMessageTests()
    {
        new Random(1883).NextBytes(_payload);
        File.WriteAllBytes(_file, _payload);
    }

    public void Dispose() => File.Delete(_file);

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task PUBLISH_OneMebibyte_ArrivesWholeAtEachQoS(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber = await broker.SubscribeAsync(peer, version, "id=subscriber", "filter=large", "qos=2");

        for (int qos = 0; qos <= 2; qos++)
        {
            await broker.PublishAsync(peer, version, "id=publisher", "topic=large", $"file={_file}", $"qos={qos}");
            ReceivedMessage message = await subscriber.MessageAsync();

            Assert.Equal(qos, message.QoS);
            Assert.True(_payload.AsSpan().SequenceEqual(message.Payload));
        }
    }
}
