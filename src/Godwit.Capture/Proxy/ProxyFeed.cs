// Where bytes of many connections become one sequence: one call after the other, with times that never go back. Consumers need not know that
// there are threads.
using System.Net;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Proxy;

internal sealed class ProxyFeed(IStreamConsumerFactory consumers, IProxyObserver observer, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _startTime = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    private readonly long _startStamp = time.GetTimestamp();
    private long _connections;

    public FedConnection Open(IPEndPoint client, IPEndPoint host)
    {
        lock (_gate)
        {
            var connection = new StreamConnection(++_connections, client, host, Now()) { IsFromBeginning = true };
            observer.OnOpened(connection);
            return new FedConnection(this, connection, consumers.Open(connection));
        }
    }

    public void Fail(IPEndPoint client, string sentence)
    {
        lock (_gate) observer.OnFailed(client, sentence);
    }

    /// <summary>Does something about all consumers while none of them is called.</summary>
    public void Run(Action action)
    {
        lock (_gate) action();
    }

    private Arrival Now() =>
        new(0, _startTime + (long)((Int128)(time.GetTimestamp() - _startStamp) * 1_000_000_000 / time.TimestampFrequency));

    /// <summary>A connection and its consumer.</summary>
    internal sealed class FedConnection(ProxyFeed feed, StreamConnection connection, IStreamConsumer consumer)
    {
        private readonly long[] _counts = new long[2];
        private readonly bool[] _ended = new bool[2];
        private Side _first;

        public void OnBytes(Side from, ReadOnlySpan<byte> bytes)
        {
            lock (feed._gate)
            {
                if (_ended[(int)from]) return;
                _counts[(int)from] += bytes.Length;
                consumer.OnBytes(from, bytes, feed.Now());
            }
        }

        /// <summary>One direction is over or, if it was not closed, both.</summary>
        public void OnEnd(Side from, StreamEnd end)
        {
            lock (feed._gate)
            {
                int other = 1 - (int)from;
                if (_ended[(int)from] && (end == StreamEnd.Closed || _ended[other])) return;
                // A side that has closed may still abort; then it is the other direction that ends by it.
                Side ending = _ended[(int)from] ? 1 - from : from;
                if (!_ended[other]) _first = from;
                _ended[(int)from] = true;
                if (end != StreamEnd.Closed) _ended[other] = true;
                Arrival at = feed.Now();
                consumer.OnEnd(ending, end, at);
                if (_ended[other]) feed.Observer.OnClosed(connection, _counts[0], _counts[1], end == StreamEnd.Closed ? _first : from, end, at);
            }
        }
    }

    private IProxyObserver Observer => observer;
}
