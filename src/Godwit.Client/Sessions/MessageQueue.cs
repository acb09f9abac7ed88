// Received messages between the loop, which never waits, and the application, which may be slow. Bounded.
using System.Threading.Channels;

namespace Godwit.Client.Sessions;

internal sealed class MessageQueue(int capacity, Action onRoom)
{
    private readonly Channel<MqttMessage> _channel =
        Channel.CreateBounded<MqttMessage>(new BoundedChannelOptions(capacity) { SingleWriter = true, AllowSynchronousContinuations = false });

    private int _roomIsAwaited;

    /// <summary>Whether <see cref="TryAdd"/> would succeed; if not, the reader will call for it once there is room.</summary>
    public bool HasRoom
    {
        get
        {
            if (_channel.Reader.Count < capacity) return true;
            // First the flag, then the second look: a reader that takes a message in between sees the flag or is seen here.
            Interlocked.Exchange(ref _roomIsAwaited, 1);
            return _channel.Reader.Count < capacity;
        }
    }

    /// <summary>On the loop. False if the queue is full, or nobody will read any more.</summary>
    public bool TryAdd(MqttMessage message) => _channel.Writer.TryWrite(message);

    /// <summary>No more messages: what is there can still be read.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    public async IAsyncEnumerable<MqttMessage> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_channel.Reader.TryRead(out MqttMessage? message))
            {
                if (Interlocked.Exchange(ref _roomIsAwaited, 0) == 1) onRoom();
                yield return message;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
