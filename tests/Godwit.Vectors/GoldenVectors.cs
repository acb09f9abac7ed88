// All vectors together, for tests that hold for every packet.
using System.Reflection;

namespace Godwit.Vectors;

/// <summary>The whole set.</summary>
public static class GoldenVectors
{
    /// <summary>Every vector, grouped by packet.</summary>
    public static IReadOnlyList<GoldenVector> All { get; } =
    [
        .. In(typeof(ConnectVectors)), .. In(typeof(ConnackVectors)), .. In(typeof(PublishVectors)), .. In(typeof(PublishAckVectors)),
        .. In(typeof(SubscribeVectors)), .. In(typeof(SubackVectors)), .. In(typeof(UnsubscribeVectors)), .. In(typeof(ConnectionVectors)),
        .. In(typeof(MalformedFrameVectors)), .. In(typeof(MalformedConnectVectors)), .. In(typeof(MalformedMessageVectors)),
        .. In(typeof(MalformedSubscribeVectors)),
    ];

    /// <summary>Valid packets.</summary>
    public static IReadOnlyList<GoldenVector> Valid { get; } = [.. All.Where(v => v.Violation is null)];

    /// <summary>Valid packets in the form that a writer chooses.</summary>
    public static IReadOnlyList<GoldenVector> Canonical { get; } = [.. Valid.Where(v => v.IsCanonical)];

    /// <summary>Packets to refuse, each with its violation.</summary>
    public static IReadOnlyList<GoldenVector> Malformed { get; } = [.. All.Where(v => v.Violation is not null)];

    /// <summary>The vector of this name.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static GoldenVector Named(string name) => All.Single(v => v.Name == name);

    private static IEnumerable<GoldenVector> In(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (GoldenVector)field.GetValue(null)!);
}
