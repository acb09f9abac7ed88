namespace Godwit.Protocol.Tests.Golden;

/// <summary>Asserts that malformed vectors are refused with their violation, by the packet's reader and by the annotating mode.</summary>
internal static class Refused
{
    public static void By(params GoldenVector[] vectors)
    {
        foreach (GoldenVector vector in vectors)
        {
            byte[] bytes = vector.Bytes;
            FrameStatus status = PacketFrame.Read(bytes, vector.ReaderVersion, vector.MaximumPacketSize, out PacketFrame frame, out Violation? violation);
            Assert.NotEqual(FrameStatus.NeedMore, status);
            if (status == FrameStatus.Complete)
            {
                Assert.Equal(bytes.Length, frame.Length);
                Assert.Null(violation);
                Assert.Null(Models.PacketModel.Read(frame, bytes, vector.ReaderVersion, out violation));
                Assert.Same(violation, Fields.PacketFields.Report(frame, bytes, vector.ReaderVersion, default(Fields.NoFields)));
            }
            Assert.True(vector.Violation == violation, $"{vector}: expected {vector.Violation?.Name}, got {violation?.Name ?? "no violation"}.");
        }
    }
}
