// One connection: decides what it carries and, if that is MQTT, turns both directions into packets, with version, client side and topics.
using Godwit.Capture.Streams;
using Godwit.Protocol;
using Godwit.Protocol.Fields;
using Godwit.Session;

namespace Godwit.Capture.Mqtt;

internal sealed class MqttStream : IStreamConsumer
{
    // Bytes of a direction in which it must be clear what they are; longer for nobody's sake.
    private const int MostUndecided = 16_384;

    // Bytes of topics behind aliases, for each direction.
    private const int MostAliasBytes = 1 << 20;

    private readonly MqttStreams _owner;
    private readonly StreamConnection _stream;
    private readonly PacketDirection[] _directions;
    private readonly InboundTopicAliases?[] _aliases = new InboundTopicAliases?[2];
    private HeldBytes[]? _undecided;
    private ContentKind _kind;
    private bool _isFromBeginning;
    private VersionGuess _guess;

    public MqttStream(MqttStreams owner, StreamConnection connection)
    {
        _owner = owner;
        _stream = connection;
        _isFromBeginning = connection.IsFromBeginning;
        _undecided = [new HeldBytes(owner.Budget), new HeldBytes(owner.Budget)];
        _directions = [new PacketDirection(this, Side.Initiator, owner.Options, owner.Budget), new PacketDirection(this, Side.Responder, owner.Options, owner.Budget)];
        ProtocolVersion version = connection.Known is { Version: not ProtocolVersion.Unknown and var known } ? known : owner.Options.Version;
        Connection = new ObservedConnection(connection)
        {
            Version = version == ProtocolVersion.Unknown ? ProtocolVersion.V311 : version,
            IsVersionCertain = version != ProtocolVersion.Unknown,
        };
    }

    public ObservedConnection Connection { get; }

    /// <summary>Whether a gap between two packets leaves the step as it is.</summary>
    public bool IsInWholePackets => _stream.Known is not null;

    public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (_kind == ContentKind.Mqtt) _directions[(int)from].OnBytes(bytes, at);
        else if (_undecided is not null)
        {
            _undecided[(int)from].Append(bytes, at);
            Decide(from, at);
        }
    }

    public void OnGap(Side from, long count, Arrival at)
    {
        if (_kind == ContentKind.Mqtt) _directions[(int)from].OnGap(count, at);
        else if (_undecided is not null)
        {
            _undecided[(int)from].Clear();
            _isFromBeginning = false;
        }
    }

    public void OnEnd(Side from, StreamEnd end, Arrival at)
    {
        if (_undecided is not null && (end != StreamEnd.Closed || from == Side.Initiator)) DecideAtEnd(from, at);
        if (_kind != ContentKind.Mqtt) return;
        _directions[(int)from].OnEnd(at);
        if (end != StreamEnd.Closed) _directions[1 - (int)from].OnEnd(at);
        foreach (IPacketObserver observer in _owner.Observers) observer.OnEnd(Connection, from, end, at);
    }

    /// <summary>A packet, or its head, is there.</summary>
    public void Deliver(Side side, scoped in PacketFrame frame, ReadOnlySpan<byte> bytes, Violation? violation, Arrival first, Arrival last, long missing = 0)
    {
        bool isWhole = bytes.Length == frame.Length;
        if (!Connection.IsClientSideCertain) FindClientSide(side, frame.Type);
        ReadOnlySpan<byte> topic = default;
        PublishPacket publish = default;
        if (frame.Type == PacketType.Connect) violation = isWhole ? ReadConnect(frame, bytes, violation) : violation;
        else if (isWhole)
        {
            if (!Connection.IsVersionCertain) Guess(frame, bytes);
            ProtocolVersion version = Connection.Version;
            if (frame.Type == PacketType.Publish) violation = ReadPublish(side, frame, bytes, version, violation, out publish, out topic);
            else violation ??= PacketFields.Report(frame, bytes, version, default(NoFields));
        }
        var packet = new ObservedPacket
        {
            Connection = Connection,
            Side = side,
            Number = ++_owner.Packets,
            First = first,
            Last = last,
            Frame = frame,
            Bytes = bytes,
            Version = Connection.Version,
            Violation = violation,
            Topic = topic,
            Publish = publish,
            Missing = missing,
        };
        foreach (IPacketObserver observer in _owner.Observers) observer.OnPacket(packet);
    }

    public void ReportSkipped(Side side, long count, UnreadReason reason, Arrival at)
    {
        foreach (IPacketObserver observer in _owner.Observers) observer.OnSkipped(Connection, side, count, reason, at);
    }

    private Violation? ReadConnect(in PacketFrame frame, ReadOnlySpan<byte> bytes, Violation? violation)
    {
        ConnectPacket.TryRead(frame, bytes, out ConnectPacket connect, out Violation? found);
        if (!Connection.HasConnect)
        {
            Connection.HasConnect = true;
            if (connect.Version != ProtocolVersion.Unknown)
            {
                Connection.Version = connect.Version;
                Connection.IsVersionCertain = true;
            }
        }
        return violation ?? found;
    }

    private Violation? ReadPublish(
        Side side, scoped in PacketFrame frame, ReadOnlySpan<byte> bytes, ProtocolVersion version, Violation? violation,
        out PublishPacket publish, out ReadOnlySpan<byte> topic)
    {
        topic = default;
        if (!PublishPacket.TryRead(frame, bytes, version, out publish, out Violation? found)) return violation ?? found;
        topic = bytes.Slice(frame.HeaderLength + 2, publish.Topic.Length);
        if (version != ProtocolVersion.V5 || publish.Properties.IsEmpty || publish.Properties.Number(PropertyId.TopicAlias) is not { } alias) return violation;
        InboundTopicAliases aliases = _aliases[(int)side] ??= new InboundTopicAliases(ushort.MaxValue);
        if (topic.IsEmpty || aliases.StoredBytes < MostAliasBytes) aliases.Resolve(topic, alias, out topic);
        return violation;
    }

    private void Guess(in PacketFrame frame, ReadOnlySpan<byte> bytes)
    {
        _guess.OnPacket(frame, bytes);
        Connection.Version = _guess.Best;
    }

    private void FindClientSide(Side side, PacketType type)
    {
        bool isClient = type is PacketType.Connect or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.Pingreq;
        if (!isClient && type is not (PacketType.Connack or PacketType.Suback or PacketType.Unsuback or PacketType.Pingresp)) return;
        Connection.ClientSide = isClient ? side : 1 - side;
        Connection.IsClientSideCertain = true;
    }

    private void Decide(Side from, Arrival at)
    {
        ContentKind kind = ContentKinds.Recognise(_undecided![(int)from].Span, isOpening: from == Side.Initiator || !_isFromBeginning);
        bool isOpening = _isFromBeginning && from == Side.Initiator;
        if (kind == ContentKind.Mqtt || _stream.Known is { Version: not ProtocolVersion.Unknown }) OpenMqtt(isFromBeginning: true, at);
        else if (kind is not (ContentKind.Unknown or ContentKind.Other)) OpenForeign(kind, from, at);
        else if (IsRunOfPackets(isLast: false)) OpenMqtt(isFromBeginning: isOpening, at);
        else if (kind == ContentKind.Other && isOpening && PacketChain.Read(_undecided[(int)from].Span).Score <= 0) OpenForeign(kind, from, at);
        else if (_undecided[(int)from].Length > MostUndecided) OpenForeign(ContentKind.Other, from, at);
    }

    private void DecideAtEnd(Side from, Arrival at)
    {
        if (IsRunOfPackets(isLast: true)) OpenMqtt(isFromBeginning: false, at);
        else OpenForeign(_undecided![0].Length + _undecided[1].Length > 0 ? ContentKind.Other : ContentKind.Unknown, from, at);
    }

    // Both directions are asked, since two short answers to each other say more than one packet alone.
    private bool IsRunOfPackets(bool isLast)
    {
        int all = 0, least = int.MaxValue, most = 0;
        foreach (HeldBytes held in _undecided!)
        {
            int score = held.Length == 0 ? 0 : BestScore(held.Span);
            all += score;
            least = Math.Min(least, score);
            most = Math.Max(most, score);
        }
        return most >= PacketChain.Convincing || (all >= 6 && least >= 2) || (isLast && most >= PacketChain.Likely);
    }

    private static int BestScore(ReadOnlySpan<byte> bytes)
    {
        int best = PacketChain.Read(bytes).Score;
        for (int start = 1; start < bytes.Length && best < PacketChain.Convincing; start++)
        {
            // In the middle only what convinces by itself counts.
            int score = PacketChain.Read(bytes[start..]).Score;
            if (score >= PacketChain.Convincing) best = score;
        }
        return Math.Max(0, best);
    }

    private void OpenMqtt(bool isFromBeginning, Arrival at)
    {
        _kind = ContentKind.Mqtt;
        _stream.Content = _kind;
        foreach (IPacketObserver observer in _owner.Observers) observer.OnOpened(Connection, at);
        // Where the first packets were found at once there is no need to search; they may be too few to convince by themselves.
        for (int i = 0; i < 2 && !isFromBeginning; i++)
            if (_undecided![i].Length == 0 || PacketChain.Read(_undecided[i].Span).Score <= 0) _directions[i].Search();
        Replay((side, bytes, arrival) => _directions[(int)side].OnBytes(bytes, arrival));
    }

    private void OpenForeign(ContentKind kind, Side from, Arrival at)
    {
        _kind = kind;
        _stream.Content = _kind;
        foreach (IPacketObserver observer in _owner.Observers) observer.OnForeign(_stream, kind, _undecided![(int)from].Span, from, at);
        foreach (HeldBytes held in _undecided!) held.Release();
        _undecided = null;
    }

    // What came while it was undecided, in the order of the capture.
    private void Replay(Action<Side, byte[], Arrival> consume)
    {
        List<(byte[] Bytes, Arrival At)> first = _undecided![0].TakeFrom(0), second = _undecided[1].TakeFrom(0);
        foreach (HeldBytes held in _undecided) held.Release();
        _undecided = null;
        for (int i = 0, j = 0; i < first.Count || j < second.Count;)
        {
            bool isFirst = j == second.Count || (i < first.Count && (first[i].At.Time, first[i].At.Frame).CompareTo((second[j].At.Time, second[j].At.Frame)) <= 0);
            (byte[] bytes, Arrival at) = isFirst ? first[i++] : second[j++];
            consume(isFirst ? Side.Initiator : Side.Responder, bytes, at);
        }
    }
}
