// What pub, sub and rr have in common: the connection's options, the debug output and the way from an error to a sentence and an exit code.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Logging;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal abstract class ClientVerb(string name, string summary, string usage, ProtocolVersion defaultVersion) : Verb(name, summary, usage)
{
    protected ConnectionArguments Connection { get; } = new(name, defaultVersion);

    public override IReadOnlyDictionary<string, string> LaterOptions => TransportArguments.Later;

    public sealed override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        ConnectionSettings settings = Connection.Read(arguments);
        var errors = new ErrorOutput(terminal.Error, Name, settings.IsQuiet);
        if (settings.Options.Version != ProtocolVersion.V5 && !settings.Properties.IsEmpty)
            errors.Write("Warning: properties (-D) exist in MQTT 5 only and are not sent; -V 5 chooses it.");
        try
        {
            return await RunAsync(arguments, settings, terminal, errors, stop).ConfigureAwait(false);
        }
        catch (MqttConnectException failure)
        {
            errors.Write(failure.Message);
            return ExitCode.Of(failure);
        }
        catch (Exception failure) when (failure is MqttException or ArgumentException)
        {
            errors.Write(failure.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Failed; // what should have been published has not been
        }
        catch (IOException)
        {
            // Whoever reads the output has gone (`godwit sub | head -n 1`): nothing to complain about, and nowhere to.
            return ExitCode.Failed;
        }
    }

    /// <summary>Does the verb's work. Exceptions of the client become messages and exit codes.</summary>
    protected abstract Task<int> RunAsync(ParseResult arguments, ConnectionSettings settings, Terminal terminal, ErrorOutput errors, CancellationToken stop);

    /// <summary>A client with these options; with -d its packets are shown.</summary>
    protected static MqttClient CreateClient(ConnectionSettings settings, MqttClientOptions options, Action<string> printLine) => new(settings.IsDebug
        ? options with { PacketObserver = new PacketPrinter(options.ClientId!, options.Version, printLine) }
        : options);

    /// <summary>Lets a subscriber run to its end, which may be the time limit's or the user's.</summary>
    protected static async Task<int> RunAsync(
        Subscriber subscriber, MqttClient client, ConnectionSettings settings, ErrorOutput errors, TimeLimit limit, CancellationToken stop)
    {
        int code;
        try
        {
            code = await subscriber.RunAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            code = stop.IsCancellationRequested ? ExitCode.Success : ExitCode.TimedOut;
        }
        await DisconnectAsync(client, settings).ConfigureAwait(false);
        if (code == ExitCode.TimedOut) errors.Write("Timed out");
        return code;
    }

    /// <summary>Disconnects with the properties of -D disconnect.</summary>
    protected static Task DisconnectAsync(MqttClient client, ConnectionSettings settings) => client.DisconnectAsync(
        sessionExpiryInterval: settings.Properties.Disconnect.Number(PropertyId.SessionExpiryInterval),
        userProperties: settings.Properties.Disconnect.UserProperties);
}
