// What SIGHUP does, which is also what a certificate tool sends after a renewal: settings first, and only if they are right the files they name.
using Godwit.Broker;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Logging;
using Godwit.Configuration.Reading;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Verbs;

/// <param name="load">Reads the settings again.</param>
/// <param name="atStart">The settings that the broker was started with.</param>
/// <param name="security">Users and rules.</param>
/// <param name="threshold">What is logged.</param>
/// <param name="logger">Where to say what came of it.</param>
internal sealed class BrokerReload(Func<EffectiveSettings> load, EffectiveSettings atStart, BrokerSecurity security, LogThreshold threshold, ILogger logger)
{
    /// <summary>Reads everything again. What is wrong leaves in force what was there.</summary>
    public void Run(MqttBroker broker)
    {
        if (!TryReconfigure(broker)) return;
        List<string> failures = [.. security.Reload()];
        try
        {
            broker.ReloadCertificates();
        }
        catch (TransportException cannot)
        {
            failures.Add(cannot.Message);
        }
        foreach (string failure in failures) BrokerVerbLog.ReloadFailed(logger, failure);
        if (failures.Count == 0) BrokerVerbLog.Reloaded(logger);
    }

    private bool TryReconfigure(MqttBroker broker)
    {
        try
        {
            EffectiveSettings next = load();
            BrokerOptions options = BrokerVerb.ToBrokerOptions(next);
            threshold.Level = LogThreshold.Parse(next.Settings.LogLevel);
            broker.Reconfigure(options);
            BrokerVerbLog.Reconfigured(logger);
            string later = string.Join(", ", next.ChangesForRestart(atStart));
            if (later.Length > 0) BrokerVerbLog.NeedsRestart(logger, later);
            return true;
        }
        catch (Exception wrong) when (wrong is UsageException or ArgumentException)
        {
            BrokerVerbLog.ReloadFailed(logger, wrong.Message);
            return false;
        }
    }
}
