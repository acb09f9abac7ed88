// Reads everything again that a broker was started with, on SIGHUP, `godwit reload`, or because a file has changed: settings, users, rules,
// certificates. All of it is read before any of it is in force, so what is wrong anywhere leaves everything as it was.
using Godwit.Broker;
using Godwit.Broker.Control;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Logging;
using Godwit.Cli.Watching;
using Godwit.Configuration.Reading;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Verbs;

internal sealed class BrokerReload : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Func<EffectiveSettings> _load;
    private readonly EffectiveSettings _atStart;
    private readonly LogThreshold _threshold;
    private readonly ILogger _logger;
    private EffectiveSettings _current;
    private BrokerSecurity _security;

    /// <param name="load">Reads the settings again.</param>
    /// <param name="atStart">The settings that the broker is started with.</param>
    /// <param name="security">Users and rules; this disposes of it.</param>
    /// <param name="threshold">What is logged.</param>
    /// <param name="logger">Where to say what came of it.</param>
    public BrokerReload(Func<EffectiveSettings> load, EffectiveSettings atStart, BrokerSecurity security, LogThreshold threshold, ILogger logger)
    {
        (_load, _atStart, _current, _security, _threshold, _logger) = (load, atStart, atStart, security, threshold, logger);
        Stamps = FileStamps.Of(atStart.Files());
    }

    /// <summary>What is reloaded, once it runs.</summary>
    public MqttBroker? Broker { get; set; }

    /// <summary>The listener for administrators, which does not come from the settings' listeners; null if there is none.</summary>
    public ListenerOptions? Control { get; set; }

    /// <summary>The files as they were when they were read last.</summary>
    public FileStamps Stamps { get; private set; }

    /// <summary>The broker's options by what has been read, but for the store.</summary>
    public BrokerOptions Options() => Options(_current, _security) with { OnReload = ReloadAsync };

    /// <summary>Reads everything again, and says in the log what came of it.</summary>
    /// <param name="by">Who wants it.</param>
    public async Task RunAsync(string by)
    {
        try
        {
            await ReloadAsync(by).ConfigureAwait(false);
        }
        catch (UsageException)
        {
            // The log has it.
        }
    }

    /// <summary>The same, for somebody who wants to know.</summary>
    /// <exception cref="UsageException">Something is wrong; everything is as it was.</exception>
    public async Task<ReloadSummary> ReloadAsync(string by)
    {
        await _one.WaitAsync().ConfigureAwait(false);
        FileStamps stamps = FileStamps.Of(_current.Files()); // before they are read: what changes meanwhile is seen afterwards
        try
        {
            EffectiveSettings next = _load();
            ReloadSummary summary = await TakeAsync(next, stamps).ConfigureAwait(false);
            stamps = stamps.With(next.Files());
            BrokerVerbLog.Reloaded(_logger, by, Describe(summary));
            if (summary.NeedsRestart.Count > 0) BrokerVerbLog.NeedsRestart(_logger, string.Join(", ", summary.NeedsRestart));
            return summary;
        }
        catch (Exception wrong) // whatever is wrong with a file, it must not be the end of the broker
        {
            BrokerVerbLog.ReloadFailed(_logger, by, wrong.Message);
            throw new UsageException($"{wrong.Message} What was in force stays so.");
        }
        finally
        {
            Stamps = stamps;
            _one.Release();
        }
    }

    public void Dispose()
    {
        _security.Dispose();
        _one.Dispose();
    }

    private async Task<ReloadSummary> TakeAsync(EffectiveSettings next, FileStamps stamps)
    {
        if (Broker is not { } broker) throw new UsageException("The broker has not started yet.");
        BrokerSecurity users = BrokerSecurity.Open(next.Settings.Security, _security);
        bool isTaken = false;
        try
        {
            ReloadReport report = await broker.ReloadAsync(Options(next, users), Take).ConfigureAwait(false);
            string[] changed = [.. next.ChangesInForce(_current).Where(name => !name.EndsWith("].listen", StringComparison.Ordinal)), .. stamps.Differences(Stamps)];
            _current = next;
            return new ReloadSummary(changed, [.. next.ChangesForRestart(_atStart)], report.Opened, report.Closed, report.Disconnected, report.Unsubscribed);
        }
        finally
        {
            if (!isTaken) users.Discard();
        }

        void Take()
        {
            isTaken = true;
            users.TakeOver();
            _security = users;
            _threshold.Level = LogThreshold.Parse(next.Settings.LogLevel);
        }
    }

    private BrokerOptions Options(EffectiveSettings settings, BrokerSecurity users)
    {
        BrokerOptions options = users.Apply(BrokerVerb.ToBrokerOptions(settings));
        return Control is null ? options : options with { Listeners = [.. options.Listeners, Control] };
    }

    private static string Describe(ReloadSummary summary)
    {
        var parts = new List<string>();
        if (summary.Changed.Count > 0) parts.Add($"{string.Join(", ", summary.Changed)} changed");
        if (summary.Disconnected > 0) parts.Add($"{summary.Disconnected} clients disconnected");
        if (summary.Unsubscribed > 0) parts.Add($"{summary.Unsubscribed} subscriptions removed");
        return parts.Count == 0 ? "nothing has changed" : string.Join("; ", parts);
    }
}
