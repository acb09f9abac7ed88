using System.Text;

namespace Godwit.Client.Tests;

public class ServerUriTests
{
    [Theory]
    [InlineData("mqtt://broker.example", "broker.example", 1883, false, null)]
    [InlineData("mqtt://127.0.0.1:1884/", "127.0.0.1", 1884, false, null)]
    [InlineData("tcp://[::1]", "::1", 1883, false, null)]
    [InlineData("mqtts://[fe80::1]:8884", "fe80::1", 8884, true, null)]
    [InlineData("mqtts://broker.example", "broker.example", 8883, true, null)]
    [InlineData("ssl://broker.example", "broker.example", 8883, true, null)]
    [InlineData("ws://broker.example", "broker.example", 8083, false, "/mqtt")]
    [InlineData("ws://broker.example:80/", "broker.example", 80, false, "/mqtt")]
    [InlineData("wss://broker.example/some/path?key=1", "broker.example", 8084, true, "/some/path?key=1")]
    [InlineData("wss://broker.example:443/mqtt", "broker.example", 443, true, "/mqtt")]
    public void Uri_Valid_IsTakenApart(string uri, string host, int port, bool isTls, string? path)
    {
        MqttClientOptions options = MqttClientOptions.FromUri(uri);

        options.Validate();
        Assert.Equal((host, port, isTls, path), (options.Host, options.Port, options.Tls is not null, options.WebSocket?.Path));
        Assert.Null(options.UserName);
        Assert.Null(options.Password);
    }

    [Fact]
    public void Uri_UserAndPassword_AreDecoded()
    {
        MqttClientOptions options = MqttClientOptions.FromUri("mqtts://a%40b:p%3Aw:x@h");

        Assert.Equal(("a@b", "p:w:x"), (options.UserName, Encoding.UTF8.GetString(options.Password!.Value.Span)));
    }

    [Theory]
    [InlineData("broker.example", "is not a server's URI")]
    [InlineData("mqtt://", "is not a server's URI")]
    [InlineData("http://h", "unknown scheme")]
    [InlineData("mqtt://h/topic", "has a path")]
    [InlineData("ws://h/a#b", "has a fragment")]
    public void Uri_Invalid_IsExplained(string uri, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => MqttClientOptions.FromUri(uri)).Message, StringComparison.Ordinal);
}
