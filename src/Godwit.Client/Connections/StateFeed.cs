// Changes of state to whoever wants to follow them. Each reader has a queue of its own; one that does not read misses the oldest changes.
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Godwit.Client.Connections;

internal sealed class StateFeed
{
    private const int Remembered = 64;

    private readonly Lock _lock = new();
    private readonly List<Channel<ConnectionStateChange>> _readers = [];
    private ConnectionStateChange _current = new(ConnectionState.Disconnected);

    public ConnectionStateChange Current
    {
        get
        {
            lock (_lock) return _current;
        }
    }

    public void Set(ConnectionStateChange change)
    {
        lock (_lock)
        {
            _current = change;
            foreach (Channel<ConnectionStateChange> reader in _readers)
            {
                reader.Writer.TryWrite(change);
                if (change.State == ConnectionState.Closed) reader.Writer.TryComplete();
            }
        }
    }

    /// <summary>The state now, then each change, until the client is closed.</summary>
    public async IAsyncEnumerable<ConnectionStateChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<ConnectionStateChange>(new BoundedChannelOptions(Remembered) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            channel.Writer.TryWrite(_current);
            if (_current.State == ConnectionState.Closed) channel.Writer.TryComplete();
            else _readers.Add(channel);
        }
        try
        {
            await foreach (ConnectionStateChange change in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return change;
        }
        finally
        {
            lock (_lock) _readers.Remove(channel);
        }
    }
}
