using Godwit.Transport;

namespace Godwit.Broker.Tests.Listening;

public sealed class ListenerUriTests
{
    private static readonly TlsServerOptions Tls = new() { Certificates = [new CertificateFiles("server.pem")] };

    [Theory]
    [InlineData("tcp://127.0.0.1:1884", "127.0.0.1:1884", "127.0.0.1:1884")]
    [InlineData("mqtt://localhost", "127.0.0.1:1883", "127.0.0.1:1883")]
    [InlineData("tls://0.0.0.0", "0.0.0.0:8883", "tls://0.0.0.0:8883")]
    [InlineData("ws://[::1]:9001/mqtt", "[::1]:9001", "ws://[::1]:9001")]
    [InlineData("wss://*", "[::]:8084", "wss://[::]:8084")]
    [InlineData("any://::1", "[::1]:1883", "any://[::1]:1883")]
    [InlineData("ANY://[::]:0/", "[::]:0", "any://[::]:0")]
    public void Uri_WellFormed_IsAListener(string text, string endPoint, string name)
    {
        ListenerOptions listener = ListenerUri.Parse(text, Tls);

        Assert.Equal(endPoint, listener.EndPoint.ToString());
        Assert.Equal(name, listener.NameOf(listener.EndPoint));
    }

    [Theory]
    [InlineData("127.0.0.1:1883", "does not say what to speak")]
    [InlineData("http://127.0.0.1", "unknown scheme")]
    [InlineData("tcp://example.org", "no IP address of this machine")]
    [InlineData("tcp://", "no IP address of this machine")]
    [InlineData("tcp://127.0.0.1:99999", "a port that is not a number")]
    [InlineData("tcp://127.0.0.1:1883/mqtt", "which only WebSocket has")]
    [InlineData("ws://127.0.0.1/mqtt?a=b", "has a query")]
    public void Uri_Malformed_SaysWhy(string text, string words) =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => ListenerUri.Parse(text, Tls)).Message);

    [Fact]
    public void Uri_OfTls_NeedsACertificate_AnyDoesNot()
    {
        Assert.Contains("needs a certificate", Assert.Throws<FormatException>(() => ListenerUri.Parse("tls://*")).Message);
        Assert.Null(ListenerUri.Parse("any://*").Tls);
        Assert.Equal(["/only"], ListenerUri.Parse("ws://*/only").WebSocket!.Paths);
    }
}
