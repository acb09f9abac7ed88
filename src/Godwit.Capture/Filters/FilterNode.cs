// A compiled filter is a tree of these. A condition holds if it holds for any value of its field, as in Wireshark; != is the opposite of ==.
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;
using Godwit.Protocol.Topics;

namespace Godwit.Capture.Filters;

internal abstract class FilterNode
{
    public abstract bool Matches(in ObservedPacket packet, PacketContext context);
}

internal sealed class AndNode(FilterNode left, FilterNode right) : FilterNode
{
    public override bool Matches(in ObservedPacket packet, PacketContext context) => left.Matches(packet, context) && right.Matches(packet, context);
}

internal sealed class OrNode(FilterNode left, FilterNode right) : FilterNode
{
    public override bool Matches(in ObservedPacket packet, PacketContext context) => left.Matches(packet, context) || right.Matches(packet, context);
}

internal sealed class NotNode(FilterNode inner) : FilterNode
{
    public override bool Matches(in ObservedPacket packet, PacketContext context) => !inner.Matches(packet, context);
}

internal sealed class ConstantNode(bool value) : FilterNode
{
    public override bool Matches(in ObservedPacket packet, PacketContext context) => value;
}

/// <summary>A field alone: it is there and, if it is a flag, 1.</summary>
internal sealed class PresenceNode(CaptureField field) : FilterNode
{
    public override bool Matches(in ObservedPacket packet, PacketContext context) =>
        field.Get(packet, context, 0, out FieldValue value) && (field.Kind != FieldKind.Flag || value.Number != 0);
}

internal sealed class ConditionNode(CaptureField field, ValueTest test) : FilterNode
{
    public override bool Matches(in ObservedPacket packet, PacketContext context)
    {
        for (int i = 0; field.Get(packet, context, i, out FieldValue value); i++)
            if (test.Holds(value)) return true;
        return false;
    }
}

/// <summary>What one value is asked.</summary>
internal abstract class ValueTest
{
    public abstract bool Holds(in FieldValue value);
}

internal enum Comparison : byte { Equal, Greater, GreaterOrEqual, Less, LessOrEqual }

internal sealed class NumberTest(Comparison comparison, double right) : ValueTest
{
    public override bool Holds(in FieldValue value) => value.HasNumber && comparison switch
    {
        Comparison.Equal => value.Number == right,
        Comparison.Greater => value.Number > right,
        Comparison.GreaterOrEqual => value.Number >= right,
        Comparison.Less => value.Number < right,
        _ => value.Number <= right,
    };
}

internal sealed class BytesTest(Comparison comparison, byte[] right) : ValueTest
{
    public override bool Holds(in FieldValue value) => !value.HasNumber && comparison switch
    {
        Comparison.Equal => value.Bytes.SequenceEqual(right),
        Comparison.Greater => value.Bytes.SequenceCompareTo(right) > 0,
        Comparison.GreaterOrEqual => value.Bytes.SequenceCompareTo(right) >= 0,
        Comparison.Less => value.Bytes.SequenceCompareTo(right) < 0,
        _ => value.Bytes.SequenceCompareTo(right) <= 0,
    };
}

internal sealed class ContainsTest(byte[] right) : ValueTest
{
    public override bool Holds(in FieldValue value) => value.Bytes.IndexOf(right) >= 0;
}

internal sealed class TopicTest(byte[] filter) : ValueTest
{
    public override bool Holds(in FieldValue value) => !value.Bytes.IsEmpty && TopicFilter.Matches(filter, value.Bytes);
}

internal sealed class PatternTest(Regex pattern) : ValueTest
{
    public override bool Holds(in FieldValue value) => pattern.IsMatch(Encoding.UTF8.GetString(value.Bytes));
}

internal sealed class AddressTest(IPNetwork network) : ValueTest
{
    public override bool Holds(in FieldValue value) => value.Address is { } address && network.Contains(address);
}

internal sealed class AnyTest(ValueTest[] tests) : ValueTest
{
    public override bool Holds(in FieldValue value)
    {
        foreach (ValueTest test in tests)
            if (test.Holds(value)) return true;
        return false;
    }
}
