using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Godwit.Capture.Files;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tests.Tls;

namespace Godwit.Capture.Tests.Proxy;

public class ProxyTests
{
    [Fact]
    public async Task Proxy_BothDirections_BytesAreTheSame()
    {
        await using var harness = new ProxyHarness();
        (TcpClient client, TcpClient server) = await harness.OpenAsync();
        byte[] up = RandomNumberGenerator.GetBytes(3_000_000), down = RandomNumberGenerator.GetBytes(2_000_000);

        byte[][] received = await Task.WhenAll(SendAndCloseAsync(client, up).ContinueWith(_ => Array.Empty<byte>()), ReadAllAsync(server), SendAndCloseAsync(server, down).ContinueWith(_ => Array.Empty<byte>()), ReadAllAsync(client));
        await harness.UntilEventsAsync(2);

        Assert.Equal(up, received[1]);
        Assert.Equal(down, received[3]);
        Assert.Equal(up, harness.Streams.Single.BytesOf(Side.Initiator));
        Assert.Equal(down, harness.Streams.Single.BytesOf(Side.Responder));
        Assert.EndsWith("Closed 3000000 2000000", harness.Events[1]);
    }

    [Fact]
    public async Task Proxy_HalfClosed_TheOtherDirectionGoesOn()
    {
        await using var harness = new ProxyHarness();
        (TcpClient client, TcpClient server) = await harness.OpenAsync();

        await SendAndCloseAsync(client, "question"u8.ToArray());
        Assert.Equal("question"u8.ToArray(), await ReadAllAsync(server));
        await SendAndCloseAsync(server, "answer"u8.ToArray());

        Assert.Equal("answer"u8.ToArray(), await ReadAllAsync(client));
        await harness.UntilEventsAsync(2);
        Assert.Equal("I+8 I:Closed R+6 R:Closed", harness.Streams.Single.ToString());
        Assert.Equal(["opened", "Initiator Closed 8 6"], harness.Events);
    }

    [Fact]
    public async Task Proxy_Reset_IsPassedOn()
    {
        await using var harness = new ProxyHarness();
        (TcpClient client, TcpClient server) = await harness.OpenAsync();

        client.LingerState = new LingerOption(true, 0);
        client.Client.Close();

        SocketException failure = await Assert.ThrowsAsync<SocketException>(() => ReadAllAsync(server));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        await harness.UntilEventsAsync(2);
        Assert.Equal("Initiator Reset 0 0", harness.Events[1]);
    }

    [Fact]
    public async Task Proxy_SlowReader_TheSenderHasToWait()
    {
        await using var harness = new ProxyHarness();
        (TcpClient client, TcpClient server) = await harness.OpenAsync();
        client.Client.Blocking = false;
        client.SendBufferSize = 65_536;
        var piece = new byte[65_536];
        long sent = 0;

        // The system's buffers take some; without back-pressure this would not end.
        for (int idle = 0; idle < 20;)
        {
            int count = client.Client.Send(piece, 0, piece.Length, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success) sent += count;
            idle = error == SocketError.Success ? 0 : idle + 1;
            if (error != SocketError.Success) client.Client.Poll(10_000, SelectMode.SelectWrite);
            Assert.True(sent < 200_000_000);
        }
        client.Client.Blocking = true;
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal(sent, (await ReadAllAsync(server)).LongLength);
    }

    [Fact]
    public async Task Proxy_ManyConnections_DoNotMix()
    {
        const int Count = 100;
        await using var harness = new ProxyHarness();

        await Task.WhenAll(Enumerable.Range(0, Count).Select(async i =>
        {
            TcpClient client = await harness.ConnectAsync();
            await SendAndCloseAsync(client, Encoding.ASCII.GetBytes($"client {i} {new string('x', i * 50)}"));
        }).Append(Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                TcpClient server = await harness.AcceptAsync();
                _ = Task.Run(async () => await SendAndCloseAsync(server, await ReadAllAsync(server)));
            }
        })));
        await harness.UntilEventsAsync(2 * Count);

        Assert.Equal(Count, harness.Streams.All.Count);
        Assert.All(harness.Streams.All, stream => Assert.Equal(stream.TextOf(Side.Initiator), stream.TextOf(Side.Responder)));
        Assert.Equal(Count, harness.Streams.All.Select(stream => stream.TextOf(Side.Initiator)).Distinct().Count());
    }

    [Theory]
    [InlineData("127.0.0.1", 1, "refuses the connection")]
    [InlineData("no-such-host.invalid", 1883, "no host with the name")]
    public async Task Proxy_HostIsNotThere_IsSaidAndTheClientIsClosed(string host, int port, string words)
    {
        await using var harness = new ProxyHarness(options => options with { Host = host, Port = port });
        using TcpClient client = await harness.ConnectAsync();

        await harness.UntilEventsAsync(1);

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
        Assert.Contains(host.Contains("invalid") && harness.Events[0].Contains("at the moment") ? "cannot be looked up" : words, harness.Events[0]);
        Assert.Empty(harness.Streams.All);
    }

    [Fact]
    public async Task Proxy_TlsOnBothSides_PlainBytesAreSeen()
    {
        await using var harness = new ProxyHarness(options => options with
        {
            ListenTls = new SslServerAuthenticationOptions { ServerCertificate = TlsSession.RsaCertificate },
            HostTls = new SslClientAuthenticationOptions { TargetHost = "broker.example", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null },
        });
        (TcpClient client, TcpClient server) = await harness.OpenAsync();
        var serverTls = new SslStream(server.GetStream());
        var clientTls = new SslStream(client.GetStream(), false, (_, shown, _, _) => shown is not null);

        await Task.WhenAll(serverTls.AuthenticateAsServerAsync(TlsSession.RsaCertificate), clientTls.AuthenticateAsClientAsync("broker.example"));
        await clientTls.WriteAsync("question"u8.ToArray());
        await clientTls.ShutdownAsync();
        Assert.Equal("question", await new StreamReader(serverTls).ReadToEndAsync());
        await serverTls.WriteAsync("answer"u8.ToArray());
        await serverTls.ShutdownAsync();
        Assert.Equal("answer", await new StreamReader(clientTls).ReadToEndAsync());

        Assert.Equal(("question", "answer"), (harness.Streams.Single.TextOf(Side.Initiator), harness.Streams.Single.TextOf(Side.Responder)));
    }

    [Fact]
    public async Task Proxy_UnknownAuthority_IsSaid()
    {
        await using var harness = new ProxyHarness(options => options with { HostTls = new SslClientAuthenticationOptions { TargetHost = "broker.example" } });
        (TcpClient _, TcpClient server) = await harness.OpenAsync();

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            var tls = new SslStream(server.GetStream());
            await tls.AuthenticateAsServerAsync(TlsSession.RsaCertificate);
            await tls.ReadExactlyAsync(new byte[1]);
        });
        await harness.UntilEventsAsync(1);

        Assert.Contains("unknown authority", harness.Events[0]);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1", "::1")]
    public void Recorder_Streams_AreTheSameWhenTheFileIsRead(string client, string server)
    {
        using var file = new MemoryStream();
        byte[] large = RandomNumberGenerator.GetBytes(100_000);
        using (var writer = new PcapngWriter(file, leaveOpen: true))
        {
            var connection = new StreamConnection(1, new IPEndPoint(IPAddress.Parse(client), 50_000), new IPEndPoint(IPAddress.Parse(server), 8883), new Arrival(0, 1_000)) { IsFromBeginning = true };
            IStreamConsumer recording = new StreamRecorder(writer, port: 1883).Open(connection);
            recording.OnBytes(Side.Initiator, "hello"u8, new Arrival(0, 2_000));
            recording.OnBytes(Side.Responder, large, new Arrival(0, 3_000));
            recording.OnBytes(Side.Initiator, "bye"u8, new Arrival(0, 4_000));
            recording.OnEnd(Side.Initiator, StreamEnd.Closed, new Arrival(0, 5_000));
            recording.OnEnd(Side.Responder, StreamEnd.Closed, new Arrival(0, 6_000));
        }
        file.Position = 0;
        var streams = new RecordedStreams();
        var feed = new FrameFeed(streams, options: new CaptureOptions { VerifyChecksums = true });
        using FrameSource source = CaptureFile.Open(file);

        feed.Run(source);

        Assert.Equal("hellobye", streams.Single.TextOf(Side.Initiator));
        Assert.Equal(large, streams.Single.BytesOf(Side.Responder));
        Assert.Equal((1, 1), (streams.Single.Ends[0], streams.Single.Ends[1]));
        Assert.Equal(1883, streams.Single.Connection.Responder.Port);
        Assert.Empty(feed.Counters.Skipped);
    }

    private static async Task SendAndCloseAsync(TcpClient client, byte[] bytes)
    {
        for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty;) rest = rest[await client.Client.SendAsync(rest)..];
        client.Client.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadAllAsync(TcpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var all = new MemoryStream();
        var buffer = new byte[65_536];
        for (int count; (count = await client.Client.ReceiveAsync(buffer, limit.Token)) > 0;) all.Write(buffer, 0, count);
        return all.ToArray();
    }
}
