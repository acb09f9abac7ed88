// godwit proxy: stands between clients and a broker, and shows their packets and connections.
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Capture;
using Godwit.Capture.Files;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class ProxyVerb : Verb
{
    public const string Summary = "Stand between clients and a broker, and show what they say";

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    private readonly ProxyArguments _arguments = new();
    private readonly Option<string?> _write = OptionTypes.Text("--write", "FILE", "Write what goes through as a capture (pcapng), which godwit capture and Wireshark open", "-w");
    private readonly Option<bool> _quiet = OptionTypes.Flag("--quiet", "Show no packets, no connections and no error messages");
    private readonly Option<bool> _connectionsOnly = OptionTypes.Flag("--connections", "Show connections, but no packets");
    private readonly PacketViewArguments _view = new();

    public ProxyVerb() : base("proxy", Summary + ".", "--to HOST:PORT [options]")
    {
        Group("Between whom", _arguments.Addresses);
        Group("TLS", _arguments.Tls);
        Group("Output", [.. _view.Options, _connectionsOnly, _write, _quiet]);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit proxy --to broker.example:1883 -w session.pcapng", "Connect clients to 127.0.0.1:1884 instead: their packets are shown, and kept in a capture."),
        ("godwit proxy --listen 0.0.0.0:1884 --to 127.0.0.1:1883", "For clients on other machines."),
        ("godwit proxy --listen tls://:8884 --cert proxy.crt --key proxy.key --to mqtts://broker.example --cafile ca.crt -w session.pcapng",
            "See what a client says by TLS: it has to trust the proxy's certificate."),
    ];

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        ProxyOptions options = _arguments.Read(arguments);
        var errors = new ErrorOutput(terminal.Error, Name, arguments.GetValue(_quiet));
        try
        {
            using PcapngWriter? writer = arguments.GetValue(_write) is { } file ? new PcapngWriter(File.Create(file), comment: Comment(options)) : null;
            // One output for connections and packets, so that they stay in order; it is written at once.
            using var output = new RecordOutput(terminal.Output, isLive: true);
            bool isQuiet = arguments.GetValue(_quiet), showsPackets = !isQuiet && !arguments.GetValue(_connectionsOnly);
            IStreamConsumerFactory consumers = new PacketStreams(showsPackets ? [new TextView(output, _view.Read(arguments, terminal))] : []);
            if (writer is not null) consumers = new StreamRecorder(writer, consumers, options.HostTls is null && options.ListenTls is null ? null : StreamRecorder.PlainPort);
            using var proxy = new StreamProxy(options, consumers, new ConnectionLines(output, errors, isQuiet));
            string listen = $"{proxy.LocalEndPoint}{(options.ListenTls is null ? "" : " (TLS)")}", to = $"{options.Host}:{options.Port}{(options.HostTls is null ? "" : " (TLS)")}";
            if (!isQuiet) output.Write(Encoding.UTF8.GetBytes($"Listening on {listen}, passing on to {to}.\n"));
            Task flushing = writer is null ? Task.CompletedTask : FlushAsync(proxy, writer, stop);
            await proxy.RunAsync(stop).ConfigureAwait(false);
            await flushing.ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (SocketException failure)
        {
            errors.Write(failure.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"{options.Listen} is in use by another program. Choose another port by --listen."
                : $"{options.Listen} cannot be listened on: {failure.Message}.");
            return ExitCode.Failed;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Write(failure.Message);
            return ExitCode.Failed;
        }
    }

    private static string Comment(ProxyOptions options) =>
        $"Recorded by godwit proxy between clients and {options.Host}:{options.Port}{(options.HostTls is null && options.ListenTls is null ? "" : $"; TLS has been taken off, and the port written as {StreamRecorder.PlainPort}")}.";

    // Whoever reads along sees what was said a second ago.
    private static async Task FlushAsync(StreamProxy proxy, PcapngWriter writer, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(FlushInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false)) proxy.Synchronise(writer.Flush);
        }
        catch (OperationCanceledException)
        {
            // The writer's end flushes, too.
        }
    }

    private sealed class ConnectionLines(RecordOutput output, ErrorOutput errors, bool isQuiet) : IProxyObserver
    {
        public void OnOpened(StreamConnection connection) => Write(connection.Opened, connection, $"{connection.Initiator} connected with {connection.Responder}");

        public void OnClosed(StreamConnection connection, long fromClient, long fromHost, Side by, StreamEnd end, Arrival at)
        {
            string who = by == Side.Initiator ? "the client" : "the broker";
            string how = end switch { StreamEnd.Closed => $"closed by {who}", StreamEnd.Reset => $"reset by {who}", _ => "ended with the proxy" };
            double seconds = (at.Time - connection.Opened.Time) / 1e9;
            Write(at, connection, string.Create(CultureInfo.InvariantCulture, $"{how} after {seconds:0.000} s: {fromClient:N0} bytes from the client, {fromHost:N0} from the broker"));
        }

        public void OnFailed(IPEndPoint client, string sentence) => errors.Write($"{client}: {sentence}");

        private void Write(Arrival at, StreamConnection connection, string what)
        {
            if (isQuiet) return;
            output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{at.Moment.LocalDateTime:HH:mm:ss.fff} #{connection.Number} {what}\n")));
        }
    }
}
