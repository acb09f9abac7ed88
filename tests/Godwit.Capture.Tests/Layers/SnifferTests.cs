using System.Net;
using System.Security.Authentication;
using System.Text;
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tests.Tls;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Layers;

public class SnifferTests
{
    private const string ProxyLine = "PROXY TCP4 203.0.113.7 192.0.2.2 56324 1883\r\n";

    private readonly RecordedStreams _content = new();
    private readonly StreamConnection _connection = TlsSession.Connection();

    [Theory]
    [InlineData("10 0C 00 04 'MQTT' 04 02 00 00 00 00")] // CONNECT
    [InlineData("30 05 00 01 'a' 'x' 'y'")]              // PUBLISH, in the middle
    [InlineData("50 02 00 01")]                          // PUBREC, whose first byte is the P of PROXY and PUT
    [InlineData("16 02 00 01")]                          // neither TLS nor MQTT
    [InlineData("'POST / HTTP/1.1' 0D 0A")]              // HTTP, but no way to a WebSocket
    [InlineData("47")]                                   // the G of GET, and then nothing
    public void Sniffer_NoLayer_ContentIsGivenOnAsItIs(string hex)
    {
        byte[] bytes = Hex.Bytes(hex);

        foreach (int piece in new[] { int.MaxValue, 1 })
        {
            var content = new RecordedStreams();
            TlsSession.Replay([new Sent(Side.Initiator, bytes), new Sent(Side.Responder, [0x20, 2, 0, 0])], new LayerStreams(content), content, piece);

            Assert.Equal(bytes, content.Single.BytesOf(Side.Initiator));
            Assert.Equal([0x20, 2, 0, 0], content.Single.BytesOf(Side.Responder));
        }
        Assert.Null(_connection.Layers);
    }

    [Fact]
    public void Sniffer_ManyBytesThatDecideNothing_AreNotHeld()
    {
        IStreamConsumer consumer = new LayerStreams(_content).Open(_connection);

        consumer.OnBytes(Side.Initiator, Encoding.ASCII.GetBytes("PROXY TCP4 " + new string('x', 200)), default);

        Assert.Equal(211, _content.Single.BytesOf(Side.Initiator).Length);
        Assert.Equal(LayerRemarkKind.Violation, Assert.Single(_connection.Layers!.Remarks).Kind);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public void Sniffer_ProxyLine_IsTakenOff(int piece)
    {
        IStreamConsumer consumer = new LayerStreams(_content).Open(_connection);

        TlsSession.Play([new Sent(Side.Initiator, [.. Encoding.ASCII.GetBytes(ProxyLine), 0x10, 2, 0, 0])], consumer, piece);

        Assert.Equal([0x10, 2, 0, 0], _content.Single.BytesOf(Side.Initiator));
        Assert.Equal(new ProxyInfo(1, IPEndPoint.Parse("203.0.113.7:56324"), IPEndPoint.Parse("192.0.2.2:1883"), null), _connection.Layers!.Proxy);
        Assert.Equal("203.0.113.7:56324", _connection.Client.ToString());
        Assert.Equal(ProxyLine.Length, _connection.Layers.FromInitiator.Proxy);
    }

    [Fact]
    public void Sniffer_ProxyBinary_IsTakenOff()
    {
        IStreamConsumer consumer = new LayerStreams(_content).Open(_connection);
        byte[] header = Hex.Bytes("0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 21 11 00 0C CB 00 71 07 C0 00 02 02 DC 04 07 5B");

        TlsSession.Play([new Sent(Side.Initiator, [.. header, 0x10, 2, 0, 0])], consumer, 5);

        Assert.Equal([0x10, 2, 0, 0], _content.Single.BytesOf(Side.Initiator));
        Assert.Equal(new ProxyInfo(2, IPEndPoint.Parse("203.0.113.7:56324"), IPEndPoint.Parse("192.0.2.2:1883"), null), _connection.Layers!.Proxy);
    }

    [Fact]
    public async Task Sniffer_ProxyThenTls_BothAreTakenOff()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        IStreamConsumer consumer = new LayerStreams(_content, TlsSession.Secrets()).Open(_connection);

        TlsSession.Play([new Sent(Side.Initiator, Encoding.ASCII.GetBytes(ProxyLine)), .. session.Wire], consumer, 1000);

        Assert.Equal(session.Plain[0].ToArray(), _content.Single.BytesOf(Side.Initiator));
        Assert.NotNull(_connection.Layers!.Proxy);
        Assert.True(_connection.Layers.Tls!.IsDecrypted);
    }
}
