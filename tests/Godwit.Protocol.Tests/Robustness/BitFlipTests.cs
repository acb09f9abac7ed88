using Godwit.Protocol.Tests.Golden;

namespace Godwit.Protocol.Tests.Robustness;

public class BitFlipTests
{
    [Theory]
    [MemberData(nameof(VectorData.All), MemberType = typeof(VectorData))]
    public void Read_EveryBitFlipped_IsRefusedOrAnotherPacket(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        byte[] packet = vector.Bytes;
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            packet[bit / 8] ^= (byte)(1 << bit % 8);
            foreach (ProtocolVersion version in Enum.GetValues<ProtocolVersion>()) Consistency.Holds(packet, version);
            packet[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }
}
