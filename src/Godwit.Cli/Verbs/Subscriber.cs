// Subscribes and prints what comes until there is a reason to end. Reading goes on while SUBACK is awaited, so that nothing has to be dropped.
using Godwit.Cli.CommandLine;
using Godwit.Cli.OutputFormat;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class Subscriber(MqttClient client, MessagePrinter printer, ErrorOutput errors, ConnectionSettings settings)
{
    /// <summary>Messages that may wait to be printed. Enough that the loop that receives and the thread that prints do not wait for each other.</summary>
    public const int QueueCapacity = 16_384;

    private readonly List<Task> _removals = [];

    public required IReadOnlyList<MqttSubscription> Subscriptions { get; init; }

    public IReadOnlyList<string> Unsubscribe { get; init; } = [];

    public bool EndWhenSubscribed { get; init; }

    public required MessageSelection Selection { get; init; }

    /// <summary>What to do once the subscriptions are there; rr publishes its request.</summary>
    public Func<Task>? WhenSubscribed { get; init; }

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="OperationCanceledException">The user or the time limit has ended it.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<int?> subscribed = UntilEndAsync(SubscribeAsync(end.Token), end);
        Task<int?> lost = UntilEndAsync(WatchConnectionAsync(end.Token), end);
        try
        {
            await PrintAsync(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
        await Task.WhenAll(_removals).ConfigureAwait(false);
        return await subscribed.ConfigureAwait(false) ?? await lost.ConfigureAwait(false) ?? ExitCode.Success;
    }

    // The exit code if this task is the reason to end, null if it has been ended by another one.
    private static async Task<int?> UntilEndAsync(Task<int?> task, CancellationTokenSource end)
    {
        try
        {
            int? code = await task.ConfigureAwait(false);
            if (code is not null) await end.CancelAsync().ConfigureAwait(false);
            return code;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task PrintAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrintMessagesAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            printer.Flush();
        }
    }

    private async Task PrintMessagesAsync(CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<MqttMessage> messages = client.Messages(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            ValueTask<bool> next = messages.MoveNextAsync();
            if (!next.IsCompleted) printer.Flush();
            if (!await next.ConfigureAwait(false)) return;

            MqttMessage message = messages.Current;
            if (Selection.EndsAt(message)) return;
            if (!Selection.Selects(message)) continue;
            if (Selection.RemoveRetained && message.Retain) _removals.Add(RemoveAsync(message.Topic));
            if (Selection.Prints()) Print(message);
            if (Selection.IsComplete) return;
        }
    }

    private void Print(MqttMessage message)
    {
        try
        {
            printer.Print(message);
        }
        catch (FormatException wrong)
        {
            errors.Write($"Error: {wrong.Message}");
        }
    }

    private async Task RemoveAsync(string topic) => await client.PublishAsync(topic, default, QoS.AtLeastOnce, retain: true).ConfigureAwait(false);

    // An exit code if it ends the program.
    private async Task<int?> SubscribeAsync(CancellationToken cancellationToken)
    {
        bool isGranted = false;
        if (Subscriptions.Count > 0)
        {
            PropertySet properties = settings.Properties.Subscribe;
            SubscribeResult result = await client.SubscribeAsync(
                Subscriptions, properties.Number(PropertyId.SubscriptionIdentifier), properties.UserProperties, cancellationToken).ConfigureAwait(false);
            if (settings.IsDebug) printer.PrintLine($"Subscribed (mid: {result.PacketId}): {string.Join(", ", result.ReasonCodes.Select(code => (int)code))}");
            for (int i = 0; i < Subscriptions.Count; i++)
            {
                ReasonCode code = result.ReasonCodes[i];
                if (!code.IsError()) isGranted = true;
                else errors.Write($"The broker refused the subscription to '{Subscriptions[i].Filter}': {code.Name()} (0x{(byte)code:X2}).");
            }
        }
        if (Unsubscribe.Count > 0)
            await client.UnsubscribeAsync(Unsubscribe, settings.Properties.Unsubscribe.UserProperties, cancellationToken).ConfigureAwait(false);
        if (Subscriptions.Count > 0 && !isGranted) return ExitCode.Failed;
        if (EndWhenSubscribed) return ExitCode.Success;
        if (WhenSubscribed is not null) await WhenSubscribed().ConfigureAwait(false);
        return null;
    }

    // Says when the connection is lost; ends when the client does not connect again (another client has the same identifier, for example).
    private async Task<int?> WatchConnectionAsync(CancellationToken cancellationToken)
    {
        await foreach (ConnectionStateChange change in client.StateChanges(cancellationToken).ConfigureAwait(false))
        {
            if (change is { State: ConnectionState.Reconnecting, Cause: { Reason: not DisconnectReason.ConnectFailed } cause })
                errors.Write($"Connection lost: {cause}. Connecting again...");
            if (change.State is not (ConnectionState.Disconnected or ConnectionState.Closed)) continue;
            errors.Write($"Disconnected: {change.Cause}.");
            return ExitCode.Failed;
        }
        return null;
    }
}
