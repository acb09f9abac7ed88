// Strings to MQTT's UTF-8 and back (section 1.5.4).
using System.Text;
using Godwit.Protocol;
using Godwit.Protocol.Wire;

namespace Godwit.Client;

internal static class Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The string as UTF-8. <c>[MQTT-1.5.3-1]</c> <c>[MQTT-1.5.3-2]</c> <c>[MQTT-1.5.4-1]</c> <c>[MQTT-1.5.4-2]</c></summary>
    /// <exception cref="ArgumentException">It has a lone surrogate, U+0000, or more than 65,535 bytes.</exception>
    public static byte[] Encode(string text, string name)
    {
        byte[] bytes;
        try
        {
            bytes = Strict.GetBytes(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException($"{name} is not well-formed Unicode: it has half of a surrogate pair. [MQTT-1.5.4-1]", name, exception);
        }
        if (bytes.Length > Utf8Text.MaxLength) throw new ArgumentException($"{name} has {bytes.Length:N0} bytes; 65,535 are allowed. [MQTT-4.7.3-3]", name);
        return Utf8Text.Check(bytes) is { } violation ? throw new ArgumentException($"{name}: {violation}", name) : bytes;
    }

    public static string Decode(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>A string property; null if it is absent.</summary>
    public static string? Find(in MqttProperties properties, PropertyId id) =>
        properties.TryFind(id, out MqttProperty property) ? Decode(property.Value) : null;

    /// <summary>A binary property, copied; null if it is absent.</summary>
    public static ReadOnlyMemory<byte>? FindBytes(in MqttProperties properties, PropertyId id) =>
        properties.TryFind(id, out MqttProperty property) ? property.Value.ToArray() : (ReadOnlyMemory<byte>?)null;

    public static IReadOnlyList<UserProperty> UserProperties(in MqttProperties properties)
    {
        List<UserProperty>? found = null;
        foreach (MqttProperty property in properties)
        {
            if (property.Id == PropertyId.UserProperty) (found ??= []).Add(new UserProperty(Decode(property.Name), Decode(property.Value)));
        }
        return found ?? (IReadOnlyList<UserProperty>)[];
    }
}
