using System.Net;
using Godwit.Transport;

namespace Godwit.Bench;

/// <summary>The loops of a run, and what is asked of all of them together.</summary>
internal sealed class LoopSet : IAsyncDisposable
{
    private const int PreparationConcurrency = 256;

    private readonly EventLoopGroup _group;

    public LoopSet(BenchOptions options, IPEndPoint remote)
    {
        Settings = new ClientSettings(options, remote);
        _group = new EventLoopGroup(new EventLoopGroupOptions { Count = options.Threads });
        Loops = [.. _group.Loops.Select(loop => new BenchLoop(loop, Settings))];
        foreach (BenchLoop loop in Loops) loop.Start();
    }

    public ClientSettings Settings { get; }

    public BenchOptions Options => Settings.Options;

    public BenchLoop[] Loops { get; }

    /// <summary>Does something on each loop, all at the same time.</summary>
    public Task DoAsync(Action<BenchLoop> work) => Task.WhenAll(Loops.Select(loop => loop.DoAsync(() => work(loop))));

    /// <inheritdoc cref="DoAsync"/>
    public Task<T[]> AskAsync<T>(Func<BenchLoop, T> question) => Task.WhenAll(Loops.Select(loop => loop.AskAsync(() => question(loop))));

    /// <summary>Opens connections, each on its loop, and adds them to the loops'.</summary>
    /// <exception cref="BenchException">One could not be made.</exception>
    public async Task OpenAsync(IReadOnlyCollection<BenchConnection> connections, CancellationToken stop)
    {
        int concurrency = Math.Max(1, (Options.Concurrency ?? PreparationConcurrency) / Loops.Length);
        await DoAsync(loop => loop.Connections.AddRange(connections.Where(connection => connection.Owner == loop))).ConfigureAwait(false);
        Task[] openings = [.. from connection in connections
                              group connection by connection.Owner into part
                              select Opener.OpenAsync(part.Key, [.. part], concurrency, Options.ConnectRate / Loops.Length)];
        await Task.WhenAll(openings).WaitAsync(stop).ConfigureAwait(false);

        (string? Error, ConnackCode? Refusal)[] errors = await AskAsync(loop => (loop.FirstError, loop.FirstRefusal)).ConfigureAwait(false);
        foreach ((string? error, ConnackCode? refusal) in errors)
        {
            if (error is null) continue;
            int ready = connections.Count(connection => connection.State == LinkState.Ready);
            throw new BenchException($"{ready:N0} of {connections.Count:N0} connections were ready when one failed: {error}.", refusal);
        }
    }

    /// <summary>Says goodbye on all connections, and gives that a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        await DoAsync(loop =>
        {
            loop.Load = null;
            foreach (BenchConnection connection in loop.Connections) connection.Disconnect();
        }).ConfigureAwait(false);
        // The loops' threads go first: what is left of the connections is closed on this one.
        foreach (BenchLoop loop in Loops) loop.Stop();
        await _group.StopAsync().ConfigureAwait(false);
    }
}
