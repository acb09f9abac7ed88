// One trace: what it shows, and the way to its reader. The loops fill its parts; pieces of them come to the reader's loop and go out while its
// connection has room. What waits is bounded, and beyond that packets are left out and counted: no loop ever waits for a reader.
using System.Buffers.Binary;
using Godwit.Broker.Connections;
using Godwit.Broker.Control;
using Godwit.Transport;

namespace Godwit.Broker.Tracing;

internal sealed class Trace
{
    /// <summary>Bytes that wait for the reader, beyond those that its connection has taken.</summary>
    private const int MostWaiting = 4 * 1024 * 1024;

    /// <summary>Bytes of a packet that are shown at most.</summary>
    private const int MostOfPacket = 64 * 1024;

    private readonly ControlReply _reply;
    private readonly TracePart[] _parts;
    private readonly Queue<byte[]> _pieces = new(); // the rest is for the reader's loop alone
    private readonly TimeSpan? _duration;
    private readonly Shard _home;
    private CallbackTimer? _timer;
    private bool _isAnswered;
    private long _waiting, _packets, _droppedPackets, _droppedBytes;
    private int _connections;
    private volatile bool _isOver;

    /// <param name="filter">What it shows.</param>
    /// <param name="showsPasswords">Whether passwords and authentication data are shown.</param>
    /// <param name="duration">How long; null for as long as the reader is there.</param>
    /// <param name="reply">Where it goes.</param>
    public Trace(TraceFilter filter, bool showsPasswords, TimeSpan? duration, ControlReply reply)
    {
        (Filter, ShowsPasswords, _reply, _home) = (filter, showsPasswords, reply, reply.Connection.Shard);
        _parts = [.. _home.Broker.Shards.Select(shard => new TracePart(this, shard))];
        LongestPacket = Math.Min(MostOfPacket, (reply.Room - TraceMessage.HeadLength) / 2 - TraceWriter.MostOfOthers);
        _duration = duration;
    }

    /// <summary>Its number among those of this broker.</summary>
    public int Number { get; set; }

    public TraceFilter Filter { get; }

    public bool ShowsPasswords { get; }

    /// <summary>Bytes of a packet that are shown.</summary>
    public int LongestPacket { get; }

    /// <summary>Who reads it.</summary>
    public ClientConnection Reader => _reply.Connection;

    /// <summary>Whether it is over: nothing is to be added any more.</summary>
    public bool IsOver => _isOver;

    /// <summary>Connections that it has shown.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Bytes that wait for the reader.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>Nanoseconds since 1970 by a loop's clock.</summary>
    public static long Time(Shard shard) => (shard.Loop.TimeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The part that a loop fills.</summary>
    public TracePart PartOf(Shard shard) => _parts[shard.Index];

    /// <summary>A connection belongs to it. From any loop.</summary>
    public void CountConnection() => Interlocked.Increment(ref _connections);

    /// <summary>Whether there is room for so many bytes more. From any loop.</summary>
    public bool HasRoom(int bytes) => !_isOver && Volatile.Read(ref _waiting) + bytes <= MostWaiting;

    /// <summary>Bytes have been added that are now to be counted. From any loop.</summary>
    public void Count(int packets, int bytes)
    {
        Interlocked.Add(ref _waiting, bytes);
        Interlocked.Add(ref _packets, packets);
    }

    /// <summary>A packet had no room. From any loop.</summary>
    public void CountDropped(long bytes)
    {
        Interlocked.Increment(ref _droppedPackets);
        Interlocked.Add(ref _droppedBytes, bytes);
    }

    /// <summary>A loop hands over what it has collected, with room for the head in front. From any loop.</summary>
    public void HandOver(byte[] piece) => _home.Loop.Post(() =>
    {
        _pieces.Enqueue(piece);
        Pump();
    });

    /// <summary>Begins, on the reader's loop: looks at all connections that there are.</summary>
    public void Begin()
    {
        if (_duration is { } time)
        {
            _timer = new CallbackTimer(_ => End("time-over"));
            _home.Loop.Schedule(_timer, _home.Loop.Now + (long)time.TotalMilliseconds);
        }
        new TraceSweep(_home.Broker, Answer).Start();
    }

    /// <summary>Sends what the reader's connection has room for.</summary>
    public void Pump()
    {
        if (!_isAnswered) return;
        while (_pieces.Count > 0 && Reader.Phase == ConnectionPhase.Connected && Reader.HasRoom())
        {
            byte[] piece = _pieces.Dequeue();
            Interlocked.Add(ref _waiting, TraceMessage.HeadLength - piece.Length);
            Send(piece);
        }
    }

    /// <summary>Ends it; its reader is told if it is still there.</summary>
    public void End(string reason)
    {
        if (_isOver) return;
        _isOver = true;
        BrokerState broker = _home.Broker;
        broker.Traces.Remove(this);
        if (_timer is not null) _home.Loop.Cancel(_timer);
        new TraceSweep(broker, () => _home.Loop.Post(() => Finish(reason))).Start();
    }

    // All connections have been looked at: from here on it goes out.
    private void Answer()
    {
        _home.Log.TraceBegun(Number, _reply.Administrator, Filter.Text, ShowsPasswords ? " with passwords" : "");
        _reply.Send(new TraceSummary(Number, Connections), ControlJson.Instance.TraceSummary);
        _home.Loop.Post(() =>
        {
            _isAnswered = true;
            Pump();
        });
    }

    // What the loops had collected has been handed over by now, as the sweep has been on all of them.
    private void Finish(string reason)
    {
        _home.Log.TraceEnded(Number, _reply.Administrator, Volatile.Read(ref _packets), Volatile.Read(ref _droppedPackets));
        var end = new byte[TraceMessage.HeadLength + TraceWriter.MostOfOthers];
        var writer = new TraceWriter(end.AsSpan(TraceMessage.HeadLength));
        writer.WriteEnd(Time(_home), reason);
        _pieces.Enqueue(end[..(TraceMessage.HeadLength + writer.Used)]);
        Pump();
    }

    private void Send(byte[] piece)
    {
        piece[0] = TraceMessage.Form;
        BinaryPrimitives.WriteInt64BigEndian(piece.AsSpan(1), Volatile.Read(ref _droppedPackets));
        BinaryPrimitives.WriteInt64BigEndian(piece.AsSpan(9), Volatile.Read(ref _droppedBytes));
        _reply.SendMore(piece);
    }
}
