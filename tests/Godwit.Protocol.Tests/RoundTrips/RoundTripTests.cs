// Random packets: the codec writes what the independent encoder encodes, reads back what was written, and explains every byte of it.
using FsCheck;
using FsCheck.Fluent;
using Godwit.Protocol.Tests.Annotating;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.RoundTrips;

public class RoundTripTests
{
    [Fact]
    public void CONNECT_Random_RoundTrips() => RoundTrips(Generators.Connect());

    [Fact]
    public void CONNACK_Random_RoundTrips() => RoundTrips(Generators.Connack());

    [Fact]
    public void PUBLISH_Random_RoundTrips() => RoundTrips(Generators.Publish());

    [Fact]
    public void PublishAcknowledgements_Random_RoundTrip() => RoundTrips(Generators.PublishAck());

    [Fact]
    public void SUBSCRIBE_Random_RoundTrips() => RoundTrips(Generators.Subscribe());

    [Fact]
    public void SUBACK_UNSUBACK_Random_RoundTrip() => RoundTrips(Generators.Suback());

    [Fact]
    public void UNSUBSCRIBE_Random_RoundTrips() => RoundTrips(Generators.Unsubscribe());

    [Fact]
    public void PINGREQ_PINGRESP_Random_RoundTrip() => RoundTrips(Generators.Ping());

    [Fact]
    public void DISCONNECT_Random_RoundTrips() => RoundTrips(Generators.Disconnect());

    [Fact]
    public void AUTH_Random_RoundTrips() => RoundTrips(Generators.Auth());

    [Fact]
    public void Write_DestinationOneByteShort_Throws() => Properties.Hold(Generators.Packet, 300, packet =>
    {
        if (packet is PingModel) return; // PINGREQ and PINGRESP are constants
        Assert.ThrowsAny<ArgumentException>(() => packet.Write(new byte[packet.Length - 1]));
    });

    private static void RoundTrips(Gen<PacketModel> generator) => Properties.Hold(generator, 300, packet =>
    {
        ProtocolVersion version = packet.Type == PacketType.Connect ? ProtocolVersion.Unknown : packet.Version;
        byte[] bytes = packet.Write();
        Assert.Equal(Hex.Text(packet.Encode()), Hex.Text(bytes));

        byte[] received = [.. bytes, 0xFF, 0xFF]; // what follows belongs to the next packet
        PacketModel? read = PacketModel.Read(received, version, out Violation? violation);
        Assert.Null(violation);
        Assert.Equal(packet, read);
        Assert.Equal(Hex.Text(bytes), Hex.Text(read!.Write()));
        Coverage.IsExact(bytes, version);
    });
}
