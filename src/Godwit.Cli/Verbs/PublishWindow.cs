using Godwit.Client;

namespace Godwit.Cli.Verbs;

/// <summary>Publishes without waiting for each message: so many may be under way, then the oldest is waited for.</summary>
internal sealed class PublishWindow(MqttClient client, int size, Action<PublishResult> onResult)
{
    private readonly Queue<Task<PublishResult>> _pending = new();

    public async ValueTask PublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (_pending.Count == size) await CompleteOldestAsync().ConfigureAwait(false);
        _pending.Enqueue(client.PublishAsync(message, cancellationToken).AsTask());
    }

    /// <summary>Waits for all of them.</summary>
    public async Task DrainAsync()
    {
        while (_pending.Count > 0) await CompleteOldestAsync().ConfigureAwait(false);
    }

    private async Task CompleteOldestAsync() => onResult(await _pending.Dequeue().ConfigureAwait(false));
}
