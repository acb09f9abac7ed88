// How a received message is printed: the payload, topic and payload (-v), or a template (-F). Bytes, not text: a payload need not be UTF-8.
using System.Buffers;
using System.Text;
using Godwit.Client;

namespace Godwit.Cli.OutputFormat;

internal abstract class MessageFormat
{
    /// <summary>Appends what is printed for a message, without the end of line. False if nothing is printed at all, not even that.</summary>
    /// <exception cref="FormatException">The message does not fit the format; the message says why. What was appended stands.</exception>
    public abstract bool TryAppend(ArrayBufferWriter<byte> output, MqttMessage message);
}

/// <summary>The payload; an empty one prints nothing.</summary>
internal sealed class PayloadFormat : MessageFormat
{
    public override bool TryAppend(ArrayBufferWriter<byte> output, MqttMessage message)
    {
        if (message.Payload.IsEmpty) return false;
        output.Write(message.Payload.Span);
        return true;
    }
}

/// <summary>Topic, space and payload; an empty payload is <c>(null)</c>, but only where lines have ends.</summary>
internal sealed class VerboseFormat(bool hasLineEnds) : MessageFormat
{
    public override bool TryAppend(ArrayBufferWriter<byte> output, MqttMessage message)
    {
        if (message.Payload.IsEmpty && !hasLineEnds) return false;
        Encoding.UTF8.GetBytes(message.Topic, output);
        output.Write(" "u8);
        output.Write(message.Payload.IsEmpty ? "(null)"u8 : message.Payload.Span);
        return true;
    }
}
