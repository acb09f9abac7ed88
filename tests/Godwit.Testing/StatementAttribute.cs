namespace Godwit.Testing;

/// <summary>Says that a test proves one normative statement of a specification.</summary>
/// <param name="id">The statement's id, for example <c>MQTT-3.1.2-3</c>.</param>
/// <param name="specification">Which specification: <c>3.1.1</c> or <c>5.0</c>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class StatementAttribute(string id, string specification) : Attribute
{
    /// <summary>The statement's id.</summary>
    public string Id { get; } = id;

    /// <summary>Which specification.</summary>
    public string Specification { get; } = specification;
}
