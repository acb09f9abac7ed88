using Godwit.Protocol;

namespace Godwit.Bench;

/// <summary>A run that could not begin. The message says what happened and what to do about it.</summary>
public sealed class BenchException : Exception
{
    /// <summary>Makes one.</summary>
    public BenchException(string message, ConnackCode? refusal = null) : base(message) => Refusal = refusal;

    /// <summary>With what code the broker refused a connection; null if that was not the cause.</summary>
    public ConnackCode? Refusal { get; }
}

/// <summary>The code of a CONNACK.</summary>
/// <param name="Value">A return code before MQTT 5, a reason code in MQTT 5.</param>
/// <param name="Version">Which of the two.</param>
public readonly record struct ConnackCode(byte Value, ProtocolVersion Version)
{
    /// <inheritdoc/>
    public override string ToString() => Version == ProtocolVersion.V5
        ? $"{((ReasonCode)Value).Name()} (reason code 0x{Value:X2})"
        : $"{((ConnectReturnCode)Value).Name()} (return code {Value})";
}
