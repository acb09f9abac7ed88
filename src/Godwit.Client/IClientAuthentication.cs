namespace Godwit.Client;

/// <summary>The client's side of an enhanced authentication of MQTT 5 (section 4.12). Called on the loop: it must not block.</summary>
public interface IClientAuthentication
{
    /// <summary>The method's name, for example <c>SCRAM-SHA-256</c>.</summary>
    string Method { get; }

    /// <summary>A new exchange begins.</summary>
    /// <returns>The authentication data of CONNECT; empty for none.</returns>
    ReadOnlyMemory<byte> Begin();

    /// <summary>The server has sent AUTH.</summary>
    /// <param name="data">Its authentication data.</param>
    /// <returns>The authentication data of the answer. An exception ends the attempt to connect.</returns>
    ReadOnlyMemory<byte> Continue(ReadOnlySpan<byte> data);
}
