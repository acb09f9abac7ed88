// Other people's clients and their broker, with the proxy between them: what is found in their TLS and WebSocket is compared with what the client
// was told to send, with what is read from the recorded file, and with what tshark finds in it.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Capture.Files;
using Godwit.Capture.Layers;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tests.Tls;
using Godwit.Capture.Tls;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Layers;

public sealed class PeerTests : IAsyncLifetime, IDisposable, IProxyObserver
{
    private const string Paho = """
        import ssl, sys, paho.mqtt.client as mqtt
        context = ssl.create_default_context(cafile='server.pem')
        context.check_hostname = False
        context.keylog_filename = 'keys.log'
        context.maximum_version = ssl.TLSVersion.TLSv1_2 if sys.argv[2] == '1.2' else ssl.TLSVersion.TLSv1_3
        client = mqtt.Client('python_test')
        client.tls_set_context(context)
        client.on_connect = lambda client, *_: client.subscribe('python/#', 1)
        client.on_subscribe = lambda client, *_: [client.publish('python/mqtt', 'message %d ' % i + 'x' * i * 400, i % 3) for i in range(20)]
        count = 0
        def on_message(client, data, message):
            global count
            count += 1
            if count == 20: client.disconnect()
        client.on_message = on_message
        client.connect('127.0.0.1', int(sys.argv[1]))
        client.loop_forever()
        """;

    private const string MqttJs = """
        const client = require('mqtt').connect('ws://127.0.0.1:' + process.argv[1] + '/mqtt', { clientId: 'js_test', reconnectPeriod: 0 });
        client.on('connect', () => client.subscribe('js/#', { qos: 1 }, () => { for (let i = 0; i < 20; i++) client.publish('js/mqtt', 'message ' + i + ' ' + 'x'.repeat(i * 400), { qos: i % 3 }); }));
        let count = 0;
        client.on('message', () => { if (++count === 20) client.end(); });
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-peers-").FullName;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly RecordedStreams _content = new();
    private Process? _broker;

    private string Recorded => Path.Combine(_directory, "session.pcapng");

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Tls_PahoAndMosquitto_EverythingIsSeenAndTsharkAgrees(string version)
    {
        File.WriteAllText(Path.Combine(_directory, "server.pem"), TlsSession.RsaPem(withKey: false));
        File.WriteAllText(Path.Combine(_directory, "key.pem"), TlsSession.RsaPem(withKey: true));
        int port = await StartMosquittoAsync("certfile server.pem\nkeyfile key.pem\n");
        string keys = Path.Combine(_directory, "keys.log");

        await RunThroughProxyAsync(port, new TlsKeyLog(keys), proxy => Run("/usr/bin/python3", ["-c", Paho, $"{proxy}", version]));

        AssertPublications("python/mqtt");
        AssertFileHasTheSame(new TlsKeyLog(keys));
        // Two TLS records in one frame make tshark 4.0 list types in one field: only their number and order are compared.
        string[] types = (await OutputAsync("tshark", ["-r", Recorded, "-o", $"tls.keylog_file:{keys}", "-d", $"tls.port=={port},mqtt", "-Y", "mqtt", "-T", "fields", "-e", "mqtt.msgtype"]))
            .Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries);
        int[] ours = [.. Types(Side.Initiator), .. Types(Side.Responder)];
        Assert.Equal(ours.Order(), types.Select(type => int.Parse(type, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public async Task WebSocket_MqttJsAndGodwit_EverythingIsSeen()
    {
        int port = await StartGodwitAsync();
        string modules = Repository.PathOf("tests/Interop/js");

        await RunThroughProxyAsync(port, null, proxy => Run("node", ["-e", MqttJs, $"{proxy}"], modules));

        AssertPublications("js/mqtt");
        AssertFileHasTheSame(null);
        ConnectionLayers layers = _content.Single.Connection.Layers!;
        Assert.Equal(("/mqtt", "mqtt", 101), (layers.WebSocket!.Path, layers.WebSocket.Protocol, layers.WebSocket.Status));
        Assert.Empty(layers.Remarks);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            _broker.Kill();
            await _broker.WaitForExitAsync();
            _broker.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    public void Dispose() => _stop.Dispose();

    void IProxyObserver.OnOpened(StreamConnection connection)
    {
    }

    void IProxyObserver.OnClosed(StreamConnection connection, long fromClient, long fromHost, Side by, StreamEnd end, Arrival at) => _closed.TrySetResult();

    void IProxyObserver.OnFailed(IPEndPoint client, string sentence) => _closed.TrySetException(new InvalidOperationException(sentence));

    private async Task RunThroughProxyAsync(int port, TlsKeyLog? keys, Func<int, Process> start)
    {
        using (var writer = new PcapngWriter(File.Create(Recorded)))
        {
            var streams = new StreamRecorder(writer, new LayerStreams(_content, keys));
            using var proxy = new StreamProxy(new ProxyOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Host = "127.0.0.1", Port = port }, streams, this);
            Task running = proxy.RunAsync(_stop.Token);
            using Process client = start(proxy.LocalEndPoint.Port);
            string errors = await client.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(40));
            await client.WaitForExitAsync();
            Assert.True(client.ExitCode == 0, errors);
            await _closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await _stop.CancelAsync();
            await running;
        }
    }

    // All 20 publications, up and down.
    private void AssertPublications(string topic)
    {
        foreach (string text in new[] { _content.Single.TextOf(Side.Initiator), _content.Single.TextOf(Side.Responder) })
            for (int i = 0; i < 20; i++) Assert.Contains($"message {i} {new string('x', i * 400)}", text);
        Assert.Contains(topic, _content.Single.TextOf(Side.Initiator));
        Assert.Equal(20, Types(Side.Responder).Count(type => type == 3));
    }

    private void AssertFileHasTheSame(TlsKeyLog? keys)
    {
        var again = new RecordedStreams();
        using FrameSource source = CaptureFile.Open(Recorded);
        new FrameFeed(new LayerStreams(again, keys), options: new CaptureOptions { VerifyChecksums = true }).Run(source);

        Assert.Equal(_content.Single.BytesOf(Side.Initiator), again.Single.BytesOf(Side.Initiator));
        Assert.Equal(_content.Single.BytesOf(Side.Responder), again.Single.BytesOf(Side.Responder));
    }

    // The types of the MQTT packets, by their fixed headers.
    private List<int> Types(Side side)
    {
        byte[] bytes = _content.Single.BytesOf(side);
        var types = new List<int>();
        for (int at = 0; at < bytes.Length;)
        {
            types.Add(bytes[at++] >> 4);
            int length = 0, shift = 0;
            do length |= (bytes[at] & 0x7F) << shift; while ((shift += 7) > 0 && bytes[at++] >= 0x80);
            at += length;
        }
        return types;
    }

    private async Task<int> StartMosquittoAsync(string settings)
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        File.WriteAllText(Path.Combine(_directory, "mosquitto.conf"), $"listener {port} 127.0.0.1\n{settings}allow_anonymous true\nuser root\n");
        await StartBrokerAsync("/usr/sbin/mosquitto", ["-c", "mosquitto.conf"], "running");
        return port;
    }

    private async Task<int> StartGodwitAsync()
    {
        const string Listening = "Listening on ws://127.0.0.1:";
        string line = await StartBrokerAsync(GodwitProgram.Path, ["broker", "--listen", "ws://127.0.0.1:0"], Listening);
        return int.Parse(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].TrimEnd('.'), CultureInfo.InvariantCulture);
    }

    // Gives the line that says that it runs.
    private async Task<string> StartBrokerAsync(string program, string[] arguments, string words)
    {
        _broker = Run(program, arguments);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new StringBuilder();
        while (await _broker.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            seen.AppendLine(line);
            if (!line.Contains(words, StringComparison.Ordinal)) continue;
            _ = _broker.StandardError.ReadToEndAsync(CancellationToken.None);
            return line;
        }
        throw new InvalidOperationException(seen.ToString());
    }

    private async Task<string> OutputAsync(string program, string[] arguments)
    {
        using Process process = Run(program, arguments);
        process.BeginErrorReadLine();
        return await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(40));
    }

    private Process Run(string program, string[] arguments, string? directory = null)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = directory ?? _directory, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
