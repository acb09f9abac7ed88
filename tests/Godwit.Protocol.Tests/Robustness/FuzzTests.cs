// Random and mutated packets; Godwit.Testing/Fuzz.cs says how to run more of them and how to repeat a run.
using Godwit.Protocol.Tests.Models;
using Xunit.Abstractions;

namespace Godwit.Protocol.Tests.Robustness;

public class FuzzTests(ITestOutputHelper output)
{
    private static readonly byte[][] Seeds = [.. GoldenVectors.All.Select(vector => vector.Bytes).Where(bytes => bytes.Length < 128)];
    private static readonly ProtocolVersion[] Versions = Enum.GetValues<ProtocolVersion>();

    [Fact]
    public void Read_RandomInput_NeverThrowsAndIsConsistent()
    {
        int valid = 0, all = 0;
        Fuzz.Run(Seeds, 5_000_000, (mutated, random) =>
        {
            byte[] input = random.Next(10) == 0 ? RandomPacket(random) : WithItsLength(mutated, random);
            all++;
            if (Consistency.Holds(input, Versions[random.Next(Versions.Length)])) valid++;
        });
        output.WriteLine($"{valid} of {all} inputs were valid packets.");
        Assert.InRange(valid, all / 20, all);
    }

    // Most mutations shall reach the packet's body: announce the length that is there.
    private static byte[] WithItsLength(byte[] bytes, Random random) =>
        random.Next(4) == 0 || bytes.Length < 2 ? bytes : new PacketEncoder().Raw(bytes[2..]).Packet(bytes[0]);

    private static byte[] RandomPacket(Random random)
    {
        byte[] body = new byte[random.Next(40)];
        random.NextBytes(body);
        return new PacketEncoder().Raw(body).Packet(random.Next(256));
    }
}
