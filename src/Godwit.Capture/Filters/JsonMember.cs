// payload.json.a.b: a member of a payload in JSON. Looked for in the bytes, without making objects of the rest.
using System.Text;
using System.Text.Json;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Capture.Filters;

internal static class JsonMember
{
    public const string Prefix = "payload.json.";

    public static CaptureField Field(string name)
    {
        byte[][] path = [.. name[Prefix.Length..].Split('.').Select(Encoding.UTF8.GetBytes)];
        return new CaptureField(name, FieldKind.Any, "A member of a payload in JSON",
            (in ObservedPacket p, PacketContext c, int i, out FieldValue v) => Find(p.Publish.Payload, path, i, out v)) { IsPrivate = true };
    }

    private static bool Find(ReadOnlySpan<byte> payload, byte[][] path, int index, out FieldValue value)
    {
        value = default;
        if (index > 0 || payload.IsEmpty || payload[0] is not ((byte)'{' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return false;
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (!reader.Read()) return false;
            foreach (byte[] step in path)
                if (!Enter(ref reader, step)) return false;
            switch (reader.TokenType)
            {
                case JsonTokenType.Number: value = FieldValue.Of(reader.GetDouble()); return true;
                case JsonTokenType.True or JsonTokenType.False: value = FieldValue.Of(reader.TokenType == JsonTokenType.True); return true;
                case JsonTokenType.String: value = FieldValue.Of(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan); return true;
                default: return false;
            }
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // From an object to the value of one of its members.
    private static bool Enter(ref Utf8JsonReader reader, byte[] name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt) return true;
            reader.Skip();
        }
        return false;
    }
}
