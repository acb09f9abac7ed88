// What a broker's trace says, as streams for the analyser and lines about connections for people.
using System.Globalization;
using System.Net;
using System.Text;
using Godwit.Broker.Tracing;
using Godwit.Capture;
using Godwit.Capture.Streams;
using Godwit.Cli.Control;

namespace Godwit.Cli.Verbs;

/// <param name="consumers">Who gets the streams.</param>
/// <param name="line">Is told what is to be said about connections and what is missing.</param>
internal sealed class TraceFeed(IStreamConsumerFactory consumers, Action<string> line)
{
    private readonly Dictionary<long, Traced> _open = [];

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Packets that the broker has left out by now.</summary>
    public long DroppedPackets { get; private set; }

    /// <summary>Their bytes.</summary>
    public long DroppedBytes { get; private set; }

    /// <summary>Why the broker has ended the trace; null if it has not.</summary>
    public string? End { get; private set; }

    /// <summary>Takes a message.</summary>
    /// <exception cref="FormatException">It is not understood.</exception>
    public void Take(ReadOnlySpan<byte> payload)
    {
        var message = new TraceMessage(payload);
        (DroppedPackets, DroppedBytes) = (message.DroppedPackets, message.DroppedBytes);
        while (message.TryRead(out TraceRecord record)) Take(record);
    }

    /// <summary>There is nothing more to come: what is open is not followed any further.</summary>
    public void Finish()
    {
        foreach (Traced traced in _open.Values) traced.Consumer.OnEnd(Side.Initiator, StreamEnd.Lost, traced.Latest);
        _open.Clear();
    }

    private void Take(in TraceRecord record)
    {
        var at = new Arrival(0, record.Time);
        if (record.Kind == TraceRecordKind.End) End = record.Reason;
        else if (record.Kind == TraceRecordKind.Opened) Open(record.Connection, record.Opened!, at);
        else if (_open.TryGetValue(record.Connection, out Traced? traced)) Take(traced, record, at);
    }

    private void Take(Traced traced, in TraceRecord record, Arrival at)
    {
        Side from = record.Direction == TraceDirection.FromClient ? Side.Initiator : Side.Responder;
        traced.Latest = at;
        switch (record.Kind)
        {
            case TraceRecordKind.Packet or TraceRecordKind.Bytes:
                traced.Consumer.OnBytes(from, record.Bytes, at);
                if (record.Length > record.Bytes.Length) traced.Consumer.OnGap(from, record.Length - record.Bytes.Length, at);
                break;
            case TraceRecordKind.Dropped:
                string way = from == Side.Initiator ? "from" : "to";
                Say(at, $"#{record.Connection} {Readable.Count(record.Packets, "packet")} {way} the client ({Readable.Bytes(record.Length)}) left out: this reader was too slow");
                traced.Consumer.OnGap(from, record.Length, at);
                break;
            case TraceRecordKind.Closed:
                Say(at, $"#{record.Connection} over: {record.Reason}{(record.Detail is null ? "" : $": {TextTable.Plain(record.Detail)}")}");
                Close(record.Connection, traced, record.EndedBy, at);
                break;
        }
    }

    private void Open(long number, TracedConnection opened, Arrival at)
    {
        Connections++;
        // Within the broker's process and by Unix sockets nobody has an address; a number keeps them apart.
        var nobody = new IPEndPoint(IPAddress.Any, (int)(number & ushort.MaxValue));
        bool isKnown = opened.ClientId is not null;
        var connection = new StreamConnection(number, opened.Client ?? nobody, opened.Broker ?? new IPEndPoint(opened.Client?.Address ?? IPAddress.Any, 0), at)
        {
            IsFromBeginning = opened.IsFromBeginning,
            Known = new KnownMqtt(opened.Version, opened.ClientId),
        };
        _open[number] = new Traced(consumers.Open(connection)) { Latest = at };
        string who = isKnown ? $"{TextTable.Plain(opened.ClientId!)}, connected already," : "connected";
        string user = opened.UserName is null ? "" : $", user {TextTable.Plain(opened.UserName)}";
        string where = $"{(opened.Client is null ? "" : $" from {opened.Client}")}{(opened.Listener is null ? "" : $" by {TextTable.Plain(opened.Listener)}")}";
        Say(at, $"#{number} {who}{where}{user}");
    }

    private void Close(long number, Traced traced, TraceEnding by, Arrival at)
    {
        _open.Remove(number);
        if (by == TraceEnding.Network)
        {
            traced.Consumer.OnEnd(Side.Initiator, StreamEnd.Reset, at);
            return;
        }
        Side first = by == TraceEnding.Client ? Side.Initiator : Side.Responder;
        traced.Consumer.OnEnd(first, StreamEnd.Closed, at);
        traced.Consumer.OnEnd(1 - first, StreamEnd.Closed, at);
    }

    private void Say(Arrival at, string what) => line(string.Create(CultureInfo.InvariantCulture, $"{at.Moment.LocalDateTime:HH:mm:ss.fff} {what}\n"));

    private sealed class Traced(IStreamConsumer consumer)
    {
        public IStreamConsumer Consumer => consumer;

        public Arrival Latest { get; set; }
    }
}
