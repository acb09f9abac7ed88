// Asks a Godwit broker on its control channel. What goes wrong becomes a sentence that says what to do.
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Godwit.Broker.Control;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Control;

/// <summary>A command was not carried out; the message says why.</summary>
internal sealed class ControlException(string message) : Exception(message);

/// <param name="client">Connected, or connecting again.</param>
/// <param name="timeout">How long an answer may take.</param>
internal sealed class ControlClient(MqttClient client, TimeSpan timeout)
{
    /// <summary>Asks once.</summary>
    /// <exception cref="ControlException">There is no answer, or it is an error.</exception>
    public async Task<T> AskAsync<T>(string command, ControlRequest request, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        byte[] correlation = RandomNumberGenerator.GetBytes(8);
        try
        {
            PublishResult result = await client.PublishAsync(new MqttMessage
            {
                Topic = $"$CONTROL/godwit/v1/{command}",
                Payload = JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Instance.ControlRequest),
                QoS = QoS.AtLeastOnce, // for the acknowledgement, which may say that there will be no answer
                ResponseTopic = $"godwit/control/{client.ClientId}",
                CorrelationData = correlation,
            }, limit.Token).ConfigureAwait(false);
            if (result.ReasonCode == ReasonCode.NotAuthorized) throw new ControlException(NotAllowed);
            if (result.ReasonCode == ReasonCode.NoMatchingSubscribers) throw new ControlException($"The broker knows no control channel. {NotGodwit}");
            if (!result.IsSuccess) throw new ControlException($"The broker refused the request: {result.ReasonCode.Name()} (0x{(byte)result.ReasonCode:X2}).");
            await foreach (MqttMessage message in client.Messages(limit.Token).ConfigureAwait(false))
            {
                if (message.CorrelationData is { } data && data.Span.SequenceEqual(correlation)) return Read(message.Payload.Span, type);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
        }
        throw new ControlException($"The broker did not answer within {timeout.TotalSeconds:0.###} seconds. {NotGodwit}");
    }

    /// <summary>Asks for all pages of a list.</summary>
    /// <exception cref="ControlException">There is no answer, or it is an error.</exception>
    public async IAsyncEnumerable<TEntry> ListAsync<TPage, TEntry>(
        string command, ControlRequest request, JsonTypeInfo<TPage> type, Func<TPage, (IReadOnlyList<TEntry> Entries, string? Cursor)> read,
        [EnumeratorCancellation] CancellationToken stop)
    {
        string? cursor = null;
        do
        {
            TPage page = await AskAsync(command, request with { Cursor = cursor, Limit = 1000 }, type, stop).ConfigureAwait(false);
            (IReadOnlyList<TEntry> entries, cursor) = read(page);
            foreach (TEntry entry in entries) yield return entry;
        }
        while (cursor is not null);
    }

    private const string NotGodwit = "Is it a Godwit broker? Others do not have what this command asks for.";

    private const string NotAllowed = "The broker does not let this client look at it or change it (Not authorized). Godwit lets in whoever connects from its own "
        + "machine as long as it asks nobody for a password; otherwise those that BrokerOptions.IsAdministrator names (docs/control.md).";

    private static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, ControlJson.Instance.ControlError) is { Error: { } error }) throw new ControlException($"The broker says: {error}");
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException wrong)
        {
            throw new ControlException($"The broker's answer is not understood; it may be of another version. {wrong.Message}");
        }
    }
}
