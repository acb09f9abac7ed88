// Collects output and writes it in large pieces: half a million small messages a second go to a file, and the last one appears at once when
// nothing follows. Debug lines come from the client's loop while messages come from the verb, hence the lock.
using System.Buffers;
using System.Text;
using Godwit.Client;

namespace Godwit.Cli.OutputFormat;

internal sealed class MessagePrinter(Stream output, MessageFormat format, bool hasLineEnds)
{
    private const int FlushSize = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushSize + 4096);
    private readonly Lock _lock = new();

    /// <summary>Prints a message. It may stay in the buffer until <see cref="Flush"/>.</summary>
    /// <exception cref="FormatException">The message does not fit the format; its line is printed as far as possible.</exception>
    public void Print(MqttMessage message)
    {
        lock (_lock)
        {
            bool hasText = true;
            try
            {
                hasText = format.TryAppend(_buffer, message);
            }
            finally
            {
                if (hasText && hasLineEnds) _buffer.Write("\n"u8);
            }
            if (_buffer.WrittenCount >= FlushSize) WriteBuffer();
        }
    }

    /// <summary>Prints a line of text at once.</summary>
    public void PrintLine(string line)
    {
        lock (_lock)
        {
            Encoding.UTF8.GetBytes(line, _buffer);
            _buffer.Write("\n"u8);
            WriteBuffer();
        }
    }

    /// <summary>Writes what is in the buffer.</summary>
    public void Flush()
    {
        lock (_lock) WriteBuffer();
    }

    private void WriteBuffer()
    {
        if (_buffer.WrittenCount == 0) return;
        output.Write(_buffer.WrittenSpan);
        output.Flush();
        _buffer.ResetWrittenCount();
    }
}
