// A list over all shards. It goes from loop to loop, does a little on each turn, and answers when the page is full or everything has been
// seen. The broker keeps nothing between two pages: the cursor says shard and place.
using System.Globalization;
using System.Numerics;
using Godwit.Transport;

namespace Godwit.Broker.Control;

internal abstract class ControlWalk(BrokerState broker, ControlReply reply, ControlPage page) : ILoopWork
{
    private int _shard;

    protected ControlPage Page => page;

    /// <summary>Where to go on in the shard.</summary>
    protected long Place { get; set; }

    /// <summary>Begins.</summary>
    /// <returns>False if the cursor is not one of this broker's.</returns>
    public bool TryStart(string? cursor)
    {
        if (cursor is not null)
        {
            string[] parts = cursor.Split('.');
            if (parts.Length != 2 || !TryParse(parts[0], out _shard) || !TryParse(parts[1], out long place) || _shard >= broker.Shards.Length) return false;
            Place = place;
        }
        broker.Shards[_shard].Loop.Post(this);
        return true;

        static bool TryParse<T>(string text, out T number) where T : INumberBase<T> => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number!);
    }

    public void Run(EventLoop loop)
    {
        if (Visit(broker.Shards[_shard]))
        {
            _shard++;
            Place = 0;
        }
        if (page.IsStuck) reply.Fail("The next entry does not fit into your Maximum Packet Size.");
        else if (_shard == broker.Shards.Length) reply.Send(page.End(null));
        else if (page.IsFull) reply.Send(page.End(string.Create(CultureInfo.InvariantCulture, $"{_shard}.{Place}")));
        else broker.Shards[_shard].Loop.Post(this);
    }

    /// <summary>Adds what stands from <see cref="Place"/> on, until the page is full or the work is enough for a turn.</summary>
    /// <returns>Whether that was the end of the shard.</returns>
    protected abstract bool Visit(Shard shard);
}
