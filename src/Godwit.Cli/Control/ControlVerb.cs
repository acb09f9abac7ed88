// What the verbs that look into a broker have in common: how they connect, and the way from an error to a sentence.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Verbs;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Control;

internal abstract class ControlVerb(string name, string summary, string usage = "[options]") : ClientVerb(name, summary, usage, ProtocolVersion.V5)
{
    private readonly Option<TimeSpan?> _timeout = OptionTypes.Seconds("-W", "Wait for an answer no longer than this (default 5)");

    /// <summary>The options behind those of the verb itself.</summary>
    protected void GroupConnection()
    {
        Group("Connection", [.. Connection.ControlOptions, _timeout, .. Connection.OutputOptions]);
        Group("TLS and WebSocket", Connection.TransportOptions);
    }

    /// <summary>Whether it goes on when the connection is lost.</summary>
    protected virtual bool StaysConnected(ParseResult arguments) => false;

    /// <summary>Checks the options before anything is connected.</summary>
    /// <exception cref="UsageException">They do not fit together.</exception>
    protected virtual void Check(ParseResult arguments, Terminal terminal)
    {
    }

    protected sealed override async Task<int> RunAsync(
        ParseResult arguments, ConnectionSettings settings, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        Check(arguments, terminal);
        MqttClientOptions options = settings.Options with { Reconnect = settings.Options.Reconnect with { Enabled = StaysConnected(arguments) } };
        if (Connection.NameNoServer(arguments) && options.Tls is null && ControlSocket.Find(terminal.Environment) is { } socket) options = options with { UnixSocket = socket };
        await using MqttClient client = CreateClient(settings, options, terminal.Error.WriteLine);
        try
        {
            await client.ConnectAsync(stop).ConfigureAwait(false);
            int code = await RunAsync(arguments, new ControlClient(client, arguments.GetValue(_timeout) ?? TimeSpan.FromSeconds(5)), client, terminal, errors, stop)
                .ConfigureAwait(false);
            await client.DisconnectAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false);
            return code;
        }
        catch (ControlException failure)
        {
            errors.Write(failure.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>Does the verb's work.</summary>
    protected abstract Task<int> RunAsync(
        ParseResult arguments, ControlClient control, MqttClient client, Terminal terminal, ErrorOutput errors, CancellationToken stop);
}
