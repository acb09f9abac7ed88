using Godwit.Protocol.Fields;

namespace Godwit.Protocol.Tests.Annotating;

/// <summary>Asserts what the annotating mode promises of every packet.</summary>
internal static class Coverage
{
    /// <summary>The fields of a valid packet are reported in the order of its bytes and cover every bit of it exactly once.</summary>
    public static List<RecordedField> IsExact(byte[] packet, ProtocolVersion version)
    {
        List<RecordedField> fields = IsOrdered(packet, version, out Violation? violation);
        Assert.Null(violation);
        byte[] covered = new byte[packet.Length];
        foreach (RecordedField field in fields)
        {
            for (int i = field.Offset; i < field.Offset + field.Length; i++)
            {
                byte mask = field.Mask == 0 ? (byte)0xFF : field.Mask;
                Assert.Equal(0, covered[i] & mask);
                covered[i] |= mask;
            }
        }
        Assert.All(covered, bits => Assert.Equal(0xFF, bits));
        return fields;
    }

    /// <summary>The fields of any packet lie within it, in the order of its bytes, the bits of a byte from the highest down.</summary>
    public static List<RecordedField> IsOrdered(ReadOnlySpan<byte> packet, ProtocolVersion version, out Violation? violation)
    {
        Assert.Equal(FrameStatus.Complete, PacketFrame.Read(packet, version, int.MaxValue, out PacketFrame frame, out _));
        var fields = new List<RecordedField>();
        violation = PacketFields.Report(frame, packet, version, new FieldRecorder(fields));
        int position = 0, lowestBit = 0;
        foreach (RecordedField field in fields)
        {
            if (field.Mask != 0 && lowestBit > 1)
            {
                Assert.Equal(position - 1, field.Offset);
                Assert.True(field.Mask < lowestBit, $"{field} out of order");
            }
            else
            {
                Assert.Equal(position, field.Offset);
                position = field.Offset + field.Length;
            }
            lowestBit = field.Mask & -field.Mask;
            Assert.InRange(field.Offset + field.Length, 0, frame.Length);
        }
        return fields;
    }
}
