// Tells protocols apart by their first bytes, so that a client at the wrong port is told, or taken by the right layer.
namespace Godwit.Transport.Opening;

/// <summary>What the first bytes of a connection look like.</summary>
internal enum FirstProtocol
{
    /// <summary>Too few bytes yet.</summary>
    Undecided,

    /// <summary>A CONNECT packet.</summary>
    Mqtt,

    /// <summary>A TLS client hello.</summary>
    Tls,

    /// <summary>An HTTP request.</summary>
    Http,

    /// <summary>A PROXY header, version 1 or 2.</summary>
    Proxy,

    /// <summary>Nothing that is known.</summary>
    Unknown,
}

internal static class FirstBytes
{
    private static readonly byte[][] HttpMethods = [.. new[] { "GET ", "POST ", "HEAD ", "OPTIONS ", "PUT ", "DELETE ", "CONNECT ", "PATCH " }.Select(System.Text.Encoding.ASCII.GetBytes)];

    public static ReadOnlySpan<byte> ProxySignature1 => "PROXY "u8;

    public static ReadOnlySpan<byte> ProxySignature2 => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static FirstProtocol Recognise(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return FirstProtocol.Undecided;
        if (input[0] == 0x10) return FirstProtocol.Mqtt;
        if (input[0] == 0x16) // handshake record, version 3.x
            return input.Length < 3 ? FirstProtocol.Undecided : input is [_, 0x03, <= 4, ..] ? FirstProtocol.Tls : FirstProtocol.Unknown;
        bool isUndecided = false;
        if (Begins(input, ProxySignature1, ref isUndecided) || Begins(input, ProxySignature2, ref isUndecided)) return FirstProtocol.Proxy;
        foreach (byte[] method in HttpMethods)
        {
            if (Begins(input, method, ref isUndecided)) return FirstProtocol.Http;
        }
        return isUndecided ? FirstProtocol.Undecided : FirstProtocol.Unknown;
    }

    private static bool Begins(ReadOnlySpan<byte> input, ReadOnlySpan<byte> word, ref bool isUndecided)
    {
        if (input.StartsWith(word)) return true;
        isUndecided |= word.StartsWith(input);
        return false;
    }
}
