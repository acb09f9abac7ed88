using System.Net;
using System.Net.WebSockets;
using System.Text;
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.WebSockets;
using Godwit.Testing;
using Godwit.Transport.WebSockets;

namespace Godwit.Capture.Tests.WebSockets;

public class WebSocketTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==", Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // the example of RFC 6455, section 1.2

    private const string Request = $"GET /mqtt?x=1 HTTP/1.1\r\nHost: broker.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://page.example\r\n"
        + $"X-Forwarded-For: 203.0.113.7, 10.0.0.1\r\nSec-WebSocket-Key: {Key}\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n\r\n";

    private const string Answer = $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accept}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

    private readonly RecordedStreams _content = new();
    private readonly StreamConnection _connection = new(1, new IPEndPoint(IPAddress.Loopback, 50_000), new IPEndPoint(IPAddress.Loopback, 9001), default) { IsFromBeginning = true };
    private readonly IStreamConsumer _consumer;

    public WebSocketTests() => _consumer = new LayerStreams(_content).Open(_connection);

    private WebSocketInfo Info => _connection.Layers!.WebSocket!;

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(7)]
    [InlineData(1)]
    public void WebSocket_Frames_ContentIsGivenOn(int piece)
    {
        Say(Side.Initiator, [.. Bytes(Request)], piece);
        Say(Side.Responder, [.. Bytes(Answer), .. Frame(FrameType.Binary, Bytes("from the server"), isMasked: false)], piece);
        Say(Side.Initiator, [.. Frame(FrameType.Binary, Bytes("abc"), isFinal: false), .. Frame(FrameType.Ping, Bytes("ping")), .. Frame(FrameType.Continuation, Bytes("def"))], piece);
        Say(Side.Initiator, Frame(FrameType.Binary, new byte[70_000]), piece);

        Assert.Equal("from the server", _content.Single.TextOf(Side.Responder));
        Assert.Equal([.. Bytes("abcdef"), .. new byte[70_000]], _content.Single.BytesOf(Side.Initiator));
        Assert.Equal(("/mqtt?x=1", "mqtt", "broker.example", "http://page.example", 101), (Info.Path, Info.Protocol, Info.Host, Info.Origin, Info.Status));
        Assert.Equal((3, 1), (Info.FramesFromInitiator, Info.FramesFromResponder));
        Assert.Equal("203.0.113.7", _connection.Client.Address.ToString());
        Assert.Equal((Request.Length, Answer.Length), (_connection.Layers!.FromInitiator.Http, _connection.Layers.FromResponder.Http));
        Assert.Equal((6 + 6 + 4 + 6 + 14, 2), (_connection.Layers.FromInitiator.WebSocketFrames, _connection.Layers.FromResponder.WebSocketFrames));
        Assert.Empty(_connection.Layers.Remarks);
    }

    [Fact]
    public void WebSocket_FramesBeforeTheAnswerWasSeen_AreKept()
    {
        Say(Side.Initiator, [.. Bytes(Request), .. Frame(FrameType.Binary, Bytes("early"))]);
        Say(Side.Responder, Bytes(Answer));
        Say(Side.Initiator, Frame(FrameType.Binary, Bytes(" and late")));

        Assert.Equal("early and late", _content.Single.TextOf(Side.Initiator));
    }

    [Theory]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nnot from this page\n", "HTTP 403 Forbidden. It says: not from this page")]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n", "HTTP 404 Not Found")]
    public void WebSocket_Refused_IsSaidWithItsStatus(string answer, string expected)
    {
        Say(Side.Initiator, Bytes(Request));
        Say(Side.Responder, Bytes(answer));

        LayerRemark remark = Assert.Single(_connection.Layers!.Remarks);
        Assert.Equal(LayerRemarkKind.Ending, remark.Kind);
        Assert.Contains(expected, remark.Sentence);
        Assert.Empty(_content.All);
    }

    [Fact]
    [Statement("MQTT-6.0.0-3", "3.1.1"), Statement("MQTT-6.0.0-3", "5.0")]
    public void WebSocket_ClientWithoutSubProtocol_IsRemarked()
    {
        Say(Side.Initiator, Bytes(Request.Replace("Sec-WebSocket-Protocol: mqtt\r\n", "")));

        Assert.Equal("MQTT-6.0.0-3", Assert.Single(_connection.Layers!.Remarks).Statement);
    }

    [Fact]
    [Statement("MQTT-6.0.0-4", "3.1.1"), Statement("MQTT-6.0.0-4", "5.0")]
    public void WebSocket_ServerWithoutSubProtocol_IsRemarked()
    {
        Say(Side.Initiator, Bytes(Request));
        Say(Side.Responder, Bytes(Answer.Replace("Sec-WebSocket-Protocol: mqtt\r\n", "")));

        Assert.Equal("MQTT-6.0.0-4", Assert.Single(_connection.Layers!.Remarks).Statement);
    }

    [Fact]
    [Statement("MQTT-6.0.0-1", "3.1.1"), Statement("MQTT-6.0.0-1", "5.0")]
    public void WebSocket_TextFrame_IsRemarkedOnceAndRead()
    {
        Open();
        Say(Side.Initiator, [.. Frame(FrameType.Text, Bytes("a")), .. Frame(FrameType.Text, Bytes("b"))]);

        Assert.Equal("MQTT-6.0.0-1", Assert.Single(_connection.Layers!.Remarks).Statement);
        Assert.Equal("ab", _content.Single.TextOf(Side.Initiator));
    }

    [Fact]
    public void WebSocket_Violations_AreRemarked()
    {
        Open();
        Say(Side.Initiator, [.. Frame(FrameType.Binary, Bytes("a"), isMasked: false), .. Frame(FrameType.Continuation, Bytes("b"))]);
        Say(Side.Responder, [.. Frame(FrameType.Binary, Bytes("a"), isMasked: true), 0xC2, 1, (byte)'x', 0x83, 0]);

        string[] expected = ["does not mask", "continues nothing", "server masks", "reserved bits", "the type 3"];
        Assert.All(expected, words => Assert.Contains(_connection.Layers!.Remarks, remark => remark.Sentence.Contains(words)));
    }

    [Theory]
    [InlineData(1000, "", 0)]
    [InlineData(1008, "not authorised", 1)]
    public void WebSocket_Close_IsExplained(int code, string reason, int remarks)
    {
        Open();
        Say(Side.Responder, Frame(FrameType.Close, [(byte)(code >> 8), (byte)code, .. Bytes(reason)], isMasked: false));

        Assert.StartsWith(code.ToString(), Info.Closing);
        Assert.Equal(remarks, _connection.Layers!.Remarks.Count);
        if (remarks > 0) Assert.Contains(reason, _connection.Layers.Remarks[0].Sentence);
    }

    [Fact]
    public void WebSocket_GapWithinAFrame_TheRestIsUnmaskedRightly()
    {
        Open();
        byte[] frame = Frame(FrameType.Binary, Bytes("0123456789"));

        Say(Side.Initiator, frame[..8]);
        _consumer.OnGap(Side.Initiator, 3, default);
        Say(Side.Initiator, [.. frame[11..], .. Frame(FrameType.Binary, Bytes("next"))]);

        Assert.Equal("01???56789next", _content.Single.TextOf(Side.Initiator));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WebSocket_Compressed_IsInflated(bool keepsContext)
    {
        string deflate = keepsContext ? "permessage-deflate" : "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
        Say(Side.Initiator, Bytes(Request));
        Say(Side.Responder, Bytes(Answer.Replace("\r\n\r\n", $"\r\nSec-WebSocket-Extensions: {deflate}\r\n\r\n")));
        var options = new WebSocketCreationOptions
        {
            DangerousDeflateOptions = new WebSocketDeflateOptions { ClientContextTakeover = keepsContext, ServerContextTakeover = keepsContext },
        };
        using var wire = new MemoryStream();
        using var socket = WebSocket.CreateFromStream(wire, options);
        string text = string.Concat(Enumerable.Repeat("a message that repeats itself; ", 3000));

        await socket.SendAsync(Bytes(text), WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, default);
        await socket.SendAsync(Bytes(text), WebSocketMessageType.Binary, WebSocketMessageFlags.None, default);
        await socket.SendAsync(Bytes("end"), WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, default);
        await socket.SendAsync(Bytes("plain"), WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage | WebSocketMessageFlags.DisableCompression, default);
        Say(Side.Initiator, wire.ToArray(), 100);

        Assert.True(Info.IsCompressed);
        Assert.Equal(text + text + "endplain", _content.Single.TextOf(Side.Initiator));
        Assert.DoesNotContain(_connection.Layers!.Remarks, remark => remark.Kind == LayerRemarkKind.Lost || remark.Sentence.Contains("reserved"));
    }

    [Fact]
    public void WebSocket_Fuzz_NothingBreaks()
    {
        byte[] client = [.. Bytes(Request), .. Frame(FrameType.Binary, Bytes("abc")), .. Frame(FrameType.Ping, Bytes("x")), .. Frame(FrameType.Close, [3, 232])];
        byte[] server = [.. Bytes(Answer.Replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")), 0xC2, 7, 0xCA, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
        byte[] proxied = [.. Bytes("PROXY TCP4 192.0.2.1 192.0.2.2 5000 1883\r\n"), .. client];

        Fuzz.Run([client, server, proxied], 40_000, (input, random) =>
        {
            IStreamConsumer consumer = new LayerStreams(new RecordedStreams()).Open(new StreamConnection(1, _connection.Initiator, _connection.Responder, default));
            consumer.OnBytes(Side.Initiator, random.Next(2) == 0 && input.Length > 0 ? input : client, default);
            if (input.Length > 0) consumer.OnBytes(Side.Responder, input, default);
            if (random.Next(3) == 0) consumer.OnGap((Side)random.Next(2), random.Next(1, 5), default);
            consumer.OnBytes(Side.Initiator, client, default);
            consumer.OnEnd(Side.Responder, (StreamEnd)random.Next(3), default);
        });
    }

    private void Open()
    {
        Say(Side.Initiator, Bytes(Request));
        Say(Side.Responder, Bytes(Answer));
    }

    private void Say(Side from, byte[] bytes, int piece = int.MaxValue)
    {
        foreach (byte[] part in bytes.Chunk(Math.Min(piece, bytes.Length))) _consumer.OnBytes(from, part, default);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Frame(FrameType type, byte[] payload, bool isMasked = true, bool isFinal = true)
    {
        var header = new byte[FrameHeader.Longest];
        int length = FrameHeader.Write(header, type, payload.Length, isMasked);
        if (!isFinal) header[0] &= 0x7F;
        if (!isMasked) return [.. header[..length], .. payload];
        byte[] key = [1, 2, 3, 4], masked = new byte[payload.Length];
        FrameMask.Apply(FrameMask.Read(key), payload, masked);
        return [.. header[..length], .. key, .. masked];
    }
}
