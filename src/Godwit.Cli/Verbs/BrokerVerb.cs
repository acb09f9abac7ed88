// godwit broker: runs the broker until Ctrl-C or SIGTERM. What can be set is in
// Godwit.Configuration, the options in BrokerArguments.
using System.CommandLine;
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Storage;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Cli.Logging;
using Godwit.Cli.Memory;
using Godwit.Cli.Watching;
using Godwit.Configuration;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;
using Godwit.Storage;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Verbs;

internal sealed class BrokerVerb : Verb
{
    public const string Summary = "Run an MQTT broker; without options on 127.0.0.1:1883, in memory";

    private const string BanFileName = "bans.json";

    /// <summary>Bytes of a store that takes a while to be read.</summary>
    private const long LargeStore = 256 << 20;

    private static readonly Setting PacketSize = BrokerDescription.Limits.Find("max_packet_size")!;

    private readonly BrokerArguments _arguments = new();

    public BrokerVerb() : base("broker", Summary + ".")
    {
        foreach ((string title, Option[] options) in _arguments.Groups) Group(title, options);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit broker -v", "On 127.0.0.1:1883; shows every packet."),
        ("godwit broker --data /var/lib/godwit", "Nothing that was acknowledged is lost, even if the power fails."),
        ("godwit broker -p 1884 --bind 0.0.0.0 --password-file users", "For other machines too, on port 1884, for the users of a file."),
        ("godwit broker --config godwit.yaml", "All of that from a file, which `godwit config init` writes; mosquitto.conf works too."),
        ("godwit broker --listen any://0.0.0.0:1883 --cert server.pem --key server.key", "MQTT, WebSocket, and both over TLS on one port."),
    ];

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        EffectiveSettings effective = _arguments.Load(arguments, terminal);
        BrokerSettings settings = effective.Settings;
        BrokerSecurity security = BrokerSecurity.Open(settings.Security);
        var threshold = new LogThreshold(LogThreshold.Parse(settings.LogLevel));
        using ILoggerFactory loggers = ConsoleLog.Create(threshold, iso: settings.LogFormat == "iso");
        ILogger logger = loggers.CreateLogger("Godwit.Cli");
        foreach (SettingProblem remark in effective.Remarks) BrokerVerbLog.NotHonoured(logger, remark);
        if (settings.Memory is { } memory) MemoryLimit.Apply(memory);
        if (DescriptorLimit.Read() is { } descriptors)
            BrokerVerbLog.DescriptorLimit(logger, descriptors, DescriptorLimit.Connections(descriptors));
        if (AcceptQueue.Read() is { } length and < AcceptQueue.Usual) BrokerVerbLog.ShortAcceptQueue(logger, length);

        using var reload = new BrokerReload(() => _arguments.Load(arguments, terminal), effective, security, threshold, logger);
        try
        {
            return await RunAsync(settings, security, reload, loggers, terminal, stop).ConfigureAwait(false);
        }
        catch (StoreException damage) when (damage.Failure == StoreFailure.Damaged)
        {
            BrokerVerbLog.StoreFoundDamaged(logger, damage.Message);
        }
        try
        {
            return await RunAsync(settings, security, reload, loggers, terminal, stop).ConfigureAwait(false);
        }
        catch (StoreException cannot)
        {
            throw new UsageException(cannot.Message);
        }
    }

    // Damage that is found while the store is read, not when it is opened, is the caller's: opened again, it is saved.
    private static async Task<int> RunAsync(
        BrokerSettings settings, BrokerSecurity security, BrokerReload reload, ILoggerFactory loggers, Terminal terminal, CancellationToken stop)
    {
        ILogger logger = loggers.CreateLogger("Godwit.Cli");
        BrokerOptions options = reload.Options();
        using SqliteStore? store = OpenStore(settings.DataDirectory, logger);
        await using var broker = new MqttBroker(options with { Store = store }, loggers);
        using var trimmer = new CalmTrimmer(logger, new ManagedHeap(), broker.DropUnusedBuffers, TimeProvider.System);
        using MemoryLimit? limit = options.MemoryBudget > 0 ? MemoryLimit.Watch(broker, TimeProvider.System) : null;
        try
        {
            await broker.StartAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 0; // asked to end before it was there, for example while a large store was read
        }
        catch (Exception cannot) when (cannot is ListenException or TransportException or StoreException { Failure: not StoreFailure.Damaged })
        {
            throw new UsageException(cannot.Message);
        }
        if (store is null) BrokerVerbLog.MemoryOnly(logger);
        if (security.IsClosed(options)) BrokerVerbLog.ClosedToEverybody(logger);
        foreach (IPEndPoint endPoint in broker.EndPoints.Where(e => security.IsOpen && !IPAddress.IsLoopback(e.Address))) BrokerVerbLog.OpenToEverybody(logger, endPoint);

        reload.Broker = broker;
        await OpenControlAsync(settings, reload, broker, terminal, logger).ConfigureAwait(false);
        using FileWatch? watch = settings.WatchFiles ? new FileWatch(() => reload.Stamps, () => reload.RunAsync("files have changed"), TimeProvider.System) : null;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
        using IDisposable hangup = terminal.OnHangup(() => _ = reload.RunAsync("SIGHUP"));
        await stopped.Task.ConfigureAwait(false);
        await broker.StopAsync().ConfigureAwait(false);
        return 0;
    }

    // A broker whose socket for administrators is not asked for does without it if there is no place, for example because another one has it.
    private static async Task OpenControlAsync(BrokerSettings settings, BrokerReload reload, MqttBroker broker, Terminal terminal, ILogger logger)
    {
        if (ControlSocket.ListenerFor(settings, terminal.Environment) is not { } listener) return;
        reload.Control = listener;
        try
        {
            await broker.ReloadAsync(reload.Options()).ConfigureAwait(false);
            BrokerVerbLog.ControlSocketOpen(logger, $"{listener.EndPoint}");
        }
        catch (ListenException cannot) when (settings.ControlSocket is null)
        {
            reload.Control = null;
            BrokerVerbLog.NoControlSocket(logger, cannot.Message);
        }
        catch (ListenException cannot)
        {
            throw new UsageException(cannot.Message);
        }
    }

    private static SqliteStore? OpenStore(string? directory, ILogger logger)
    {
        if (directory is null) return null;
        try
        {
            var options = new SqliteStoreOptions { Directory = directory };
            if (new FileInfo(options.FilePath) is { Exists: true, Length: > LargeStore } file)
                BrokerVerbLog.OpeningLargeStore(logger, options.FilePath, file.Length >> 20);
            SqliteStore store = SqliteStore.Open(options, out StoreOpenReport report);
            if (report.IsNew) BrokerVerbLog.StoreIsNew(logger, store.Description);
            if (report.MigratedFrom is { } version) BrokerVerbLog.StoreMigrated(logger, store.Description, version);
            if (report.Damage is { } damage) BrokerVerbLog.StoreDamaged(logger, damage.ToString());
            return store;
        }
        catch (StoreException cannot)
        {
            throw new UsageException(cannot.Message);
        }
    }

    /// <summary>The broker's options as the command line alone has them, but for the store.</summary>
    internal BrokerOptions ToBrokerOptions(ParseResult arguments) => ToBrokerOptions(_arguments.Load(arguments, environment: []));

    /// <summary>The broker's options, but for store and security.</summary>
    internal static BrokerOptions ToBrokerOptions(EffectiveSettings effective)
    {
        BrokerSettings settings = effective.Settings;
        BrokerOptions options = settings.Broker with
        {
            Listeners = [.. settings.Listeners.Select(l => ListenerFactory.Make(l, settings.DataDirectory is not null))],
            BanFile = settings.DataDirectory is { } directory ? Path.Combine(directory, BanFileName) : null,
        };
        if (settings.Memory is not { } memory) return options;
        int largest = (int)Math.Min(options.MaximumPacketSize, MemoryLimit.LargestPacket(memory));
        return options with { MemoryBudget = MemoryLimit.Budget(memory), MaximumPacketSize = effective.Find(PacketSize) is null ? largest : options.MaximumPacketSize };
    }
}
