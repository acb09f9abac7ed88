// What loops send each other. During a turn a shard collects everything for another shard in one batch of mail; at the end of the
// turn the batch is posted, so the other loop is woken at most once. Small messages are copied into the batch's bytes, those that are on
// the heap and large payloads travel by reference. Order from one publisher to one subscriber is the order of the mail.
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Routing;

/// <summary>One batch of mail from one shard to another.</summary>
internal sealed class Mail(Shard to, Outbox outbox) : ILoopWork
{
    // What a message takes beside its bytes; otherwise millions of empty ones would fit into a batch.
    private const int EntrySize = 80;
    private const int EntriesKept = 16 * 1024;

    private Entry[] _entries = new Entry[64];
    private byte[] _bytes = new byte[16 * 1024];
    private int _used;

    /// <summary>Bytes it takes, those of large messages included: what the outbox bounds.</summary>
    public int Size { get; private set; }

    /// <summary>Messages in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a message; <see cref="Shard.Mail"/> says what target and place may be.</summary>
    public void Add(ref PublicationView view, object? target, long place)
    {
        if (Count == _entries.Length) Array.Resize(ref _entries, Count * 2);
        ref Entry entry = ref _entries[Count++];
        entry.Target = target;
        entry.Place = place;
        entry.Level = view.Level;
        entry.Publisher = view.Publisher;
        Size += EntrySize + view.Topic.Length + view.Properties.Length + view.Payload.Length;
        if (view.Kept is not null || (view.OwnedPayload is not null && view.Buffer is null))
        {
            entry.Carrier = view.Keep();
            return;
        }
        entry.Offset = _used;
        entry.TopicLength = view.Topic.Length;
        entry.PropertiesLength = view.Properties.Length;
        entry.PayloadLength = view.Payload.Length;
        entry.QoS = view.QoS;
        entry.Retain = view.Retain;
        entry.ExpiresAt = view.ExpiresAt;
        Append(view.Topic);
        Append(view.Properties);
        if (view.Buffer is { } buffer)
        {
            buffer.Retain();
            entry.Carrier = buffer;
            new ReadOnlySpan<byte>(buffer.Bytes).Overlaps(view.Payload, out entry.PayloadOffset);
        }
        else
        {
            Append(view.Payload);
        }
    }

    /// <summary>Runs on the receiving loop: delivers everything, then gives the batch back for reuse.</summary>
    public void Run(EventLoop loop)
    {
        for (int i = 0; i < Count; i++)
        {
            PublicationView view = ViewOf(_entries[i]);
            to.Receive(ref view, _entries[i].Target, _entries[i].Place);
            view.Buffer?.Release();
        }
        if (_entries.Length > EntriesKept) _entries = new Entry[64]; // a burst's memory is given back
        else Array.Clear(_entries, 0, Count);
        (int size, int count) = (Size, Count);
        Count = _used = Size = 0;
        if (_bytes.Length > 2 * outbox.LargestBatch) _bytes = new byte[16 * 1024];
        outbox.Return(this, size, count);
    }

    private PublicationView ViewOf(in Entry entry)
    {
        PublicationView view;
        if (entry.Carrier is Publication kept)
        {
            view = kept.View();
            view.Publisher = entry.Publisher;
            view.Level = entry.Level;
            return view;
        }
        ReadOnlySpan<byte> bytes = _bytes.AsSpan(entry.Offset);
        view = new PublicationView
        {
            Topic = bytes[..entry.TopicLength],
            Properties = bytes.Slice(entry.TopicLength, entry.PropertiesLength),
            QoS = entry.QoS,
            Retain = entry.Retain,
            ExpiresAt = entry.ExpiresAt,
            Publisher = entry.Publisher,
        };
        if (entry.Carrier is SharedBuffer buffer) view.SetBuffer(buffer, entry.PayloadOffset, entry.PayloadLength);
        else view.Payload = bytes.Slice(entry.TopicLength + entry.PropertiesLength, entry.PayloadLength);
        return view;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _used < bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(_used));
        _used += bytes.Length;
    }

    private struct Entry
    {
        public object? Target;
        public object? Carrier; // a Publication, or the SharedBuffer that the payload lies in; null if it was copied
        public ClientSession? Publisher;
        public long ExpiresAt;
        public long Place;
        public int Offset, TopicLength, PropertiesLength, PayloadLength, PayloadOffset;
        public QoS QoS;
        public bool Retain;
        public AcknowledgementLevel Level;
    }
}
