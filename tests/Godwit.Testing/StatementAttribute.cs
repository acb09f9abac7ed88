// Ties a test to the normative statement it proves, so that coverage of the two specifications can be listed by a program.
namespace Godwit.Testing;

/// <summary>The test, or every test of the class, proves this statement.</summary>
/// <param name="id">The statement's id without brackets, for example <c>MQTT-3.1.2-3</c>.</param>
/// <param name="specification">Which specification's id it is: <c>3.1.1</c> or <c>5.0</c>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class StatementAttribute(string id, string specification) : Attribute
{
    /// <summary>The statement's id without brackets.</summary>
    public string Id { get; } = id;

    /// <summary><c>3.1.1</c> or <c>5.0</c>.</summary>
    public string Specification { get; } = specification;
}
