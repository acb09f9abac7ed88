// One TLS connection: follows the handshake, opens records as soon as there are secrets for them, and gives what is in them to the consumer of
// the content. Without secrets it says what can be known. The directions wait for each other only where one needs the other's hello.
using System.Buffers;
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tls;

internal sealed class TlsStream : IStreamConsumer, IDisposable
{
    // Records that do not open and are passed over: those of 0-RTT, or of a handshake whose secrets are missing.
    private const int MostUnopened = 256;

    private readonly LayerStreams _owner;
    private readonly StreamConnection _connection;
    private readonly TlsInfo _info;
    private readonly TlsHandshake _handshake;
    private readonly TlsRemarks _remarks;
    private readonly TlsDirection _fromInitiator, _fromResponder;
    private readonly HandshakeHandler _onHandshake;
    private TlsDirection _current; // of the record that is being looked at
    private LayerSniffer? _content;
    private LinkedListNode<TlsStream>? _waitingNode;
    private int _waitingLength;
    private bool _isSealed;

    public TlsStream(LayerStreams owner, StreamConnection connection)
    {
        (_owner, _connection) = (owner, connection);
        ConnectionLayers layers = LayerStreams.LayersOf(connection);
        _info = layers.Tls!;
        _handshake = new TlsHandshake(_info, owner.Secrets);
        _remarks = new TlsRemarks(owner, connection, _info);
        _fromInitiator = new TlsDirection(Side.Initiator, layers.FromInitiator);
        _fromResponder = new TlsDirection(Side.Responder, layers.FromResponder);
        _current = _fromInitiator;
        _onHandshake = (type, body) => _handshake.OnMessage(_current, type, body);
    }

    public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
    {
        TlsDirection direction = From(from);
        if (_isSealed) Count(direction, bytes, at);
        else if (direction.IsLost) direction.Bytes.Sealed += bytes.Length;
        else if (direction.Search is not null) SearchOn(direction, bytes, at);
        else if (direction.Records.HoleLength > 0) SkipHole(direction, bytes, at);
        else ReadRecords(direction, bytes, at);
    }

    public void OnGap(Side from, long count, Arrival at)
    {
        TlsDirection direction = From(from);
        if (_isSealed) direction.Counter!.Break();
        if (_isSealed || direction.IsLost) return;
        if (direction.Search is { } search) search.OnGap(count);
        else if (direction.Waiting.Count > 0) Lose(direction, TlsRemarks.Gap, at);
        else if (direction.Records.TrySkip(count)) SkipHole(direction, default, at);
        else if (direction.Protection is { Overhead: > 0 } && !(_handshake.IsVersion13 && direction.IsInHandshake))
        {
            direction.Handshake.Break();
            direction.Search = new RecordSearch(direction.Sequence, count + direction.Records.Forget());
        }
        else Lose(direction, TlsRemarks.Gap, at);
    }

    public void OnEnd(Side from, StreamEnd end, Arrival at)
    {
        From(from).HasEnded = true;
        Retry();
        if (_waitingLength > 0) Seal(at);
        _content?.OnEnd(from, end, at);
        if (end == StreamEnd.Closed && !(_fromInitiator.HasEnded && _fromResponder.HasEnded)) return;
        if (!_info.IsEstablished) _remarks.Unfinished(_handshake, at);
        Dispose();
    }

    /// <summary>Gives up what is kept. What comes afterwards is counted only.</summary>
    public void Dispose()
    {
        _fromInitiator.Dispose();
        _fromResponder.Dispose();
        StopWaiting();
        _isSealed = true;
    }

    /// <summary>Perhaps there are secrets now.</summary>
    public void Retry()
    {
        while (_waitingLength > 0)
        {
            (TlsDirection first, TlsDirection second) = InitiatorIsFirst() ? (_fromInitiator, _fromResponder) : (_fromResponder, _fromInitiator);
            if (!TryWaiting(first) && !TryWaiting(second)) return;
        }
        StopWaiting();
    }

    private TlsDirection From(Side side) => side == Side.Initiator ? _fromInitiator : _fromResponder;

    private void ReadRecords(TlsDirection direction, ReadOnlySpan<byte> bytes, Arrival at)
    {
        while (!direction.IsLost && direction.Records.TryNext(ref bytes, out ReadOnlySpan<byte> record))
        {
            bool isWaiting = direction.Waiting.Count > 0;
            if (isWaiting || !TryProcess(direction, record, at)) Wait(direction, record, at);
            else if (_waitingLength > 0) Retry();
            if (!_isSealed) continue;
            Count(direction, bytes, at);
            return;
        }
        if (direction.IsLost) direction.Bytes.Sealed += bytes.Length;
        else if (direction.Records.IsBroken) Lose(direction, _handshake.HasServerHello || direction.Side == _handshake.Client ? TlsRemarks.Damage : TlsRemarks.OtherAnswer, at);
    }

    private bool InitiatorIsFirst() => _fromInitiator.Waiting.TryPeek(out (byte[], Arrival At) one)
        && (!_fromResponder.Waiting.TryPeek(out (byte[], Arrival At) other) || one.At.Time <= other.At.Time);

    private bool TryWaiting(TlsDirection direction)
    {
        if (!direction.Waiting.TryPeek(out (byte[] Record, Arrival At) waiting) || !TryProcess(direction, waiting.Record, waiting.At)) return false;
        if (_isSealed) return true;
        direction.Waiting.Dequeue();
        _waitingLength -= waiting.Record.Length;
        _owner.Waiting -= waiting.Record.Length;
        return true;
    }

    // Also a ChangeCipherSpec: in TLS 1.3 it means nothing.
    private bool NeedsHello(RecordType type, TlsDirection direction) => !_handshake.HasServerHello && !direction.IsProtected
        && (type == RecordType.ApplicationData || (type == RecordType.ChangeCipherSpec && !_handshake.IsVersion13));

    private bool IsEncrypted(RecordType type, TlsDirection direction) =>
        _handshake.IsVersion13 ? type == RecordType.ApplicationData : direction.IsProtected;

    private KeyState LoadKeys(TlsDirection direction) => direction.Protection is not null ? KeyState.Ready : _handshake.TryLoadKeys(direction);

    // False if it has to wait.
    private bool TryProcess(TlsDirection direction, ReadOnlySpan<byte> record, Arrival at)
    {
        _current = direction;
        var type = (RecordType)record[0];
        if (NeedsHello(type, direction)) return false;
        if (!IsEncrypted(type, direction))
        {
            OnContent(direction, type, record[RecordHeader.Length..], record.Length, at);
            return true;
        }
        direction.IsProtected = direction.HasEncrypted = true;
        switch (LoadKeys(direction))
        {
            case KeyState.Missing:
                return false;
            case KeyState.Unsupported:
                Seal(at);
                return true;
        }
        byte[] target = ArrayPool<byte>.Shared.Rent(record.Length);
        try
        {
            int length = direction.Protection!.Open(record, direction.Sequence, target, out RecordType contentType);
            if (length < 0 && _handshake.IsVersion13 && direction.IsInHandshake) return TryWithoutHandshake(direction, record, at);
            if (length < 0)
            {
                OnUnopened(direction, record, mayPass: _handshake.IsVersion13 && direction.Sequence == 0, at);
                return true;
            }
            direction.Sequence++;
            OnContent(direction, contentType, target.AsSpan(0, length), record.Length, at);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(target);
        }
    }

    // A record that does not open by the keys of the handshake may be the first of the content, if the end of the handshake is missing.
    private bool TryWithoutHandshake(TlsDirection direction, ReadOnlySpan<byte> record, Arrival at)
    {
        bool isEarly = _info.HasEarlyData && direction.Side == _handshake.Client && direction.Sequence == 0;
        if (isEarly)
        {
            if (direction.Unopened == 0) _remarks.EarlyData(at);
            OnUnopened(direction, record, mayPass: true, at);
            return true;
        }
        if (!_handshake.TryUseTraffic(direction)) return false;
        direction.Sequence = 0;
        return TryProcess(direction, record, at);
    }

    private void OnUnopened(TlsDirection direction, ReadOnlySpan<byte> record, bool mayPass, Arrival at)
    {
        direction.Bytes.Sealed += record.Length;
        if (!mayPass || ++direction.Unopened > MostUnopened) Lose(direction, TlsRemarks.Damage, at);
    }

    // Content of a record, which was encrypted or not.
    private void OnContent(TlsDirection direction, RecordType type, ReadOnlySpan<byte> content, int recordLength, Arrival at)
    {
        if (type == RecordType.ApplicationData)
        {
            direction.Bytes.TlsRecords += recordLength - content.Length;
            (_info.IsDecrypted, _info.IsEstablished) = (true, true);
            _content ??= new LayerSniffer(_owner, _connection);
            if (!content.IsEmpty) _content.OnBytes(direction.Side, content, at);
            return;
        }
        direction.Bytes.TlsHandshake += recordLength;
        switch (type)
        {
            case RecordType.Handshake:
                direction.Handshake.Read(content, _onHandshake);
                _info.IsEstablished |= _fromInitiator.HasFinished && _fromResponder.HasFinished;
                break;
            case RecordType.Alert when content.Length == 2:
                _remarks.Alert(direction.Side, content[1], at);
                break;
            case RecordType.ChangeCipherSpec when !_handshake.IsVersion13:
                direction.IsProtected = true;
                direction.ChangeKeys();
                break;
        }
    }

    private void SkipHole(TlsDirection direction, ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (!direction.Records.TrySkipHole(ref bytes, out int length)) return;
        direction.Handshake.Break();
        if (direction.IsProtected)
        {
            direction.Sequence++;
            bool isContent = !(_handshake.IsVersion13 && direction.IsInHandshake);
            if (isContent && direction.Protection is { Overhead: > 0 } protection) _content?.OnGap(direction.Side, Math.Max(1, length - protection.Overhead), at);
            else if (isContent) Lose(direction, TlsRemarks.Gap, at);
        }
        OnBytes(direction.Side, bytes, at);
    }

    private void SearchOn(TlsDirection direction, ReadOnlySpan<byte> bytes, Arrival at)
    {
        RecordSearch search = direction.Search!;
        if (search.TryFind(bytes, direction.Protection!))
        {
            direction.Search = null;
            direction.Sequence = search.Sequence;
            direction.Handshake.Restart();
            _content?.OnGap(direction.Side, Math.Max(1, search.MissingContent), at);
            ReadRecords(direction, search.Found, at);
        }
        else if (search.IsHopeless) Lose(direction, TlsRemarks.Gap, at);
    }

    private void Wait(TlsDirection direction, ReadOnlySpan<byte> record, Arrival at)
    {
        bool needsHello = !_handshake.HasServerHello && _handshake.HasClientHello;
        bool hasRoom = _waitingLength + record.Length <= _owner.Options.MaxWaitingPerConnection && _owner.Waiting + record.Length <= _owner.Options.MaxWaiting;
        direction.Waiting.Enqueue((record.ToArray(), at));
        _waitingLength += record.Length;
        _owner.Waiting += record.Length;
        _waitingNode ??= _owner.Waits(this);
        if (!hasRoom || !(needsHello || (_handshake.HasClientHello && _owner.Secrets.MayGrow)))
        {
            Seal(at);
            return;
        }
        if (needsHello) return;
        _owner.Secrets.Refresh();
        Retry();
    }

    private void StopWaiting()
    {
        _owner.Waiting -= _waitingLength;
        _waitingLength = 0;
        if (_waitingNode is not null) _owner.WaitsNoMore(_waitingNode);
        _waitingNode = null;
    }

    // Nothing more can be opened; headers are still looked at.
    private void Seal(Arrival at)
    {
        if (_isSealed) return;
        _isSealed = true;
        StopWaiting();
        _remarks.Sealed(_handshake, at);
        foreach (TlsDirection direction in (ReadOnlySpan<TlsDirection>)[_fromInitiator, _fromResponder]) Count(direction, direction.Seal(), at);
    }

    private void Count(TlsDirection direction, ReadOnlySpan<byte> bytes, Arrival at)
    {
        direction.Bytes.Sealed += bytes.Length;
        if (direction.Counter is not { } counter) return;
        while (counter.TryNext(ref bytes, out RecordHeader header))
        {
            if (header.Type == RecordType.ChangeCipherSpec && !_handshake.IsVersion13) direction.IsProtected = true;
            else if (IsEncrypted(header.Type, direction)) OnSealedRecord(direction, header, at);
        }
    }

    private void OnSealedRecord(TlsDirection direction, RecordHeader header, Arrival at)
    {
        bool isFirst = !direction.HasEncrypted, isOfClient = direction.Side == _handshake.Client;
        direction.HasEncrypted = true;
        if (!_handshake.IsVersion13) _info.IsEstablished |= _fromInitiator.HasEncrypted && _fromResponder.HasEncrypted;
        else if (isOfClient && isFirst && TlsRemarks.IsAlert(header)) _remarks.HiddenRefusal(direction.Side, at);
        else if (isOfClient) _info.IsEstablished = true;
    }

    private void Lose(TlsDirection direction, string why, Arrival at)
    {
        if (direction.IsLost) return;
        direction.IsLost = true;
        direction.Search = null;
        _remarks.Lost(direction.Side, why, at);
    }
}
