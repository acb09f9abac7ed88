// Compares two readings of the same capture, field by field.
namespace Godwit.Interop.Tests.Captures;

/// <summary>Who has seen something.</summary>
internal enum Seen
{
    /// <summary>Both, with different values or lengths.</summary>
    Differently,

    /// <summary>tshark only.</summary>
    ByTshark,

    /// <summary>We only.</summary>
    ByGodwit,
}

/// <summary>Something that is seen differently.</summary>
/// <param name="Capture">The capture's name.</param>
/// <param name="Seen">Who has seen it.</param>
/// <param name="Tshark">The packet as tshark sees it; null if it sees none.</param>
/// <param name="Godwit">The packet as we see it; null if we see none.</param>
/// <param name="Field">The field; null if it is about the packet as a whole.</param>
internal sealed record Difference(string Capture, Seen Seen, SeenPacket? Tshark, SeenPacket? Godwit, SeenField? Field)
{
    /// <summary>The other side's field, if both have it.</summary>
    public SeenField? Other { get; init; }

    /// <summary>Which kind of packet it is: 1 = CONNECT.</summary>
    public int Type => (Godwit ?? Tshark)!.Type >> 4;

    public override string ToString()
    {
        SeenPacket packet = (Godwit ?? Tshark)!;
        string where = $"{Capture}, frame {packet.Frame}, first byte {packet.Type:x2}, {packet.Length} bytes ({packet.Reading})";
        return Field is null ? $"{where}: the packet is seen {Seen}" : $"{where}: {Field} is seen {Seen}{(Other is null ? "" : $", by us as {Other}")}";
    }
}

/// <summary>What both see alike, and what they do not.</summary>
internal sealed class Agreement
{
    private readonly List<Difference> _differences = [];

    /// <summary>Packets that both have seen in the same frame.</summary>
    public long Packets { get; private set; }

    /// <summary>Fields with the same name, place, length and value.</summary>
    public long Fields { get; private set; }

    /// <summary>Everything else.</summary>
    public IReadOnlyList<Difference> Differences => _differences;

    /// <summary>Those that nobody has explained.</summary>
    public IEnumerable<Difference> Unknown => _differences.Where(difference => !KnownDifferences.All.Any(known => known.Covers(difference)));

    /// <summary>The figures, as a line of the report.</summary>
    public string Report(string what) => $"report: {what}: {Packets:N0} packets with {Fields:N0} fields agree with tshark; {_differences.Count:N0} known differences";

    /// <summary>Compares.</summary>
    public void Add(string capture, IReadOnlyList<SeenPacket> tshark, IReadOnlyList<SeenPacket> godwit)
    {
        ILookup<long, SeenPacket> theirs = tshark.ToLookup(packet => packet.Frame), ours = godwit.ToLookup(packet => packet.Frame);
        foreach (long frame in tshark.Concat(godwit).Select(packet => packet.Frame).Distinct().Order())
        {
            List<SeenPacket> left = [.. ours[frame]];
            foreach (SeenPacket their in theirs[frame])
            {
                // In the order of the frame; what only one of the two has is passed over.
                int at = left.FindIndex(our => our.Type == their.Type && our.Length == their.Length);
                if (at < 0) _differences.Add(new Difference(capture, Seen.ByTshark, their, null, null));
                else
                {
                    foreach (SeenPacket passed in left.Take(at)) _differences.Add(new Difference(capture, Seen.ByGodwit, null, passed, null));
                    Compare(capture, their, left[at]);
                    left.RemoveRange(0, at + 1);
                }
            }
            foreach (SeenPacket rest in left) _differences.Add(new Difference(capture, Seen.ByGodwit, null, rest, null));
        }
    }

    private void Compare(string capture, SeenPacket tshark, SeenPacket godwit)
    {
        Packets++;
        List<SeenField> left = [.. godwit.Fields];
        foreach (SeenField theirs in tshark.Fields)
        {
            int at = left.FindIndex(field => field.Name == theirs.Name && field.Offset == theirs.Offset);
            if (at < 0) _differences.Add(new Difference(capture, Seen.ByTshark, tshark, godwit, theirs));
            else
            {
                if (left[at] == theirs) Fields++;
                else _differences.Add(new Difference(capture, Seen.Differently, tshark, godwit, theirs) { Other = left[at] });
                left.RemoveAt(at);
            }
        }
        foreach (SeenField ours in left) _differences.Add(new Difference(capture, Seen.ByGodwit, tshark, godwit, ours));
    }
}
