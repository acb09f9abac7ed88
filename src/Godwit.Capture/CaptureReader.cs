// The public entry: a capture is opened, and gives packets, findings and statistics. What it puts together is in CaptureAnalysis.cs; here is
// the loop that turns it.
using Godwit.Capture.Conversations;
using Godwit.Capture.Diagnosing;
using Godwit.Capture.Files;
using Godwit.Capture.Filters;
using Godwit.Capture.Findings;
using Godwit.Capture.Live;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Statistics;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tls;
using Godwit.Capture.Views;

namespace Godwit.Capture;

/// <summary>What a <see cref="CaptureReader"/> does.</summary>
public sealed record CaptureReaderOptions
{
    /// <summary>How streams are read as MQTT; null = the defaults.</summary>
    public MqttStreamsOptions? Mqtt { get; init; }

    /// <summary>Bounds of the layers below; null = the defaults.</summary>
    public CaptureOptions? Capture { get; init; }

    /// <summary>Where secrets of TLS are; null = only in the capture itself.</summary>
    public TlsKeyLog? Secrets { get; init; }

    /// <summary>Told of each packet with its context. Default: nobody.</summary>
    public IReadOnlyList<IPacketView> Views { get; init; } = [];

    /// <summary>Told of each frame, behind its packets. Default: nobody.</summary>
    public IReadOnlyList<IFrameView> FrameViews { get; init; } = [];

    /// <summary>Told of conversations: pictures, reports. Default: nobody.</summary>
    public IReadOnlyList<IConversationObserver> Conversations { get; init; } = [];

    /// <summary>Told of TCP segments. Default: nobody.</summary>
    public IReadOnlyList<ISegmentObserver> Segments { get; init; } = [];

    /// <summary>Told what the capture contains beside frames. Default: nobody.</summary>
    public IReadOnlyList<ICaptureNotes> Notes { get; init; } = [];

    /// <summary>Whether statistics are made. Default true; it takes a third of the time.</summary>
    public bool HasStatistics { get; init; } = true;
}

/// <summary>
/// Reads a capture from beginning to end: <c>using CaptureReader capture = CaptureReader.Open("site.pcapng");</c>, then either
/// <see cref="ReadPackets"/>, which gives packets to keep, or <see cref="Run"/>, which shows them to views without allocating. Once; not by
/// several threads.
/// </summary>
public sealed class CaptureReader : IDisposable
{
    private readonly List<IPacketView> _views;
    private readonly IFrameView[] _frameViews;
    private readonly ContextKeeper _keeper;
    private bool _isComplete;

    /// <summary>Reads from any source, which is closed with this.</summary>
    public CaptureReader(FrameSource source, CaptureReaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new CaptureReaderOptions();
        Source = source;
        _views = [.. options.Views];
        _frameViews = [.. options.FrameViews];
        _keeper = new ContextKeeper(_views);
        Statistics = options.HasStatistics ? new CaptureStatistics() : null;
        Analysis = new CaptureAnalysis(
            conversations: [.. Own<IConversationObserver>(), .. options.Conversations, _keeper], options: options.Mqtt, capture: options.Capture, secrets: options.Secrets,
            segments: [.. Own<ISegmentObserver>(), .. options.Segments]);
        Analysis.Findings.Observer = _keeper;
        if (Statistics is not null) Statistics.Budget.Counters = Counters;
        source.Notes = options.Notes.Count == 0 ? Analysis.Layers : new AllNotes([Analysis.Layers, .. options.Notes]);
    }

    /// <summary>Where the frames come from.</summary>
    public FrameSource Source { get; }

    /// <summary>What it puts together.</summary>
    public CaptureAnalysis Analysis { get; }

    /// <summary>What the rules have found by now.</summary>
    public FindingsCollector Findings => Analysis.Findings;

    /// <summary>The connections in trouble.</summary>
    public DiagnosisCollector Diagnoses => Analysis.Diagnoses;

    /// <summary>The conversations and clients.</summary>
    public ConversationTracker Conversations => Analysis.Conversations;

    /// <summary>What became of the frames.</summary>
    public CaptureCounters Counters => Analysis.Feed.Counters;

    /// <summary>The figures; null if not asked for.</summary>
    public CaptureStatistics? Statistics { get; }

    /// <summary>How many MQTT packets there were by now.</summary>
    public long Packets => Analysis.Streams.Packets;

    /// <summary>Connections that carry something else than MQTT, by kind.</summary>
    public IEnumerable<(ContentKind Kind, long Count)> Foreign => _keeper.Foreign;

    /// <summary>When the first frame was captured, in nanoseconds since 1970-01-01 00:00 UTC; 0 if there is none.</summary>
    public long FirstTime => _keeper.CaptureStart;

    /// <summary>When the latest frame was captured.</summary>
    public long LastTime { get; private set; }

    /// <summary>Opens a file: pcap or pcapng, also compressed with gzip; <c>-</c> = standard input.</summary>
    /// <exception cref="CaptureFormatException">It is no capture.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static CaptureReader Open(string path, CaptureReaderOptions? options = null) => new(CaptureFile.Open(path), options);

    /// <summary>Reads a capture from a stream.</summary>
    /// <exception cref="CaptureFormatException">It is no capture.</exception>
    public static CaptureReader Open(Stream stream, CaptureReaderOptions? options = null) => new(CaptureFile.Open(stream), options);

    /// <summary>Captures on this machine's interfaces, until it is told to stop.</summary>
    /// <exception cref="LiveCaptureException">The system does not let us, or there is no such interface.</exception>
    public static CaptureReader Open(LiveOptions live, CaptureReaderOptions? options = null) => new(LiveCapture.Open(live), options);

    /// <summary>Reads everything, and shows it to the views.</summary>
    /// <param name="cancellation">Ends before the source does; what was read is completed.</param>
    /// <exception cref="IOException">Reading failed.</exception>
    public void Run(CancellationToken cancellation = default)
    {
        using CancellationTokenRegistration registration = cancellation.Register(Source.Stop);
        while (!cancellation.IsCancellationRequested && Step())
        {
        }
        Complete();
    }

    /// <summary>
    /// Gives the packets one after the other, as copies that may be kept, and reads on in between. Findings and statistics are complete when it is
    /// at its end.
    /// </summary>
    /// <param name="filter">Which; null = all.</param>
    /// <param name="cancellation">Ends before the source does.</param>
    public IEnumerable<CapturedPacket> ReadPackets(CaptureFilter? filter = null, CancellationToken cancellation = default)
    {
        var copies = new PacketCopies(filter);
        _views.Add(copies);
        using CancellationTokenRegistration registration = cancellation.Register(Source.Stop);
        while (!cancellation.IsCancellationRequested && Step())
            while (copies.TryTake(out CapturedPacket? packet)) yield return packet;
        Complete();
        while (copies.TryTake(out CapturedPacket? packet)) yield return packet;
    }

    /// <summary>Closes the source.</summary>
    public void Dispose() => Source.Dispose();

    private T[] Own<T>() where T : class => Statistics is T statistics ? [statistics] : [];

    private bool Step()
    {
        if (!Source.TryRead(out Frame frame)) return false;
        if (_keeper.CaptureStart == 0) _keeper.CaptureStart = frame.Time;
        LastTime = Math.Max(LastTime, frame.Time);
        _keeper.OfFrame.Clear();
        Analysis.Feed.OnFrame(frame);
        foreach (IFrameView view in _frameViews) view.OnFrame(frame, Source.Interfaces);
        return true;
    }

    private sealed class AllNotes(ICaptureNotes[] notes) : ICaptureNotes
    {
        public void OnSecrets(uint type, ReadOnlySpan<byte> secrets)
        {
            foreach (ICaptureNotes one in notes) one.OnSecrets(type, secrets);
        }

        public void OnComment(string comment)
        {
            foreach (ICaptureNotes one in notes) one.OnComment(comment);
        }

        public void OnSilence()
        {
            foreach (ICaptureNotes one in notes) one.OnSilence();
        }
    }

    private void Complete()
    {
        if (_isComplete) return;
        _isComplete = true;
        Analysis.Feed.Complete();
    }
}
