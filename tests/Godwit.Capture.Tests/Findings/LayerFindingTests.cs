// What layers remark is found: whoever sees nothing of a connection is told why.
using System.Security.Authentication;
using Godwit.Capture.Exports;
using Godwit.Capture.Files;
using Godwit.Capture.Findings;
using Godwit.Capture.Layers;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tests.Tls;
using Godwit.Capture.Tls;

namespace Godwit.Capture.Tests.Findings;

public class LayerFindingTests
{
    [Fact]
    public void WebSocket_WhatIsWrong_IsFoundWithItsStatement()
    {
        const string request = "GET /mqtt HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        const string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        byte[] connect = [0x10, 0x0D, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 1, (byte)'c'];
        IReadOnlyList<Finding> findings = Read(Record(
        [
            new(Side.Initiator, System.Text.Encoding.ASCII.GetBytes(request)), new(Side.Responder, System.Text.Encoding.ASCII.GetBytes(answer)),
            new(Side.Initiator, [0x81, (byte)connect.Length, .. connect]),
        ]));

        Assert.Equal("MQTT-6.0.0-1", Find("websocket-text-frame").Rule.Statement5);
        Assert.Equal("MQTT-6.0.0-3", Find("websocket-protocol-not-offered").Rule.Statement311);
        Assert.Equal("MQTT-6.0.0-4", Find("websocket-protocol-not-chosen").Rule.Statement5);
        Assert.Contains("does not mask", Find("layer-violation").Sentence);

        Finding Find(string id) => Assert.Single(findings, finding => finding.Rule.Id == id);
    }

    [Fact]
    public async Task Tls_WithoutSecrets_IsFound()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);

        Finding finding = Assert.Single(Read(Record(session.Wire)), finding => finding.Rule.Id == "tls-not-opened");

        Assert.Contains("key log", finding.Sentence);
    }

    [Fact]
    public async Task Tls_SecretsComeWhileNothingIsSent_WhatWaitedIsDecrypted()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        string file = Path.GetTempFileName();
        var content = new RecordedStreams();
        var layers = new LayerStreams(content, new TlsKeyLog(file));
        TlsSession.Play(session.Wire, layers.Open(TlsSession.Connection()));
        layers.OnSilence();
        Assert.Empty(content.All);

        File.Copy(TlsSession.KeyLogFile, file, overwrite: true);
        layers.OnSilence();

        Assert.Equal(session.Plain[0].ToArray(), content.Single.BytesOf(Side.Initiator));
        File.Delete(file);
    }

    [Fact]
    public async Task FrameExport_SecretsInTheCapture_AreKept()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        byte[] keys = File.ReadAllBytes(TlsSession.KeyLogFile);
        var target = new MemoryStream();
        var export = new FrameExport(target);
        using (CaptureReader reader = CaptureReader.Open(new MemoryStream(Record(session.Wire, keys)), new CaptureReaderOptions { Views = [export], FrameViews = [export], Notes = [export] }))
            reader.Run();
        export.Dispose();

        Assert.DoesNotContain(Read(target.ToArray()), finding => finding.Rule.Id == "tls-not-opened");
    }

    private static byte[] Record(IEnumerable<Sent> wire, byte[]? secrets = null)
    {
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true))
        {
            if (secrets is not null) writer.WriteSecrets(SecretsType.TlsKeyLog, secrets);
            IStreamConsumer recording = new StreamRecorder(writer).Open(TlsSession.Connection());
            TlsSession.Play(wire, recording);
        }
        return stream.ToArray();
    }

    private static IReadOnlyList<Finding> Read(byte[] capture)
    {
        using CaptureReader reader = CaptureReader.Open(new MemoryStream(capture));
        reader.Run();
        return [.. reader.Findings.Findings];
    }
}
