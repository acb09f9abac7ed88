// Payloads of every way they can be received (with others in the loop's buffer, in one of their own, copied out of the loop's) reach
// subscribers on every loop unchanged, now and later.
namespace Godwit.Conformance.Tests.Mqtt311;

public class LargePayloadTests
{
    private static readonly int[] Sizes = [64, 20_000, 20_000, 100_000, 66_000, 40_000, 300_000, 64, 65_000, 20_000, 33_000, 70_000];

    [Theory]
    [Loops]
    public void PUBLISH_LargeAndSmallInOneStream_ReachEverybodyUnchanged(int loops)
    {
        using var broker = new TestBroker(loops);
        string offlineId = broker.ClientId("offline", 1);
        TestClient offline = broker.Connect(offlineId, cleanSession: false);
        offline.Subscribe("t", QoS.AtLeastOnce);
        offline.Close();
        TestClient[] online = [.. Enumerable.Range(0, 3).Select(i => broker.Connect(broker.ClientId($"online{i}", i)))];
        foreach (TestClient client in online) client.Subscribe("t", QoS.AtLeastOnce);
        TestClient publisher = broker.Open(transitLimit: 1024 * 1024);
        publisher.Send(Packets.Connect(ProtocolVersion.V311, "publisher"));
        publisher.Take();

        byte[][] packets = [.. Sizes.Select((size, i) => Publish(size, (ushort)(i + 1)))];
        publisher.Send(packets);
        publisher.Send(packets[^1]); // what was held before is not received into again

        byte[] expected = [.. packets.SelectMany(bytes => bytes), .. Publish(Sizes[^1], (ushort)(Sizes.Length + 1), seed: Sizes.Length)];
        foreach (TestClient client in online) Assert.True(expected.AsSpan().SequenceEqual(client.Received));
        TestClient back = broker.Open();
        back.Send(Packets.Connect(ProtocolVersion.V311, offlineId, cleanSession: false));
        back.TakeFirst("CONNACK 01 00");
        Assert.True(expected.AsSpan().SequenceEqual(back.Received));
    }

    private static byte[] Publish(int size, ushort packetId, int? seed = null)
    {
        var payload = new byte[size];
        new Random(seed ?? packetId).NextBytes(payload);
        return Packets.Publish(ProtocolVersion.V311, "t", payload, QoS.AtLeastOnce, packetId, retain: false, dup: false, properties: "");
    }
}
