namespace Godwit.Testing;

/// <summary>
/// Names the normative statement that a test proves. The ledger in <c>spec/</c> is derived from these attributes:
/// <c>spec/README.md</c>. On a class it holds for the class as a whole.
/// </summary>
/// <param name="id">The statement's id without brackets, for example <c>MQTT-3.1.2-3</c>.</param>
/// <param name="specification"><c>3.1.1</c> or <c>5.0</c>: the same id means different things in the two.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class StatementAttribute(string id, string specification) : Attribute
{
    /// <summary>The statement's id.</summary>
    public string Id { get; } = id;

    /// <summary>The specification it stands in.</summary>
    public string Specification { get; } = specification;
}
