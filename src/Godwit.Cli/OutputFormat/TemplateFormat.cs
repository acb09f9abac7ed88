// -F: a template of text, conversions (%t), time fields (@H, strftime's) and escapes (\n). Conversions, flags, widths and their oddities are
// mosquitto_sub's, because templates in scripts rely on them:
//
//   % [-] [0] [width] [.precision] letter
//
// Widths and precisions count bytes. A width also cuts a payload (%3p prints three bytes, %4x two bytes in hex), and hex is only
// padded to it; a precision cuts %C, %I, %R and %t.
using System.Buffers;
using System.Globalization;
using System.Text;
using Godwit.Cli.CommandLine;
using Godwit.Client;

namespace Godwit.Cli.OutputFormat;

internal sealed class TemplateFormat : MessageFormat
{
    private readonly List<Piece> _pieces;
    private readonly TimeProvider _time;
    private readonly bool _pretty;

    private TemplateFormat(List<Piece> pieces, bool pretty, TimeProvider time)
    {
        _pieces = pieces;
        _pretty = pretty;
        _time = time;
    }

    /// <summary>Reads a template.</summary>
    /// <param name="template">As the user wrote it.</param>
    /// <param name="pretty">Whether JSON is indented.</param>
    /// <param name="time">The clock for times.</param>
    /// <exception cref="UsageException">The template is not valid.</exception>
    public static TemplateFormat Parse(string template, bool pretty, TimeProvider time) =>
        new(TemplateParser.Parse(Encoding.UTF8.GetBytes(template)), pretty, time);

    public override bool TryAppend(ArrayBufferWriter<byte> output, MqttMessage message)
    {
        DateTimeOffset now = _time.GetLocalNow();
        bool isJson = true;
        foreach (Piece piece in _pieces)
        {
            switch (piece.Kind)
            {
                case PieceKind.Text: output.Write(piece.Text); break;
                case PieceKind.Time: output.Write(Bytes(StrfTime.Format((char)piece.Letter, now))); break;
                default: isJson &= Append(output, message, piece, now); break;
            }
        }
        return isJson ? true : throw new FormatException($"Message payload is not valid JSON on topic {message.Topic}.");
    }

    // False if the payload should be JSON and is not.
    private bool Append(ArrayBufferWriter<byte> output, MqttMessage message, Piece piece, DateTimeOffset now)
    {
        switch ((char)piece.Letter)
        {
            case 'A': AppendNumber(output, message.TopicAlias, piece); break;
            case 'C': AppendText(output, message.ContentType, piece, padMissing: true); break;
            case 'D': output.Write(message.CorrelationData.GetValueOrDefault().Span); break;
            case 'E': AppendNumber(output, message.MessageExpiryInterval, piece); break;
            case 'F': AppendNumber(output, message.PayloadFormatIndicator, piece); break;
            case 'I': AppendText(output, StrfTime.Iso(now), piece, padMissing: true); break;
            case 'j': MessageJson.Append(output, message, now, _pretty); break;
            case 'J': return MessageJson.TryAppendWithJsonPayload(output, message, now, _pretty);
            case 'l': AppendNumber(output, message.Payload.Length, piece); break;
            case 'm': AppendNumber(output, message.PacketId, piece); break;
            case 'P': output.Write(Bytes(string.Join(' ', message.UserProperties.Select(p => $"{p.Name}:{p.Value}")))); break;
            case 'p': AppendPayload(output, message.Payload.Span, piece); break;
            case 'q': output.Write([(byte)('0' + (int)message.QoS)]); break;
            case 'R': AppendText(output, message.ResponseTopic, piece, padMissing: false); break;
            case 'r': output.Write(message.Retain ? "1"u8 : "0"u8); break;
            case 'S': AppendNumber(output, message.SubscriptionIdentifiers.Count > 0 ? message.SubscriptionIdentifiers[0] : null, piece); break;
            case 't': AppendText(output, message.Topic, piece, padMissing: true); break;
            case 'U': output.Write(Bytes($"{now.ToUnixTimeSeconds()}.{StrfTime.Nanoseconds(now)}")); break;
            case 'x': AppendPayload(output, message.Payload.Span, piece, "0123456789abcdef"); break;
            case 'X': AppendPayload(output, message.Payload.Span, piece, "0123456789ABCDEF"); break;
        }
        return true;
    }

    private static void AppendNumber(ArrayBufferWriter<byte> output, long? value, Piece piece)
    {
        // A property that is absent fills its width, with zeros if numbers would be.
        if (value is not { } number) Fill(output, piece.Pad, piece.Width);
        else AppendAligned(output, Bytes(number.ToString(CultureInfo.InvariantCulture)), piece, piece.IsLeft ? (byte)' ' : piece.Pad);
    }

    private static void AppendText(ArrayBufferWriter<byte> output, string? value, Piece piece, bool padMissing)
    {
        if (value is null && !padMissing) return;
        byte[] bytes = Bytes(value ?? "");
        AppendAligned(output, piece.Precision < bytes.Length ? bytes.AsSpan(0, piece.Precision) : bytes, piece, (byte)' ');
    }

    private static void AppendPayload(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> payload, Piece piece)
    {
        if (piece.Width > 0 && payload.Length > piece.Width) payload = payload[..piece.Width];
        AppendAligned(output, payload, piece, piece.IsLeft ? (byte)' ' : piece.Pad);
    }

    private static void AppendPayload(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> payload, Piece piece, string digits)
    {
        // As mosquitto_sub has it: first cut to the width in bytes, then to half of that, since each byte becomes two characters.
        if (piece.Width > 0) payload = payload[..(Math.Min(payload.Length, piece.Width) / 2)];
        byte[] hex = new byte[payload.Length * 2];
        for (int i = 0; i < payload.Length; i++)
        {
            hex[2 * i] = (byte)digits[payload[i] >> 4];
            hex[2 * i + 1] = (byte)digits[payload[i] & 15];
        }
        AppendAligned(output, hex, piece, piece.IsLeft ? (byte)' ' : piece.Pad);
    }

    private static void AppendAligned(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> value, Piece piece, byte pad)
    {
        if (!piece.IsLeft) Fill(output, pad, piece.Width - value.Length);
        output.Write(value);
        if (piece.IsLeft) Fill(output, pad, piece.Width - value.Length);
    }

    private static void Fill(ArrayBufferWriter<byte> output, byte pad, int count)
    {
        if (count <= 0) return;
        output.GetSpan(count)[..count].Fill(pad);
        output.Advance(count);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
