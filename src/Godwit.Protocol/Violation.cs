namespace Godwit.Protocol;

/// <summary>
/// One way in which bytes can break the specification: a value, not an exception, so that refusing bad input costs nothing.
/// All of them stand in <see cref="Violations"/>.
/// </summary>
/// <param name="Name">A short identifier, stable across versions of Godwit.</param>
/// <param name="ReasonCode">The MQTT 5 reason code that answers it.</param>
/// <param name="Statement311">The MQTT 3.1.1 statement that is broken, without brackets; null if that version has none.</param>
/// <param name="Statement5">The MQTT 5.0 statement that is broken; null if that version has none.</param>
/// <param name="Description">One sentence for a log line: what is wrong.</param>
public sealed record Violation(string Name, ReasonCode ReasonCode, string? Statement311, string? Statement5, string Description)
{
    /// <summary>The broken statement's id for this protocol version, for example <c>MQTT-3.1.2-3</c>.</summary>
    public string? StatementFor(ProtocolVersion version) => version == ProtocolVersion.V5 ? Statement5 : Statement311 ?? Statement5;

    /// <summary>The description with the statement id, as it is logged.</summary>
    public string Describe(ProtocolVersion version) => StatementFor(version) is { } id ? $"{Description} [{id}]" : Description;

    /// <inheritdoc/>
    public override string ToString() => Describe(ProtocolVersion.V5);
}
