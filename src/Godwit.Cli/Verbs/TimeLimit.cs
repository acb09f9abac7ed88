namespace Godwit.Cli.Verbs;

/// <summary>-W: a token that is cancelled when the time is over or the user wants to stop.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _source;

    public TimeLimit(TimeSpan? limit, CancellationToken stop)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (limit is { } time) _source.CancelAfter(time);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose() => _source.Dispose();
}
