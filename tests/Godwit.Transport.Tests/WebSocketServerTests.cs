// RFC 6455 as a server: the handshake, and what frames may look like.
using System.Text;
using Godwit.Testing;

namespace Godwit.Transport.Tests;

public sealed class WebSocketServerTests
{
    private const string Request =
        "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, mqtt\r\n\r\n";

    private const string Answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        + "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

    private static readonly LayerOptions Options = new() { Name = "ws://127.0.0.1:80", WebSocket = new WebSocketServerOptions() };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    [Statement("MQTT-6.0.0-2", "3.1.1")]
    [Statement("MQTT-6.0.0-4", "3.1.1")]
    [Statement("MQTT-6.0.0-2", "5.0")]
    [Statement("MQTT-6.0.0-4", "5.0")]
    public void Frames_SplitAnywhere_AreOneStream(int chunk)
    {
        var pair = new LayeredPair(Options, chunk);
        byte[] large = [.. Enumerable.Range(0, 70_000).Select(i => (byte)i)];
        pair.Send([.. Encoding.ASCII.GetBytes(Request), .. Frame(0x82, "He"u8.ToArray()), .. Frame(0x02, "ll"u8.ToArray()), .. Frame(0x89, "are you there"u8.ToArray()),
            .. Frame(0x8A, []), .. Frame(0x80, "o"u8.ToArray()), .. Frame(0x82, []), .. Frame(0x82, large.AsSpan(0, 300)), .. Frame(0x82, large)]);

        Assert.Equal([.. "Hello"u8, .. large.AsSpan(0, 300), .. large], pair.Server.Bytes);
        Assert.Equal([.. Encoding.ASCII.GetBytes(Answer), 0x8A, 13, .. "are you there"u8], pair.Client.Bytes);
        Assert.Equal("/mqtt", pair.ServerConnection.Peer.WebSocket!.Path);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void Output_OfOneTurn_IsOneBinaryFrame(int chunk)
    {
        var pair = new LayeredPair(Options, chunk);
        pair.Send(Request);
        int before = pair.Client.Bytes.Length;
        for (int i = 0; i < 200; i++) pair.ServerConnection.Write("0123456789"u8);
        pair.ServerConnection.WriteReference(new byte[100_000]);
        pair.Run();

        byte[] sent = pair.Client.Bytes[before..];
        Assert.Equal([0x82, 127, 0, 0, 0, 0, 0, 1, 0x8E, 0x70], sent[..10]); // 102,000 bytes
        Assert.Equal(102_010, sent.Length);
        Assert.Equal("0123456789"u8.ToArray(), sent[10..20]);
    }

    [Fact]
    public void Output_MoreThanThePipeTakes_StaysInOrderAcrossFrames()
    {
        var pair = new LayeredPair(Options);
        pair.Send(Request);
        int before = pair.Client.Bytes.Length;
        var sent = new List<byte>();
        for (int i = 0; i < 50; i++)
        {
            byte[] part = [.. Enumerable.Repeat((byte)i, 9_000)];
            sent.AddRange(part);
            pair.ServerConnection.WriteReference(part);
            pair.ServerConnection.SendNow();
        }
        pair.Run();

        Assert.Equal(sent, Payloads(pair.Client.Bytes.AsSpan(before)));
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0x80, 1, 2, 3, 4 }, 1003, "text frame")]
    [InlineData(new byte[] { 0x82, 0x01, 0 }, 1002, "must be masked")]
    [InlineData(new byte[] { 0xC2, 0x80, 1, 2, 3, 4 }, 1002, "reserved bits")]
    [InlineData(new byte[] { 0x83, 0x80, 1, 2, 3, 4 }, 1002, "frame type 3")]
    [InlineData(new byte[] { 0x80, 0x80, 1, 2, 3, 4 }, 1002, "continues nothing")]
    [InlineData(new byte[] { 0x09, 0x80, 1, 2, 3, 4 }, 1002, "control frame is fragmented")]
    [InlineData(new byte[] { 0x89, 0xFE, 0, 126, 1, 2, 3, 4 }, 1002, "more than 125 bytes")]
    [InlineData(new byte[] { 0x82, 0xFE, 0, 5, 1, 2, 3, 4 }, 1002, "shortest way")]
    [InlineData(new byte[] { 0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4 }, 1002, "shortest way")]
    [InlineData(new byte[] { 0x88, 0x81, 0, 0, 0, 0, 1 }, 1002, "half a status code")]
    [Statement("MQTT-6.0.0-1", "3.1.1")]
    [Statement("MQTT-6.0.0-1", "5.0")]
    public async Task Frame_AgainstTheRules_IsAnsweredWithItsStatus(byte[] frame, int status, string words)
    {
        var pair = new LayeredPair(Options);
        pair.Send(Request);
        int before = pair.Client.Bytes.Length;
        pair.Send(frame);
        pair.Connection.Close();
        pair.Run();

        byte[] answer = pair.Client.Bytes[before..];
        Assert.Equal(0x88, answer[0]);
        Assert.Equal(status, answer[2] << 8 | answer[3]);
        Assert.Contains(words, Encoding.ASCII.GetString(answer[4..]));
        (CloseReason reason, Exception? error) = await pair.Server.ClosedTask;
        Assert.Equal(CloseReason.ProtocolError, reason);
        Assert.Contains(words, error!.Message);
    }

    [Fact]
    public async Task CloseFrame_AfterPayload_IsAnsweredAndEndsTheStream()
    {
        var pair = new LayeredPair(Options);
        pair.Send(Request);
        int before = pair.Client.Bytes.Length;
        pair.Send([.. Frame(0x82, "bye"u8), .. Frame(0x88, [0x03, 0xE9, (byte)'x'])]);

        Assert.Equal("bye", pair.Server.Text);
        Assert.Equal([0x88, 2, 0x03, 0xE9], pair.Client.Bytes[before..]);
        Assert.Equal(CloseReason.Remote, (await pair.Server.ClosedTask).Reason);
    }

    [Fact]
    public void Close_ByTheServer_SendsWhatIsPendingAndACloseFrame()
    {
        var pair = new LayeredPair(Options);
        pair.Send(Request);
        int before = pair.Client.Bytes.Length;
        pair.ServerConnection.Write("last"u8);
        pair.ServerConnection.Close();
        pair.Run();

        Assert.Equal([0x82, 4, .. "last"u8, 0x88, 2, 0x03, 0xE8], pair.Client.Bytes[before..]);
    }

    [Theory]
    [InlineData("GET /mqtt", "GET /elsewhere", "404 Not Found", "Use /mqtt or /.")]
    [InlineData("GET /mqtt", "POST /mqtt", "405 Method", "GET")]
    [InlineData("HTTP/1.1", "HTTP/1.0", "505 HTTP", "HTTP/1.1")]
    [InlineData("Upgrade: websocket\r\n", "", "426 Upgrade Required", "MQTT client over WebSocket")]
    [InlineData("Version: 13", "Version: 8", "426 Upgrade Required", "version 13")]
    [InlineData("chat, mqtt", "chat", "400 Bad Request", "sub-protocol mqtt")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "short", "400 Bad Request", "Sec-WebSocket-Key")]
    [InlineData("Host: broker", "Host broker", "400 Bad Request", "malformed")]
    [InlineData("Host: broker", "Host: broker\r\nOrigin: https://evil.example", "403 Forbidden", "origin")]
    [InlineData("GET /mqtt", "\u0016\u0003\u0001", "", "TLS client on a WebSocket listener")]
    [InlineData("GET /mqtt", "\u0010\u000c\0\u0004MQTT", "", "plain MQTT on a WebSocket listener")]
    [InlineData("GET /mqtt", "\u0001\u0002", "400 Bad Request", "not an HTTP request")]
    [Statement("MQTT-6.0.0-3", "3.1.1")]
    [Statement("MQTT-6.0.0-3", "5.0")]
    public void Request_ThatCannotBeServed_IsAnsweredWithASentence(string part, string instead, string status, string words)
    {
        var pair = new LayeredPair(Options with { WebSocket = new WebSocketServerOptions { Origins = ["https://good.example"] } });
        pair.Send(Request.Replace(part, instead));

        if (status.Length > 0) Assert.StartsWith($"HTTP/1.1 {status}", pair.Client.Text);
        else Assert.Empty(pair.Client.Bytes);
        Assert.Contains(words, pair.LogText);
        Assert.False(pair.Server.OpenedTask.IsCompletedSuccessfully);
        Assert.True(pair.ServerConnection.IsClosing);
    }

    [Fact]
    public void Request_HeaderWithoutEnd_IsRefusedAt8KiB()
    {
        var pair = new LayeredPair(Options);
        pair.Send("GET / HTTP/1.1\r\nX: " + new string('x', 9000));

        Assert.StartsWith("HTTP/1.1 431", pair.Client.Text);
    }

    [Fact]
    public void Opening_NothingComes_EndsWithTheDeadline()
    {
        var pair = new LayeredPair(Options with { Timeout = TimeSpan.FromSeconds(3) });
        pair.Send("GET / HT");
        pair.Pass(TimeSpan.FromSeconds(3));

        Assert.True(pair.ServerConnection.IsClosing);
        Assert.Contains("within 3 s (the request of a WebSocket client was awaited)", pair.LogText);
    }

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)]
            : payload.Length <= 65535 ? [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length]
            : [0xFF, 0, 0, 0, 0, 0, (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length];
        byte[] masked = payload.ToArray();
        for (int i = 0; i < masked.Length; i++) masked[i] ^= key[i % 4];
        return [first, .. length, .. key, .. masked];
    }

    private static List<byte> Payloads(ReadOnlySpan<byte> frames)
    {
        var payloads = new List<byte>();
        while (!frames.IsEmpty)
        {
            Assert.Equal(0x82, frames[0]);
            int header = frames[1] < 126 ? 2 : frames[1] == 126 ? 4 : 10;
            int length = 0;
            for (int i = header == 2 ? 1 : 2; i < header; i++) length = length << 8 | frames[i];
            payloads.AddRange(frames.Slice(header, length));
            frames = frames[(header + length)..];
        }
        return payloads;
    }
}
