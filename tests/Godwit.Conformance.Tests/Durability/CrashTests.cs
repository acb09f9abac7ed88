// The promise as a whole: publishers and subscribers that keep their part of the protocol, a broker that dies again and again at any
// moment, and at the end every message that was acknowledged has arrived: at QoS 1 at least once, at QoS 2 exactly once, in order.
using Godwit.Broker.Storage;

namespace Godwit.Conformance.Tests.Durability;

public sealed class CrashTests
{
    private const int Seeds = 150, Steps = 150;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    [Statement("MQTT-4.6.0-5", "3.1.1")]
    public void Kill_AtRandomMoments_NothingAcknowledgedIsLostOrDoubled(bool losesPower)
    {
        int kills = 0, messages = 0, received = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            using var medium = new MemoryMedium(losesPower);
            using var load = new CrashLoad(seed, medium);
            for (int i = 0; i < Steps; i++) load.Step();
            load.Finish();
            kills += load.Kills;
            messages += load.Published;
            received += load.Received;
        }
        Assert.InRange(kills, Seeds, int.MaxValue);
        Assert.InRange(messages, Seeds * 10, int.MaxValue);
        Assert.InRange(received, messages, int.MaxValue);
    }

    private sealed class MemoryMedium(bool losesPower) : ICrashMedium
    {
        private readonly MemoryStore _store = new();

        public bool MayFail => false;

        public bool IsLost => false;

        public void Arm()
        {
        }

        public IBrokerStore Open() => _store;

        public void Crash()
        {
            if (losesPower) _store.LosePower();
            else _store.Crash();
        }

        public void Dispose() => _store.Dispose();
    }
}
