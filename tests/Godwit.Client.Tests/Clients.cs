using Godwit.Broker;

namespace Godwit.Client.Tests;

internal static class Clients
{
    /// <summary>How long a test waits for what must come; only a failing test takes it.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(20);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task Soon(this Task task) => task.WaitAsync(Patience);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Patience);

    /// <summary>A client that is connected to the broker by TCP.</summary>
    public static async Task<MqttClient> ConnectAsync(MqttBroker broker, MqttClientOptions? options = null)
    {
        var client = new MqttClient((options ?? new MqttClientOptions()) with { Host = "127.0.0.1", Port = broker.EndPoints[0].Port });
        await client.ConnectAsync().Soon();
        return client;
    }

    /// <summary>The next message.</summary>
    public static async Task<MqttMessage> NextAsync(this MqttClient client) => (await client.NextAsync(1))[0];

    /// <summary>The next messages.</summary>
    public static async Task<List<MqttMessage>> NextAsync(this MqttClient client, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var messages = new List<MqttMessage>();
        await foreach (MqttMessage message in client.Messages(patience.Token))
        {
            messages.Add(message);
            if (messages.Count == count) break;
        }
        return messages;
    }

    /// <summary>All messages until the client is closed.</summary>
    public static async Task<List<MqttMessage>> AllAsync(this MqttClient client)
    {
        var messages = new List<MqttMessage>();
        await foreach (MqttMessage message in client.Messages()) messages.Add(message);
        return messages;
    }

    /// <summary>Waits until the client has passed through these states, the present one included; gives the last change.</summary>
    public static async Task<ConnectionStateChange> PassAsync(this MqttClient client, params ConnectionState[] states)
    {
        using var patience = new CancellationTokenSource(Patience);
        int passed = 0;
        await foreach (ConnectionStateChange change in client.StateChanges(patience.Token))
        {
            if (change.State == states[passed] && ++passed == states.Length) return change;
        }
        throw new InvalidOperationException($"The client was closed before it was {states[passed]}.");
    }
}
