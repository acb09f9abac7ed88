// The whole broker, with its real store, on a disk whose un-synced writes are lost or torn when the power goes, and which is full or fails
// now and then: what was acknowledged at level fsync, the default, is not lost, and nothing is doubled at QoS 2.
using Godwit.Conformance.Tests.Durability;
using Godwit.Storage.Tests.Faults;

namespace Godwit.Crash.Tests.Disk;

public sealed class PowerLossTests
{
    private const int Seeds = 25, Steps = 120;

    [Theory]
    [InlineData(true, (int)DiskFault.None)]
    [InlineData(true, (int)DiskFault.InputOutput)]
    [InlineData(false, (int)DiskFault.Full)]
    [InlineData(false, (int)DiskFault.InputOutput)]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    [Statement("MQTT-4.6.0-5", "3.1.1")]
    public void Disk_LosesPowerOrFails_NothingAcknowledgedIsLostOrDoubled(bool losesPower, int fault)
    {
        int published = 0, received = 0, powerLosses = 0, faults = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            using var medium = new FaultMedium(seed, losesPower, (DiskFault)fault);
            using var load = new CrashLoad(seed, medium);
            for (int i = 0; i < Steps; i++) load.Step();
            load.Finish();
            published += load.Published;
            received += load.Received;
            powerLosses += medium.PowerLosses;
            faults += medium.Faults;
        }
        Assert.InRange(published, Seeds * 10, int.MaxValue);
        Assert.InRange(received, published, int.MaxValue);
        Assert.Equal((losesPower, fault != 0), (powerLosses > Seeds, faults > Seeds));
    }
}
