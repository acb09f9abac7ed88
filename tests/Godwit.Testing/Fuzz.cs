// Input that is nearly right: seeds with a few bytes changed, taken out, doubled or put in. GODWIT_FUZZ_ITERATIONS says how much (each test has a
// default that takes some seconds, a minute all together), GODWIT_FUZZ_SEED repeats a run; a failure names seed and input.
using System.Globalization;

namespace Godwit.Testing;

public static class Fuzz
{
    /// <summary>Tries a target with mutations of its seeds.</summary>
    /// <param name="seeds">Valid input.</param>
    /// <param name="usualIterations">How many tries if the environment says nothing.</param>
    /// <param name="target">Throws if something is wrong.</param>
    public static void Run(IReadOnlyList<byte[]> seeds, int usualIterations, Action<byte[], Random> target)
    {
        int iterations = Setting("GODWIT_FUZZ_ITERATIONS") ?? usualIterations;
        int seed = Setting("GODWIT_FUZZ_SEED") ?? Environment.TickCount;
        var random = new Random(seed);
        for (int i = 0; i < iterations; i++)
        {
            byte[] input = Mutate(seeds, random);
            try
            {
                target(input, random);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"GODWIT_FUZZ_SEED={seed}, iteration {i}: {Convert.ToHexString(input)}", e);
            }
        }
    }

    /// <summary>One of the seeds with up to four changes.</summary>
    public static byte[] Mutate(IReadOnlyList<byte[]> seeds, Random random)
    {
        var bytes = new List<byte>(seeds[random.Next(seeds.Count)]);
        for (int n = random.Next(0, 5); n > 0; n--)
        {
            int at = random.Next(bytes.Count + 1), length = Math.Min(random.Next(1, 12), bytes.Count - at);
            byte[] other = seeds[random.Next(seeds.Count)];
            switch (random.Next(6))
            {
                case 0 when length > 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1 when length > 0: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                case 3: bytes.RemoveRange(at, length); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 5: bytes.InsertRange(at, other.Skip(random.Next(other.Length + 1)).Take(random.Next(1, 40))); break;
            }
        }
        return [.. bytes];
    }

    /// <summary>A number of the environment; null if it says nothing.</summary>
    public static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
