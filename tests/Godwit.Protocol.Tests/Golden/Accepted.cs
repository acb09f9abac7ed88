using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Golden;

/// <summary>Reads valid vectors.</summary>
internal static class Accepted
{
    /// <summary>The packet, which is of the expected type.</summary>
    public static T As<T>(GoldenVector vector) where T : PacketModel
    {
        PacketModel? packet = PacketModel.Read(vector.Bytes, vector.ReaderVersion, out Violation? violation);
        Assert.Null(violation);
        return Assert.IsType<T>(packet);
    }
}
