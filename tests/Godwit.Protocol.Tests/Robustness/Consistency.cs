// What must hold of any input whatever.
using Godwit.Protocol.Fields;
using Godwit.Protocol.Tests.Annotating;
using Godwit.Protocol.Tests.Models;

namespace Godwit.Protocol.Tests.Robustness;

internal static class Consistency
{
    /// <summary>
    /// Reading does not throw; reader and annotating mode agree; what follows the packet makes no difference; and what is read can be
    /// written and reads the same again.
    /// </summary>
    /// <returns>Whether a complete packet was there and valid.</returns>
    public static bool Holds(ReadOnlySpan<byte> input, ProtocolVersion version)
    {
        FrameStatus status = PacketFrame.Read(input, version, int.MaxValue, out PacketFrame frame, out Violation? violation);
        Assert.Equal(status == FrameStatus.Malformed, violation is not null);
        if (status != FrameStatus.Complete) return false;

        PacketModel? packet = PacketModel.Read(frame, input, version, out violation);
        Assert.Equal(packet is null, violation is not null);
        Assert.Same(violation, PacketFields.Report(frame, input, version, default(NoFields)));
        Coverage.IsOrdered(input, version, out Violation? recorded);
        Assert.Same(violation, recorded);
        if (packet is null || input.Length > frame.Length)
        {
            Assert.Equal(packet, PacketModel.Read(frame, input[..frame.Length].ToArray(), version, out Violation? exact));
            Assert.Same(violation, exact);
        }
        if (packet is null) return false;

        byte[] rewritten = packet.Write();
        Assert.Equal(packet, PacketModel.Read(rewritten, version, out violation));
        Assert.Null(violation);
        Assert.True(rewritten.Length <= frame.Length, "The writer takes the shortest form.");
        return true;
    }
}
