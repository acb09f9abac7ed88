// A consumer that keeps what it is told, for assertions.
using System.Text;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tests.Tcp;

/// <summary>What came of one connection.</summary>
internal sealed class RecordedStream(StreamConnection connection) : IStreamConsumer
{
    private readonly MemoryStream[] _bytes = [new(), new()];

    public StreamConnection Connection => connection;

    /// <summary>Each call, in short: <c>I+5</c> bytes of the initiator, <c>R-7</c> a gap of the responder, <c>I:Closed</c>.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Frames of the calls.</summary>
    public List<long> Frames { get; } = [];

    public StreamEnd? LastEnd { get; private set; }

    public int[] Ends { get; } = new int[2];

    public byte[] BytesOf(Side side) => _bytes[(int)side].ToArray();

    public string TextOf(Side side) => Encoding.Latin1.GetString(BytesOf(side));

    public override string ToString() => string.Join(' ', Events);

    public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
    {
        Assert.False(bytes.IsEmpty);
        Note(from, $"+{bytes.Length}", at);
        _bytes[(int)from].Write(bytes);
    }

    public void OnGap(Side from, long count, Arrival at)
    {
        Assert.True(count > 0);
        Note(from, $"-{count}", at);
        // Visible in comparisons, and no memory for huge gaps.
        for (int i = 0; i < Math.Min(count, 100_000); i++) _bytes[(int)from].WriteByte((byte)'?');
    }

    public void OnEnd(Side from, StreamEnd end, Arrival at)
    {
        Note(from, $":{end}", at);
        LastEnd = end;
        Ends[(int)from]++;
    }

    private void Note(Side from, string what, Arrival at)
    {
        Assert.True(LastEnd is null or StreamEnd.Closed, "something came after the end");
        Assert.True(Ends[(int)from] == 0, "something came after the end of a direction");
        Events.Add($"{(from == Side.Initiator ? 'I' : 'R')}{what}");
        Frames.Add(at.Frame);
    }
}

/// <summary>Keeps what comes of all connections.</summary>
internal sealed class RecordedStreams : IStreamConsumerFactory
{
    public List<RecordedStream> All { get; } = [];

    public RecordedStream Single => Assert.Single(All);

    public IStreamConsumer Open(StreamConnection connection)
    {
        var stream = new RecordedStream(connection);
        All.Add(stream);
        return stream;
    }
}
