// The way in for sources that have streams and no frames, such as a proxy: what CaptureReader.cs is for captures.
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Views;

namespace Godwit.Capture;

/// <summary>Reads the streams of connections as MQTT while they come, and shows the packets to views. Not to be used by several threads at once.</summary>
public sealed class PacketStreams : IStreamConsumerFactory
{
    private readonly CaptureAnalysis _analysis;
    private readonly ContextKeeper _keeper;

    /// <summary>Begins with no connection.</summary>
    /// <param name="views">Told of each packet with its context.</param>
    /// <param name="options">How streams are read as MQTT; null = the defaults.</param>
    public PacketStreams(IReadOnlyList<IPacketView> views, MqttStreamsOptions? options = null)
    {
        _keeper = new ContextKeeper([.. views]);
        _analysis = new CaptureAnalysis(conversations: [_keeper], options: options);
        _analysis.Findings.Observer = _keeper;
    }

    /// <summary>How many MQTT packets there were by now.</summary>
    public long Packets => _analysis.Streams.Packets;

    /// <inheritdoc/>
    public IStreamConsumer Open(StreamConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (_keeper.CaptureStart == 0) _keeper.CaptureStart = connection.Opened.Time;
        return new Stream(_keeper, connection.Known is null ? _analysis.Layers.Open(connection) : _analysis.Streams.Open(connection));
    }

    // Findings are shown with the packets of the bytes that showed them.
    private sealed class Stream(ContextKeeper keeper, IStreamConsumer inner) : IStreamConsumer
    {
        public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
        {
            keeper.OfFrame.Clear();
            inner.OnBytes(from, bytes, at);
        }

        public void OnGap(Side from, long count, Arrival at) => inner.OnGap(from, count, at);

        public void OnEnd(Side from, StreamEnd end, Arrival at) => inner.OnEnd(from, end, at);
    }
}
