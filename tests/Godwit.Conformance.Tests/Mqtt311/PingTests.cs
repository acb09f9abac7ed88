// PINGREQ and PINGRESP: section 3.12.
namespace Godwit.Conformance.Tests.Mqtt311;

public class PingTests
{
    [Fact]
    [Statement("MQTT-3.12.4-1", "3.1.1")]
    public void PINGREQ_FromConnectedClient_IsAnsweredByPingresp()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("c");

        client.Send("C0 00");

        client.Expect("D0 00");
    }
}
