using System.Diagnostics;
using System.Globalization;
using System.Text;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Interop.Tests.Abuse;

/// <summary>Two clients that mind their own business: one publishes numbers, each when the one before has come to the other.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _topic = $"bystander/{Guid.NewGuid():N}";
    private readonly MqttClient _publisher, _subscriber;
    private readonly List<double> _milliseconds = [];

    private Bystander(int port)
    {
        MqttClientOptions options = new() { Host = "127.0.0.1", Port = port, Version = ProtocolVersion.V5 };
        _publisher = new MqttClient(options with { ClientId = _topic + "p" });
        _subscriber = new MqttClient(options with { ClientId = _topic + "s" });
    }

    /// <summary>Times from PUBLISH to arrival, in milliseconds, sorted.</summary>
    public IReadOnlyList<double> Latencies => [.. _milliseconds.Order()];

    public static async Task<Bystander> ConnectAsync(int port)
    {
        var bystander = new Bystander(port);
        await bystander._publisher.ConnectAsync().WaitAsync(Patience);
        await bystander._subscriber.ConnectAsync().WaitAsync(Patience);
        await bystander._subscriber.SubscribeAsync(new MqttSubscription(bystander._topic, QoS.AtLeastOnce)).WaitAsync(Patience);
        return bystander;
    }

    /// <summary>Publishes until the end. Each number must come once, in order, and neither client may lose its connection.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        await using IAsyncEnumerator<MqttMessage> messages = _subscriber.Messages(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        for (int number = 0; !end.IsCancellationRequested; number++)
        {
            string text = number.ToString(CultureInfo.InvariantCulture);
            long start = Stopwatch.GetTimestamp();
            PublishResult result = await _publisher.PublishAsync(_topic, Encoding.ASCII.GetBytes(text), QoS.AtLeastOnce, cancellationToken: CancellationToken.None).AsTask().WaitAsync(Patience, CancellationToken.None);
            Assert.True(result.IsSuccess, $"{result.ReasonCode}");
            Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience, CancellationToken.None));
            Assert.Equal(text, Encoding.ASCII.GetString(messages.Current.Payload.Span));
            Assert.False(messages.Current.Dup, "sent again: the connection was lost");
            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _subscriber.DisposeAsync();
    }
}
