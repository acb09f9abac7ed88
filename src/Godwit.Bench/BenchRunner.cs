using System.Net;

namespace Godwit.Bench;

/// <summary>Puts a load on a broker and reports how it went.</summary>
public static class BenchRunner
{
    /// <summary>Runs a scenario.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Told once a second; null for nobody.</param>
    /// <param name="stop">Ends the run early; what has been measured until then is reported.</param>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    /// <exception cref="BenchException">The run could not begin.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before there was anything to report.</exception>
    public static async Task<BenchReport> RunAsync(BenchOptions options, IProgress<BenchProgress>? progress = null, CancellationToken stop = default)
    {
        options.Validate();
        IPEndPoint remote = await BrokerAddress.FindAsync(options.Host, options.Port, options.Timeout, stop).ConfigureAwait(false);
        var loops = new LoopSet(options, remote);
        await using (loops.ConfigureAwait(false))
        {
            var run = new ScenarioRun(loops, progress, stop);
            return await (options.Scenario switch
            {
                ScenarioKind.Connect => new ConnectScenario(run).RunAsync(),
                ScenarioKind.Retained => new RetainedScenario(run).RunAsync(),
                ScenarioKind.Reconnect => new ReconnectScenario(run).RunAsync(),
                _ => new MessageScenario(run).RunAsync(),
            }).ConfigureAwait(false);
        }
    }
}
