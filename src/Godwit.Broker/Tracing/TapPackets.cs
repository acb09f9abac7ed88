// The packets of one connection that is traced: cuts what comes and goes into packets, and gives each to the traces that want it.
using System.Buffers;
using System.Text;
using Godwit.Broker.Connections;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Tracing;

internal sealed class TapPackets(ClientConnection connection)
{
    private readonly InboundTopicAliases?[] _aliases = new InboundTopicAliases?[2];
    private List<TapMatch> _matches = [];
    private ProtocolVersion _version; // what CONNECT says, which may not have been handled yet
    private bool _isGarbage, _isSecret;
    private byte[] _head = []; // of a packet that goes out in two parts
    private PacketFrame _headFrame;
    private long _number;

    /// <summary>Whether it depends on who the client is which traces want it.</summary>
    public bool IsUndecided { get; private set; }

    // Given with the first that is shown, so that numbers are in the order of appearance.
    private long Number => _number != 0 ? _number : _number = connection.Shard.Broker.Traces.NextConnection();

    private ProtocolVersion Version => _version != ProtocolVersion.Unknown ? _version : connection.Version;

    /// <summary>Chooses the traces that want the connection, of those that are on.</summary>
    /// <param name="active">Those.</param>
    /// <param name="isNew">Whether nothing has come from it yet.</param>
    /// <returns>False if none does, or may.</returns>
    public bool Choose(Trace[] active, bool isNew)
    {
        bool isKnown = connection.ClientId is not null;
        IsUndecided = false;
        var matches = new List<TapMatch>();
        foreach (Trace trace in active)
        {
            if (_matches.Find(match => match.Trace == trace) is { } match) matches.Add(match);
            else if (trace.Filter.Matches(connection, isKnown, connection.ClientId, connection.UserName) is not { } isWanted) IsUndecided = true;
            else if (isWanted) matches.Add(new TapMatch(trace, isNew));
        }
        _matches = matches;
        return matches.Count > 0 || IsUndecided;
    }

    /// <summary>Hands over what has been collected: the connection goes to another loop.</summary>
    public void HandOver()
    {
        foreach (TapMatch match in _matches) match.Trace.PartOf(connection.Shard).HandOver();
    }

    /// <summary>Input has come.</summary>
    /// <returns>Bytes of whole packets.</returns>
    public int OnInput(ReadOnlySpan<byte> input)
    {
        int used = 0;
        while (used < input.Length)
        {
            ReadOnlySpan<byte> rest = input[used..];
            PacketFrame frame = default;
            FrameStatus status = _isGarbage ? FrameStatus.Malformed : PacketFrame.Read(rest, Version, connection.LargestPacket, out frame, out _);
            if (status == FrameStatus.NeedMore) break;
            if (status == FrameStatus.Malformed)
            {
                OnGarbage(rest);
                return input.Length;
            }
            ReadOnlySpan<byte> packet = rest[..frame.Length];
            if (frame.Type == PacketType.Connect && _version == ProtocolVersion.Unknown) OnConnect(frame, packet);
            Show(TraceDirection.FromClient, frame, packet, default);
            used += frame.Length;
        }
        return used;
    }

    /// <summary>Output has been made: packets, or the first or last part of one.</summary>
    public void OnOutput(ReadOnlySpan<byte> bytes)
    {
        if (_head.Length > 0)
        {
            byte[] head = _head;
            _head = [];
            Show(TraceDirection.ToClient, _headFrame, head, bytes);
            return;
        }
        while (!bytes.IsEmpty)
        {
            FrameStatus status = PacketFrame.Read(bytes, Version, int.MaxValue, out PacketFrame frame, out _);
            if (status == FrameStatus.NeedMore) (_head, _headFrame) = (bytes.ToArray(), frame);
            if (status != FrameStatus.Complete) return; // the answer to HTTP is no packet
            Show(TraceDirection.ToClient, frame, bytes[..frame.Length], default);
            bytes = bytes[frame.Length..];
        }
    }

    /// <summary>The connection is over.</summary>
    public void OnClosed(EndReason reason, string? detail)
    {
        long time = Trace.Time(connection.Shard);
        foreach (TapMatch match in _matches) match.AddClosed(time, connection, Number, reason, detail);
    }

    // The traces for which that was open are decided by what CONNECT says, so that they show it too.
    private void OnConnect(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        bool isRead = ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out _);
        _version = connect.Version;
        if (!isRead || !IsUndecided) return;
        string clientId = Encoding.UTF8.GetString(connect.ClientId);
        string? userName = connect.HasUserName ? Encoding.UTF8.GetString(connect.UserName) : null;
        foreach (Trace trace in connection.Shard.Broker.Traces.Active)
        {
            if (!_matches.Exists(match => match.Trace == trace) && trace.Filter.Matches(connection, isKnown: true, clientId, userName) == true)
                _matches.Add(new TapMatch(trace, isNew: true));
        }
    }

    private void OnGarbage(ReadOnlySpan<byte> bytes)
    {
        // It may be a CONNECT that is not one by a bit.
        if (!_isGarbage) _isSecret = connection.Phase != ConnectionPhase.Connected || TraceSecrets.MayBeIn((PacketType)(bytes[0] >> 4));
        _isGarbage = true;
        Add(TraceRecordKind.Bytes, TraceDirection.FromClient, default, bytes, default, bytes.Length, _isSecret);
    }

    private void Show(TraceDirection direction, in PacketFrame frame, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest) =>
        Add(TraceRecordKind.Packet, direction, frame, head, rest, frame.Length, TraceSecrets.MayBeIn(frame.Type));

    private void Add(TraceRecordKind kind, TraceDirection direction, in PacketFrame frame, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, int length, bool isSecret)
    {
        if (_matches.Count == 0) return;
        long time = Trace.Time(connection.Shard);
        byte[]? copy = null;
        ReadOnlySpan<byte> shown = head;
        if (isSecret)
        {
            copy = ArrayPool<byte>.Shared.Rent(head.Length);
            Span<byte> hidden = copy.AsSpan(0, head.Length);
            head.CopyTo(hidden);
            if (kind == TraceRecordKind.Packet) TraceSecrets.Hide(frame, hidden, Version);
            else TraceSecrets.Hide(hidden);
            shown = hidden;
        }
        ReadOnlySpan<byte> topic = default;
        bool hasTopic = false;
        foreach (TapMatch match in _matches)
        {
            if (match.Trace.IsOver) continue;
            if (match.Trace.Filter.HasTopic)
            {
                if (kind != TraceRecordKind.Packet) continue;
                if (!hasTopic && frame.Type == PacketType.Publish) topic = TopicOf(direction, frame, head);
                hasTopic = true;
                if (!match.IsAbout(direction, frame, head, topic)) continue;
            }
            match.Add(kind, time, connection, Number, Version, direction, length, match.Trace.ShowsPasswords && connection.Shard.Options.TracePasswords ? head : shown, rest);
        }
        if (copy is not null) ArrayPool<byte>.Shared.Return(copy, clearArray: true);
    }

    // The topic of a PUBLISH, of which the part in front of the payload is there at least; empty if it is not known.
    private ReadOnlySpan<byte> TopicOf(TraceDirection direction, scoped in PacketFrame frame, ReadOnlySpan<byte> head)
    {
        PacketFrame front = frame with { RemainingLength = head.Length - frame.HeaderLength };
        if (!PublishPacket.TryRead(front, head, Version, out PublishPacket publish, out _)) return default;
        if (Version != ProtocolVersion.V5 || publish.Properties.Number(PropertyId.TopicAlias) is not { } alias || alias is 0 or > ushort.MaxValue) return publish.Topic;
        InboundTopicAliases aliases = _aliases[(int)direction] ??= new InboundTopicAliases(ushort.MaxValue);
        if (aliases.Resolve(publish.Topic, alias, out ReadOnlySpan<byte> topic) == TopicAliasOutcome.Ok) return topic;
        // It has been given before the trace began.
        topic = direction == TraceDirection.ToClient ? connection.Publisher.TopicOf((ushort)alias)
            : connection.Aliases.Resolve(default, alias, out ReadOnlySpan<byte> known) == TopicAliasOutcome.Ok ? known : default;
        if (!topic.IsEmpty) aliases.Resolve(topic, alias, out _);
        return topic;
    }
}
