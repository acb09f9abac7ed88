// Records what happens on the loopback interface while a test lets real programs talk.
using System.Net;
using System.Net.Sockets;
using Godwit.Capture;
using Godwit.Capture.Exports;
using Godwit.Capture.Live;
using Xunit.Sdk;

namespace Godwit.Interop.Tests.Captures;

internal sealed class RecordedTraffic : IAsyncDisposable
{
    private readonly TcpListener _mark = new(IPAddress.Loopback, 0);
    private readonly FrameSource _source;
    private readonly FrameExport _file;
    private readonly Task _recording;

    /// <summary>Begins to record.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="ports">What is recorded.</param>
    public RecordedTraffic(string file, params int[] ports)
    {
        _mark.Start();
        try
        {
            _source = LiveCapture.Open(new LiveOptions { Interface = "lo", Ports = [MarkPort, .. ports] });
        }
        catch (LiveCaptureException e)
        {
            throw new XunitException($"This test captures on the loopback interface: run it as root or with CAP_NET_RAW.\n{e.Message}");
        }
        _file = new FrameExport(File.Create(file));
        _recording = Task.Run(Record);
    }

    private int MarkPort => ((IPEndPoint)_mark.LocalEndpoint).Port;

    /// <summary>Waits until everything that was sent until now is recorded.</summary>
    public async Task CompleteAsync()
    {
        // The interface shows frames in their order: behind this connection's nothing is missing.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, MarkPort);
        await _recording.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        _source.Stop();
        await _recording.WaitAsync(TimeSpan.FromSeconds(20));
        _file.Dispose();
        _source.Dispose();
        _mark.Dispose();
    }

    private void Record()
    {
        byte[] mark = [(byte)(MarkPort >> 8), (byte)MarkPort];
        while (_source.TryRead(out Frame frame))
        {
            // The first frame to that port: an IPv4 header without options behind an Ethernet header.
            if (frame.Bytes.Length >= 38 && frame.Bytes.Slice(36, 2).SequenceEqual(mark)) return;
            _file.OnFrame(frame, _source.Interfaces);
        }
    }
}
