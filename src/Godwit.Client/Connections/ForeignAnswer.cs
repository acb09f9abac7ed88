// What other protocols answer to CONNECT, so that a wrong port is told from a broken server.
using System.Text;

namespace Godwit.Client.Connections;

internal static class ForeignAnswer
{
    private const byte Alert = 0x15, Handshake = 0x16;

    /// <summary>What the answer to CONNECT is instead of MQTT; null if it is nothing known.</summary>
    public static string? Explain(ReadOnlySpan<byte> input)
    {
        // Neither is the first byte of CONNACK or AUTH.
        if (input is [Alert or Handshake, 3, ..]) return "it answers by TLS, so connect by TLS (mqtts://, wss://)";
        if (!input.StartsWith("HTTP/"u8)) return null;
        int end = input.IndexOfAny((byte)'\r', (byte)'\n');
        string line = Encoding.Latin1.GetString(input[..Math.Min(end < 0 ? input.Length : end, 100)]);
        return $"it answers by HTTP ({line}), so try WebSocket (ws://, wss://)";
    }
}
