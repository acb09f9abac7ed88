using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Unicode;
using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Security.Http;

/// <summary>What an HTTP service is told of a client.</summary>
internal static class HttpQuestion
{
    /// <summary>As JSON. A password that is not UTF-8 is <c>password_base64</c>.</summary>
    public static byte[] Write(ConnectingClient client)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("clientid", client.ClientId);
            if (client.UserName is { } user) json.WriteString("username", user);
            if (client.Password is { } password && Utf8.IsValid(password.Span)) json.WriteString("password", password.Span);
            else if (client.Password is { } bytes) json.WriteBase64String("password_base64", bytes.Span);
            if (client.RemoteEndPoint is IPEndPoint remote) json.WriteString("peerhost", remote.Address.ToString());
            json.WriteString("protocol", client.Version switch
            {
                ProtocolVersion.V31 => "3.1",
                ProtocolVersion.V311 => "3.1.1",
                _ => "5.0",
            });
            if (client.Peer?.Tls?.ClientCertificate is { } certificate) json.WriteString("cert_subject", certificate.Subject);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
