// Makes a ladder of what passes by: decides what belongs to it, keeps as many rows as there is room for, and counts the rest. What a row is about is
// often known later only (whose connection it is, which answer comes, what is found), so participants and marks are put in at the end.
using Godwit.Capture.Conversations;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Protocol;

namespace Godwit.Capture.Ladders;

/// <summary>
/// Records a <see cref="Ladder"/>. Give it to a <see cref="CaptureReader"/> as observer of conversations and, for TCP's segments, as observer of
/// those as well. Memory is bounded by <see cref="LadderOptions.Most"/>.
/// </summary>
/// <param name="options">What to show; null for the defaults.</param>
public sealed class LadderRecorder(LadderOptions? options = null) : IConversationObserver, ISegmentObserver
{
    // Segments of a connection that are kept until it is known whose it is, and connections for which that is done.
    private const int MostUndecided = 64, MostConnections = 50_000;

    private readonly LadderOptions _options = options ?? new LadderOptions();
    private readonly Dictionary<long, LadderConnection> _connections = [];
    private readonly Dictionary<long, LadderRow> _requests = [];
    private readonly LinkedList<LadderRow> _rows = [];
    private readonly WillsSent _wills = new();
    private readonly Dictionary<long, (LadderFlow? Flow, TimeSpan Response)> _answers = [];
    private long _start = long.MinValue, _order, _before, _after;
    private int _flows;

    /// <inheritdoc/>
    public void OnSegment(in SegmentInfo segment)
    {
        Begin(segment.At);
        if (!_options.HasSegments && (segment.Flags & (TcpFlags.Fin | TcpFlags.Rst)) != 0 && _connections.TryGetValue(segment.Connection.Number, out LadderConnection? ended))
            ended.EndedBy ??= segment.From;
        if (!_options.HasSegments || SegmentLabel.Of(segment) is not { } label || Get(segment.Connection) is not { } connection) return;
        var row = new LadderRow
        {
            Kind = LadderRowKind.Segment, At = segment.At, Connection = connection.Stream.Number, Title = label.Title, Details = label.Details,
            Size = segment.PayloadLength, Order = _order++, Owner = connection, IsFromClient = segment.From == Side.Initiator,
        };
        if (connection.IsChosen is { } isChosen)
        {
            row.IsFromClient = segment.From == connection.ClientSide;
            if (isChosen) Add(row);
        }
        else if (connection.Undecided.Count < MostUndecided) connection.Undecided.Add(row);
    }

    /// <inheritdoc/>
    public void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        Begin(packet.First);
        if (packet.Number == conversation.Connect && conversation.WillTopic.Length > 0) _wills.Add(conversation);
        bool hasAnswer = _answers.Remove(packet.Number, out (LadderFlow? Flow, TimeSpan Response) answer);
        if (Get(conversation.Connection.Stream) is not { } connection) return;
        Decide(connection, conversation);
        if (connection.IsChosen != true) return;
        if (!IsWithin(packet.Last))
        {
            Miss(packet.Last);
            return;
        }
        bool isPing = packet.Type is PacketType.Pingreq or PacketType.Pingresp;
        if (isPing && !_options.HasPings && Fold(connection, packet, hasAnswer)) return;
        if (!isPing) connection.Pings = null;
        if (IsFull)
        {
            _after++;
            return;
        }
        LadderRow row = Describe(connection, packet);
        if (hasAnswer) (row.Flow, row.Response) = answer;
        if (_wills.IsWill(packet) is { } client) row.Details += $", the will of {client}";
        if (isPing && !_options.HasPings)
        {
            connection.Pings = new PingRun(row);
            var run = new LadderRow
            {
                Kind = LadderRowKind.Pings, At = row.At, Connection = row.Connection, Title = "ping", IsFromClient = true, Packet = row.Packet, LastPacket = row.Packet,
                Last = row.At, Order = row.Order, Owner = connection, Type = PacketType.Pingreq, Pings = connection.Pings,
            };
            connection.Pings.Row = run;
            row = run;
        }
        else if (packet.Type is PacketType.Connect or PacketType.Publish or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pingreq)
            _requests[row.Packet] = row;
        Add(row);
    }

    /// <inheritdoc/>
    public void OnExchange(Conversation conversation, in Exchange exchange)
    {
        if (exchange.Kind == ExchangeKind.Delivery || !_requests.Remove(exchange.Request, out LadderRow? request)) return;
        if (!exchange.IsAnswered)
        {
            request.Details += ", no answer";
            return;
        }
        if (exchange.Kind != ExchangeKind.Ping)
            request.Flow ??= new LadderFlow { Number = _flows++, Type = request.Type };
        _answers[exchange.Answer] = (request.Flow, exchange.Time);
    }

    /// <inheritdoc/>
    public void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
        string what = reason switch
        {
            UnreadReason.Missing => "not captured",
            UnreadReason.Unsynchronised => "before the first whole packet",
            UnreadReason.Incomplete => "of a packet that the connection's end cut off",
            _ => "that cannot be MQTT",
        };
        AddEvent(conversation, from, at, LadderRowKind.Unread, "?", $"{count:N0} B {what}");
    }

    /// <inheritdoc/>
    public void OnOver(Conversation conversation)
    {
        if (_options.HasSegments) return; // FIN and RST are there as what they are
        // DISCONNECT ends a conversation, but it may be the other end that closes the connection then.
        Side endedBy = _connections.GetValueOrDefault(conversation.Connection.Number)?.EndedBy ?? conversation.ClosedBy;
        if (conversation.Closing is ClosingKind.Reset) AddEvent(conversation, endedBy, conversation.ClosedAt, LadderRowKind.Reset, "RST", "connection aborted");
        else if (conversation.Closing is not ClosingKind.Open)
            AddEvent(conversation, endedBy, conversation.ClosedAt, LadderRowKind.Closed, "closes", conversation.Closing == ClosingKind.Closed && conversation.ClosedBy == conversation.Connection.ClientSide ? "without DISCONNECT" : "");
        if (_connections.TryGetValue(conversation.Connection.Number, out LadderConnection? connection) && !connection.HasRows) _connections.Remove(conversation.Connection.Number);
    }

    /// <summary>Puts the ladder together. Call it when the capture is at its end.</summary>
    /// <param name="findings">What was found; marked where it was.</param>
    /// <param name="mostClients">Clients that have a column of their own; further ones share one.</param>
    public Ladder Build(IEnumerable<Finding> findings, int mostClients = 8)
    {
        ArgumentNullException.ThrowIfNull(findings);
        List<LadderRow> rows = [.. _rows.SelectMany(Unfold).OrderBy(row => row.At.Time).ThenBy(row => row.Order)];
        return LadderBuilder.Build(rows, [.. findings], _start, _before, _after, mostClients);
    }

    // A single ping is shown as what it is.
    private static IEnumerable<LadderRow> Unfold(LadderRow row) => row.Pings is { Requests: <= 1, Answers: <= 1 } pings ? pings.Rows : [row];

    private bool IsFull => !_options.IsLast && _rows.Count >= _options.Most;

    private void Begin(Arrival at)
    {
        if (_start == long.MinValue) _start = at.Time;
    }

    private bool IsWithin(Arrival at) =>
        (_options.From is not { } from || at.Time >= from.Since1970(_start)) && (_options.To is not { } to || at.Time <= to.Since1970(_start));

    private void Miss(Arrival at)
    {
        if (_options.From is { } from && at.Time < from.Since1970(_start)) _before++;
        else _after++;
    }

    private LadderConnection? Get(StreamConnection stream)
    {
        if (_connections.TryGetValue(stream.Number, out LadderConnection? connection)) return connection;
        if (_connections.Count >= MostConnections) return null;
        return _connections[stream.Number] = new LadderConnection(stream);
    }

    private void Decide(LadderConnection connection, Conversation conversation)
    {
        connection.Conversation = conversation;
        if (connection.IsChosen is not null) return;
        connection.IsChosen = (_options.Connection is not { } number || number == connection.Stream.Number)
            && (_options.Client is not { } client || client == conversation.ClientId || client == connection.ClientAddress.ToString());
        if (connection.IsChosen.Value)
            foreach (LadderRow row in connection.Undecided)
            {
                row.IsFromClient = row.IsFromClient == (connection.ClientSide == Side.Initiator);
                Add(row);
            }
        connection.Undecided.Clear();
    }

    private bool Fold(LadderConnection connection, in ObservedPacket packet, bool hasAnswer)
    {
        if (connection.Pings is not { Row: { } row } pings) return false;
        if (packet.Type == PacketType.Pingreq) pings.Requests++;
        else pings.Answers++;
        if (pings.Rows.Count < 2 && pings.Requests == 1)
        {
            LadderRow second = Describe(connection, packet);
            pings.Rows.Add(second);
            if (hasAnswer) second.Response = TimeSpan.FromTicks((packet.Last.Time - row.At.Time) / TimeSpan.NanosecondsPerTick);
        }
        if (packet.Type == PacketType.Pingreq) pings.LastRequest = packet.Last;
        (row.Last, row.LastPacket) = (packet.Last, packet.Number);
        return true;
    }

    private LadderRow Describe(LadderConnection connection, in ObservedPacket packet) => new()
    {
        Kind = LadderRowKind.Packet, At = packet.Last, Connection = connection.Stream.Number, Title = packet.Type.Name(), Details = PacketLabel.Of(packet), Size = packet.Frame.Length,
        IsFromClient = packet.IsFromClient, Packet = packet.Number, LastPacket = packet.Number, Order = _order++, Owner = connection, Type = packet.Type,
    };

    private void AddEvent(Conversation conversation, Side from, Arrival at, LadderRowKind kind, string title, string details)
    {
        if (Get(conversation.Connection.Stream) is not { } connection) return;
        Decide(connection, conversation);
        if (connection.IsChosen != true || !IsWithin(at)) return;
        connection.Pings = null;
        Add(new LadderRow
        {
            Kind = kind, At = at, Connection = connection.Stream.Number, Title = title, Details = details, IsFromClient = from == conversation.Connection.ClientSide,
            Order = _order++, Owner = connection,
        });
    }

    private void Add(LadderRow row)
    {
        if (!IsWithin(row.At) || IsFull) return;
        row.Owner!.HasRows = true;
        _rows.AddLast(row);
        if (_rows.Count <= _options.Most) return;
        LadderRow first = _rows.First!.Value;
        _rows.RemoveFirst();
        if (first.Kind is not (LadderRowKind.Packet or LadderRowKind.Pings)) return;
        _requests.Remove(first.Packet);
        if (first.Owner!.Pings?.Row == first) first.Owner.Pings = null;
        _before += first.Pings is { } pings ? pings.Requests + pings.Answers : 1;
    }
}
