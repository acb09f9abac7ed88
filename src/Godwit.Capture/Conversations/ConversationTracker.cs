// Follows the packets of all connections: who asks, who answers, which session goes on, who closes. The rules of flow control and keep alive
// are Godwit.Session's; what is here is the view of somebody who sees both sides.
using System.Text;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Capture.Conversations;

/// <summary>Turns packets into conversations for observers. Not thread-safe.</summary>
/// <param name="observers">Told of everything, in this order.</param>
public sealed class ConversationTracker(IEnumerable<IConversationObserver> observers) : IPacketObserver
{
    /// <summary>Client identifiers that are followed over their connections; further ones are followed for one connection only, and counted.</summary>
    public const int MostClients = 200_000;

    private readonly Dictionary<ObservedConnection, Conversation> _open = [];
    private readonly Dictionary<(System.Net.IPEndPoint Server, string Id), ClientHistory> _clients = [];
    private readonly IConversationObserver[] _observers = [.. observers];
    private readonly WillWatch _wills = new();
    private Conversation? _latest;

    /// <summary>Client identifiers that were not followed because there are too many.</summary>
    public long NotFollowed { get; private set; }

    /// <summary>The clients that have been seen.</summary>
    public IReadOnlyCollection<ClientHistory> Clients => _clients.Values;

    /// <summary>How many conversations there have been.</summary>
    public long Begun { get; private set; }

    /// <summary>The conversations that are not over.</summary>
    public IReadOnlyCollection<Conversation> Open => _open.Values;

    /// <inheritdoc/>
    public void OnOpened(ObservedConnection connection, Arrival at) => Find(connection, at);

    /// <inheritdoc/>
    public void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at)
    {
        foreach (IConversationObserver observer in _observers) observer.OnForeign(connection, kind, beginning, from, at);
    }

    /// <inheritdoc/>
    public void OnSkipped(ObservedConnection connection, Side from, long count, UnreadReason reason, Arrival at)
    {
        Conversation conversation = Find(connection, at);
        foreach (IConversationObserver observer in _observers) observer.OnSkipped(conversation, from, count, reason, at);
    }

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet)
    {
        Conversation conversation = Find(packet.Connection, packet.First);
        CheckTime(conversation, packet);
        CheckPlace(conversation, packet);
        Count(conversation, packet);
        if (packet.IsWhole && (packet.Violation is null || packet.Type == PacketType.Connect)) Follow(conversation, packet);
        foreach (IConversationObserver observer in _observers) observer.OnPacket(conversation, packet);
        conversation.AnsweredFilters = [];
    }

    /// <inheritdoc/>
    public void OnEnd(ObservedConnection connection, Side from, StreamEnd end, Arrival at)
    {
        Conversation conversation = Find(connection, at);
        if (conversation.Closing == ClosingKind.Open && end != StreamEnd.Lost)
        {
            conversation.Closing = end == StreamEnd.Reset ? ClosingKind.Reset : ClosingKind.Closed;
            if (conversation.Disconnect != 0) conversation.Closing = ClosingKind.Disconnect;
            conversation.ClosedBy = conversation.Disconnect != 0 ? conversation.DisconnectedBy : from;
            conversation.ClosedAt = at;
            if (from != connection.ClientSide) CheckSilence(conversation, at, 0);
        }
        conversation.HasClosed[(int)from] = true;
        if (end != StreamEnd.Closed || conversation.HasClosed[1 - (int)from]) EndConversation(conversation, at);
    }

    internal void Tell(Conversation conversation, in ConversationEvent happened)
    {
        foreach (IConversationObserver observer in _observers) observer.OnEvent(conversation, happened);
    }

    internal void Tell(Conversation conversation, in Exchange exchange)
    {
        foreach (IConversationObserver observer in _observers) observer.OnExchange(conversation, exchange);
    }

    private Conversation Find(ObservedConnection connection, Arrival at)
    {
        if (_latest?.Connection == connection) return _latest;
        if (!_open.TryGetValue(connection, out Conversation? conversation))
        {
            _open[connection] = conversation = new Conversation(connection, at) { ClientId = connection.Stream.Known?.ClientId };
            Begun++;
            foreach (IConversationObserver observer in _observers) observer.OnBegin(conversation);
        }
        return _latest = conversation;
    }

    private void Follow(Conversation conversation, in ObservedPacket packet)
    {
        switch (packet.Type)
        {
            case PacketType.Connect: OnConnect(conversation, packet); break;
            case PacketType.Connack: OnConnack(conversation, packet); break;
            case PacketType.Publish:
                PublishExchanges.OnPublish(this, conversation, packet);
                OnPublished(conversation, packet);
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp: PublishExchanges.OnAcknowledgement(this, conversation, packet); break;
            case PacketType.Subscribe: OnSubscribe(conversation, packet); break;
            case PacketType.Unsubscribe: OnUnsubscribe(conversation, packet); break;
            case PacketType.Suback or PacketType.Unsuback: OnSuback(conversation, packet); break;
            case PacketType.Pingreq:
                if (conversation.Pings.Count < 1000) conversation.Pings.Enqueue((packet.Number, packet.Last));
                break;
            case PacketType.Pingresp:
                if (conversation.Pings.TryDequeue(out (long Number, Arrival At) ping))
                    Tell(conversation, new Exchange(ExchangeKind.Ping, conversation.Connection.ClientSide, 0, ping.Number, packet.Number, ping.At, packet.Last));
                break;
            case PacketType.Disconnect: OnDisconnect(conversation, packet); break;
        }
    }

    private void OnConnect(Conversation conversation, in ObservedPacket packet)
    {
        if (conversation.Connect != 0)
        {
            Tell(conversation, Event(ConversationEventKind.SecondConnect, packet, conversation.Connect));
            return;
        }
        ConnectPacket.TryRead(packet.Frame, packet.Bytes, out ConnectPacket connect, out Violation? violation);
        conversation.Connect = packet.Number;
        conversation.ConnectAt = packet.Last;
        conversation.ConnectBytes = packet.Bytes[..Math.Min(packet.Bytes.Length, 4096)].ToArray();
        conversation.ConnectViolation = packet.Violation ?? violation;
        if (conversation.ConnectViolation is not null) return;
        conversation.ClientId = Encoding.UTF8.GetString(connect.ClientId);
        conversation.IsClean = connect.CleanStart;
        conversation.KeepAlive = connect.KeepAlive;
        conversation.HasUserName = connect.HasUserName;
        conversation.HasPassword = connect.HasPassword;
        conversation.ClientLimits = ConnectionLimits.From(connect.Properties);
        conversation.SessionExpiry = connect.Version == ProtocolVersion.V5 ? conversation.ClientLimits.SessionExpiryInterval ?? 0 : connect.CleanStart ? 0 : uint.MaxValue;
        conversation.Inbound[1].ReceiveMaximum = conversation.ClientLimits.ReceiveMaximum;
        conversation.KeepAliveClock = new ServerKeepAlive(connect.KeepAlive, Milliseconds(packet.Last));
        if (connect.HasWill)
        {
            conversation.WillTopic = connect.WillTopic.ToArray();
            conversation.WillPayload = connect.WillPayload.ToArray();
            conversation.WillDelay = connect.WillProperties.Number(PropertyId.WillDelayInterval) ?? 0;
        }
        if (connect.ClientId.Length > 0) Attach(conversation, packet);
    }

    // The client identifier is known: to its history, and to the connection that is still open.
    private void Attach(Conversation conversation, in ObservedPacket packet)
    {
        (System.Net.IPEndPoint, string) key = (ServerOf(conversation), conversation.ClientId!);
        if (!_clients.TryGetValue(key, out ClientHistory? client))
        {
            client = new ClientHistory(conversation.ClientId!);
            if (_clients.Count < MostClients) _clients.Add(key, client);
            else if (NotFollowed++ == 0) Tell(conversation, Event(ConversationEventKind.NotFollowed, packet) with { Value = MostClients });
        }
        long takenOver = 0;
        if (client.Current is { IsOver: false, Closing: ClosingKind.Open } earlier && earlier != conversation && earlier.Disconnect == 0)
        {
            client.TakeOvers++;
            earlier.TakenOverBy = packet.Number;
            takenOver = earlier.Connect;
        }
        _wills.Forget(left => left.Client == client && left.WillDelay > 0);
        conversation.Client = client;
        conversation.Flows = client.InFlight;
        foreach (InFlight flow in client.InFlight) flow.OnConnectionLost();
        client.Current = conversation;
        client.Connections++;
        if (conversation.IsClean) client.EndSession();
        if (takenOver != 0) Tell(conversation, Event(ConversationEventKind.TakeOver, packet, takenOver));
    }

    private void OnConnack(Conversation conversation, in ObservedPacket packet)
    {
        if (conversation.Connack != 0 || !ConnackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out ConnackPacket connack, out _)) return;
        conversation.Connack = packet.Number;
        conversation.ConnackCode = connack.Code;
        conversation.IsSessionPresent = connack.SessionPresent;
        ReadOnlySpan<byte> reason = connack.Properties.Bytes(PropertyId.ReasonString);
        if (!reason.IsEmpty) conversation.ConnackReason = Encoding.UTF8.GetString(reason);
        if (conversation.Connect != 0)
            Tell(conversation, new Exchange(ExchangeKind.Connect, conversation.Connection.ClientSide, 0, conversation.Connect, packet.Number, conversation.ConnectAt, packet.Last));
        if (connack.Code != 0) return;

        ConnectionLimits limits = conversation.ServerLimits = ConnectionLimits.From(connack.Properties);
        conversation.Inbound[0].ReceiveMaximum = limits.ReceiveMaximum;
        conversation.SessionExpiry = limits.SessionExpiryInterval ?? conversation.SessionExpiry;
        if (limits.ServerKeepAlive is { } keepAlive) conversation.KeepAlive = keepAlive;
        conversation.KeepAliveClock = new ServerKeepAlive(conversation.KeepAlive, Milliseconds(conversation.LastAt[(int)conversation.Connection.ClientSide]));
        if (connack.Properties.TryFind(PropertyId.AssignedClientIdentifier, out MqttProperty assigned) && conversation.Client is null)
        {
            conversation.ClientId = Encoding.UTF8.GetString(assigned.Value);
            Attach(conversation, packet);
        }
        if (conversation.Connect == 0) return;
        if (connack.SessionPresent && conversation.IsClean) Tell(conversation, Event(ConversationEventKind.SessionPresentAfterClean, packet, conversation.Connect));
        if (connack.SessionPresent || conversation.IsClean || conversation.Client is not { } client || packet.Version == ProtocolVersion.V31) return;
        bool hadSession = client.LatestConnect != 0 && (client.Subscriptions.Count > 0 || client.InFlight.Any(flow => flow.Count > 0));
        if (hadSession) Tell(conversation, Event(ConversationEventKind.SessionLost, packet, client.LatestConnect));
        client.EndSession();
    }

    private void OnPublished(Conversation conversation, in ObservedPacket packet)
    {
        if (packet.IsFromClient || packet.Topic.IsEmpty) return;
        if (_wills.OnPublish(conversation, packet.Topic, packet.Publish.Payload, packet.Publish.Retain) is { } left)
            Tell(left, Event(ConversationEventKind.WillAfterDisconnect, packet, left.Connect));
    }

    private void OnSubscribe(Conversation conversation, in ObservedPacket packet)
    {
        SubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubscribePacket subscribe, out _);
        var filters = new List<RequestedFilter>();
        foreach (RequestedSubscription requested in subscribe.Subscriptions) filters.Add(new RequestedFilter(Encoding.UTF8.GetString(requested.Filter), requested.Options));
        Request(conversation, packet, subscribe.PacketId, Awaited.Suback, filters);
    }

    private void OnUnsubscribe(Conversation conversation, in ObservedPacket packet)
    {
        UnsubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out UnsubscribePacket unsubscribe, out _);
        var filters = new List<RequestedFilter>();
        foreach (ReadOnlySpan<byte> filter in unsubscribe.Filters) filters.Add(new RequestedFilter(Encoding.UTF8.GetString(filter), default));
        Request(conversation, packet, unsubscribe.PacketId, Awaited.Unsuback, filters);
    }

    private void Request(Conversation conversation, in ObservedPacket packet, ushort id, Awaited awaited, List<RequestedFilter> filters)
    {
        InFlight flow = conversation.Flows[0];
        if (flow.TryGet(id, out Waiting earlier) && !earlier.IsEarlier)
            Tell(conversation, Event(ConversationEventKind.PacketIdInUse, packet, earlier.First) with { PacketId = id });
        flow.Set(id, new Waiting { For = awaited, First = packet.Number, Latest = packet.Number, BegunAt = packet.Last, LatestAt = packet.Last, Filters = filters.Count });
        conversation.Requested[id] = filters;
    }

    private void OnSuback(Conversation conversation, in ObservedPacket packet)
    {
        SubackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubackPacket suback, out _);
        bool isSuback = packet.Type == PacketType.Suback;
        InFlight flow = conversation.Flows[0];
        if (!flow.TryGet(suback.PacketId, out Waiting waiting) || waiting.For != (isSuback ? Awaited.Suback : Awaited.Unsuback))
        {
            if (conversation.Connect != 0) Tell(conversation, Event(ConversationEventKind.UnknownAcknowledgement, packet) with { PacketId = suback.PacketId });
            return;
        }
        flow.Remove(suback.PacketId);
        if (conversation.Requested.Remove(suback.PacketId, out List<RequestedFilter>? filters)) conversation.AnsweredFilters = filters;
        Tell(conversation, new Exchange(isSuback ? ExchangeKind.Subscribe : ExchangeKind.Unsubscribe, conversation.Connection.ClientSide, suback.PacketId,
            waiting.First, packet.Number, waiting.BegunAt, packet.Last));
        bool hasCodes = isSuback || packet.Version == ProtocolVersion.V5;
        if (hasCodes && suback.Codes.Length != waiting.Filters)
            Tell(conversation, Event(ConversationEventKind.CodeCount, packet, waiting.First) with { PacketId = suback.PacketId, Value = waiting.Filters });
        if (filters is null || conversation.Client is not { } client) return;
        for (int i = 0; i < filters.Count; i++)
        {
            if (!isSuback) client.Unsubscribe(filters[i].Filter);
            else if (i < suback.Codes.Length && suback.Codes[i] < 0x80) client.Subscribe(filters[i].Filter, filters[i].Options with { MaximumQoS = (QoS)suback.Codes[i] });
        }
    }

    private static void OnDisconnect(Conversation conversation, in ObservedPacket packet)
    {
        if (conversation.Disconnect != 0) return;
        DisconnectPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out DisconnectPacket disconnect, out _);
        conversation.Disconnect = packet.Number;
        conversation.DisconnectedBy = packet.Side;
        conversation.DisconnectCode = disconnect.ReasonCode;
        if (disconnect.Properties.Number(PropertyId.SessionExpiryInterval) is { } expiry) conversation.SessionExpiry = expiry;
    }

    private void CheckTime(Conversation conversation, in ObservedPacket packet)
    {
        while (_wills.TakeMissing(packet.Last.Time) is { } left) Tell(left, Event(ConversationEventKind.WillMissing, packet, left.Connect) with { Packet = 0 });
        if (!packet.IsFromClient || !conversation.IsAccepted) return;
        CheckSilence(conversation, packet.Last, packet.Number);
        ServerKeepAlive clock = conversation.KeepAliveClock;
        clock.OnReceived(Milliseconds(packet.Last));
        conversation.KeepAliveClock = clock;
        conversation.IsSilenceReported = false;
    }

    private void CheckSilence(Conversation conversation, Arrival at, long packet)
    {
        if (!conversation.IsAccepted || conversation.IsSilenceReported || !conversation.KeepAliveClock.IsExpired(Milliseconds(at))) return;
        conversation.IsSilenceReported = true;
        Side client = conversation.Connection.ClientSide;
        long silence = (at.Time - conversation.LastAt[(int)client].Time) / 1_000_000;
        Tell(conversation, new ConversationEvent(ConversationEventKind.KeepAliveExceeded, client, packet, 0, 0, silence, PacketType.None, at));
    }

    private void CheckPlace(Conversation conversation, in ObservedPacket packet)
    {
        bool isFirst = conversation.Packets == (0, 0), isFromBeginning = packet.Connection.Stream.IsFromBeginning;
        if (isFirst && isFromBeginning && packet.Type != PacketType.Connect && packet.IsFromClient) Tell(conversation, Event(ConversationEventKind.NoConnectFirst, packet));
        if (!packet.IsFromClient && conversation.Connect != 0 && conversation.Connack == 0 && packet.Type is not (PacketType.Connack or PacketType.Auth or PacketType.Disconnect))
            Tell(conversation, Event(ConversationEventKind.NoConnackFirst, packet));
        if (conversation.Disconnect != 0 && conversation.DisconnectedBy == packet.Side) Tell(conversation, Event(ConversationEventKind.AfterDisconnect, packet, conversation.Disconnect));
        bool isClientOnly = packet.Type is PacketType.Connect or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.Pingreq
            || (packet.Type == PacketType.Disconnect && packet.Version != ProtocolVersion.V5);
        bool isServerOnly = packet.Type is PacketType.Connack or PacketType.Suback or PacketType.Unsuback or PacketType.Pingresp;
        if (packet.IsFromClient ? isServerOnly : isClientOnly) Tell(conversation, Event(ConversationEventKind.WrongDirection, packet));
        int limit = packet.IsFromClient ? conversation.ServerLimits.MaximumPacketSize : conversation.ClientLimits.MaximumPacketSize;
        if (packet.Frame.Length > limit) Tell(conversation, Event(ConversationEventKind.PacketTooLarge, packet) with { Value = limit });
    }

    private static void Count(Conversation conversation, in ObservedPacket packet)
    {
        conversation.LastAt[(int)packet.Side] = packet.Last;
        (long packets, long bytes) = (conversation.Packets.FromClient, conversation.Bytes.FromClient);
        if (packet.IsFromClient)
        {
            conversation.Packets = (packets + 1, conversation.Packets.FromServer);
            conversation.Bytes = (bytes + packet.Frame.Length, conversation.Bytes.FromServer);
        }
        else
        {
            conversation.Packets = (packets, conversation.Packets.FromServer + 1);
            conversation.Bytes = (bytes, conversation.Bytes.FromServer + packet.Frame.Length);
        }
    }

    private void EndConversation(Conversation conversation, Arrival at)
    {
        if (conversation.IsOver) return;
        conversation.IsOver = true;
        _open.Remove(conversation.Connection);
        _latest = null;
        if (conversation.Connect != 0 && conversation.Connack == 0)
            Tell(conversation, new Exchange(ExchangeKind.Connect, conversation.Connection.ClientSide, 0, conversation.Connect, 0, conversation.ConnectAt, at));
        foreach ((long number, Arrival sent) in conversation.Pings)
            Tell(conversation, new Exchange(ExchangeKind.Ping, conversation.Connection.ClientSide, 0, number, 0, sent, at));
        bool isCurrent = conversation.Client is null || conversation.Client.Current == conversation;
        if (isCurrent) PublishExchanges.OnEnd(this, conversation, at);
        foreach (IConversationObserver observer in _observers) observer.OnOver(conversation);
        if (conversation.Client is not { } client || !isCurrent) return;
        client.Current = null;
        if (!conversation.IsAccepted) return;
        client.LatestConnect = conversation.Connect;
        foreach (InFlight flow in client.InFlight) flow.OnConnectionLost();
        if (conversation.SessionExpiry == 0) client.EndSession();
        if (conversation is { Closing: not ClosingKind.Open, WillTopic.Length: > 0, TakenOverBy: 0 }) _wills.Add(conversation, HasSubscriber(conversation));
    }

    private bool HasSubscriber(Conversation left)
    {
        foreach (Conversation other in _open.Values)
            if (ServerOf(other).Equals(ServerOf(left)) && other.Client is { } client && client.IsSubscribedTo(left.WillTopic.Span)) return true;
        return false;
    }

    private static System.Net.IPEndPoint ServerOf(Conversation conversation) =>
        conversation.Connection.ClientSide == Side.Initiator ? conversation.Connection.Stream.Responder : conversation.Connection.Stream.Initiator;

    internal static ConversationEvent Event(ConversationEventKind kind, in ObservedPacket packet, long related = 0) =>
        new(kind, packet.Side, packet.Number, related, 0, 0, packet.Type, packet.Last);

    private static long Milliseconds(Arrival at) => at.Time / 1_000_000;
}
