// %j and %J: a message as a JSON object, the fields in mosquitto_sub's order.
using System.Buffers;
using System.Text;
using System.Text.Json;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.OutputFormat;

internal static class MessageJson
{
    // Deeper nesting is refused, as mosquitto_sub does.
    private const int MaximumDepth = 1000;

    /// <summary>%j: the payload as a JSON string. A payload that is not UTF-8 goes in as it is, as mosquitto_sub has it.</summary>
    public static void Append(ArrayBufferWriter<byte> output, MqttMessage message, DateTimeOffset time, bool pretty)
    {
        JsonText json = Begin(output, message, time, pretty);
        if (message.Payload.IsEmpty) json.Word("null"u8);
        else json.Text(message.Payload.Span);
        json.EndObject();
    }

    /// <summary>%J: the payload as a JSON value. False, and nothing appended, if it is none.</summary>
    public static bool TryAppendWithJsonPayload(ArrayBufferWriter<byte> output, MqttMessage message, DateTimeOffset time, bool pretty)
    {
        var text = new ArrayBufferWriter<byte>();
        JsonText json = Begin(text, message, time, pretty);
        try
        {
            if (message.Payload.IsEmpty) json.Word("null"u8);
            else Copy(message.Payload.Span, json);
        }
        catch (Exception notJson) when (notJson is JsonException or InvalidOperationException)
        {
            return false;
        }
        json.EndObject();
        output.Write(text.WrittenSpan);
        return true;
    }

    private static JsonText Begin(ArrayBufferWriter<byte> output, MqttMessage message, DateTimeOffset time, bool pretty)
    {
        var json = new JsonText(output, pretty);
        json.BeginObject();
        json.Name("tst"u8);
        json.Text(StrfTime.JsonTimestamp(time));
        json.Name("topic"u8);
        json.Text(message.Topic);
        json.Name("qos"u8);
        json.Number((int)message.QoS);
        json.Name("retain"u8);
        json.Number(message.Retain ? 1 : 0);
        json.Name("payloadlen"u8);
        json.Number(message.Payload.Length);
        if (message.QoS != QoS.AtMostOnce)
        {
            json.Name("mid"u8);
            json.Number(message.PacketId);
        }
        AppendProperties(json, message);
        json.Name("payload"u8);
        return json;
    }

    // mosquitto_sub prints properties in the order in which they came; here the order is always the same.
    private static void AppendProperties(JsonText json, MqttMessage message)
    {
        bool hasProperties = message.PayloadFormatIndicator is not null || message.ContentType is not null || message.ResponseTopic is not null
            || message.CorrelationData is not null || message.UserProperties.Count > 0 || message.MessageExpiryInterval is not null
            || message.TopicAlias is not null || message.SubscriptionIdentifiers.Count > 0;
        if (!hasProperties) return;

        json.Name("properties"u8);
        json.BeginObject();
        Number("payload-format-indicator", message.PayloadFormatIndicator);
        Text("content-type", message.ContentType);
        Text("response-topic", message.ResponseTopic);
        if (message.CorrelationData is { } correlation)
        {
            json.Name("correlation-data"u8);
            json.Text(correlation.Span);
        }
        if (message.UserProperties.Count > 0)
        {
            json.Name("user-properties"u8);
            json.BeginObject();
            foreach (UserProperty property in message.UserProperties) Text(property.Name, property.Value);
            json.EndObject();
        }
        Number("message-expiry-interval", message.MessageExpiryInterval);
        Number("topic-alias", message.TopicAlias);
        foreach (uint identifier in message.SubscriptionIdentifiers) Number("subscription-identifier", identifier);
        json.EndObject();

        void Text(string name, string? value)
        {
            if (value is null) return;
            json.Name(Encoding.UTF8.GetBytes(name));
            json.Text(value);
        }

        void Number(string name, long? value)
        {
            if (value is null) return;
            json.Name(Encoding.UTF8.GetBytes(name));
            json.Number(value.Value);
        }
    }

    // Token by token, so that names may repeat and keep their order.
    private static void Copy(ReadOnlySpan<byte> payload, JsonText json)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = MaximumDepth });
        var containers = new Stack<JsonTokenType>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    containers.Push(reader.TokenType);
                    if (reader.TokenType == JsonTokenType.StartObject) json.BeginObject();
                    else json.BeginArray();
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    containers.Pop();
                    bool inArray = containers.TryPeek(out JsonTokenType outer) && outer == JsonTokenType.StartArray;
                    if (reader.TokenType == JsonTokenType.EndObject) json.EndObject(inArray);
                    else json.EndArray(inArray);
                    break;
                case JsonTokenType.PropertyName: json.Name(Unescaped(ref reader)); break;
                case JsonTokenType.String: json.Text(Unescaped(ref reader)); break;
                case JsonTokenType.Number: json.Number(reader.GetDouble()); break;
                case JsonTokenType.True: json.Word("true"u8); break;
                case JsonTokenType.False: json.Word("false"u8); break;
                case JsonTokenType.Null: json.Word("null"u8); break;
            }
        }
    }

    private static byte[] Unescaped(ref Utf8JsonReader reader) => Encoding.UTF8.GetBytes(reader.GetString()!);
}
