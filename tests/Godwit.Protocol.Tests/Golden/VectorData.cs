// The golden vectors as theory data. A theory gets a vector's name, so that each vector is a test case of its own.
namespace Godwit.Protocol.Tests.Golden;

public static class VectorData
{
    public static TheoryData<string> All => Names(GoldenVectors.All);

    public static TheoryData<string> Valid => Names(GoldenVectors.Valid);

    public static TheoryData<string> Canonical => Names(GoldenVectors.Canonical);

    public static TheoryData<string> Malformed => Names(GoldenVectors.Malformed);

    private static TheoryData<string> Names(IEnumerable<GoldenVector> vectors) => [.. vectors.Select(vector => vector.Name)];
}
