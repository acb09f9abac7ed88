using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Files;

public class PublicCaptureTests
{
    // As tshark -q -z conv,tcp and -z follow,tcp,raw,N have it.
    [Theory]
    [InlineData("mqtt31-pub-qos2.pcap", "38196>1883 81/12")]
    [InlineData("mqtt311-pub-qos1.pcap", "38500>1883 75/8")]
    [InlineData("mqtt5-pub-props.pcap", "38764>1883 334/13")]
    [InlineData("zeek-mqtt.pcap", "49327>1883 67/94 49330>1883 66/4")]
    public void CaptureFile_PublicCapture_GivesItsStreams(string file, string expected)
    {
        var streams = new RecordedStreams();
        var feed = new FrameFeed(streams);
        using FrameSource source = CaptureFile.Open(Repository.PathOf($"tests/captures/{file}"));

        feed.Run(source);

        Assert.Equal(expected, string.Join(' ', streams.All.Select(stream =>
            $"{stream.Connection.Initiator.Port}>{stream.Connection.Responder.Port} {stream.BytesOf(Side.Initiator).Length}/{stream.BytesOf(Side.Responder).Length}")));
        Assert.Null(source.Damage);
    }
}
