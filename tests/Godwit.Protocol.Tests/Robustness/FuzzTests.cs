// Random and mutated input. GODWIT_FUZZ_ITERATIONS says how much (default 200,000), GODWIT_FUZZ_SEED repeats a run; a failure prints
// the seed and the input.
using System.Globalization;
using Godwit.Protocol.Tests.Models;
using Xunit.Abstractions;

namespace Godwit.Protocol.Tests.Robustness;

public class FuzzTests(ITestOutputHelper output)
{
    private static readonly (byte[] Bytes, ProtocolVersion Version)[] Seeds =
        [.. GoldenVectors.All.Select(vector => (vector.Bytes, vector.ReaderVersion)).Where(seed => seed.Bytes.Length < 128)];
    private static readonly ProtocolVersion[] Versions = Enum.GetValues<ProtocolVersion>();

    [Fact]
    public void Read_RandomInput_NeverThrowsAndIsConsistent()
    {
        int iterations = Setting("GODWIT_FUZZ_ITERATIONS") ?? 200_000;
        int seed = Setting("GODWIT_FUZZ_SEED") ?? Environment.TickCount;
        output.WriteLine($"GODWIT_FUZZ_ITERATIONS={iterations} GODWIT_FUZZ_SEED={seed}");
        var random = new Random(seed);
        int valid = 0;
        for (int i = 0; i < iterations; i++)
        {
            (byte[] bytes, ProtocolVersion version) = Seeds[random.Next(Seeds.Length)];
            byte[] input = random.Next(10) == 0 ? RandomPacket(random) : Mutated(bytes, random);
            if (random.Next(4) == 0) version = Versions[random.Next(Versions.Length)];
            try
            {
                if (Consistency.Holds(input, version)) valid++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"GODWIT_FUZZ_SEED={seed}, iteration {i}, {version}: {Hex.Text(input)}", e);
            }
        }
        output.WriteLine($"{valid} of {iterations} inputs were valid packets.");
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (int n = random.Next(1, 4); n > 0; n--) Mutate(bytes, random);
        // Most mutations shall reach the packet's body: announce the length that is there.
        return random.Next(4) == 0 || bytes.Count < 2 ? [.. bytes] : new PacketEncoder().Raw(bytes.Skip(2).ToArray()).Packet(bytes[0]);
    }

    private static byte[] RandomPacket(Random random)
    {
        byte[] body = new byte[random.Next(40)];
        random.NextBytes(body);
        return new PacketEncoder().Raw(body).Packet(random.Next(256));
    }

    private static void Mutate(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count + 1), length = Math.Min(random.Next(1, 12), bytes.Count - at);
        byte[] other = Seeds[random.Next(Seeds.Length)].Bytes;
        switch (random.Next(6))
        {
            case 0 when length > 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when length > 0: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes.Insert(at, (byte)random.Next(256)); break;
            case 3: bytes.RemoveRange(at, length); break;
            case 4: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 5: bytes.InsertRange(at, other.Skip(random.Next(other.Length)).Take(random.Next(1, 20))); break;
        }
    }
}
