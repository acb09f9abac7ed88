using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport.Memory;

/// <summary>One end of an in-memory pair.</summary>
internal sealed class MemoryEnd(EventLoop loop, IConnectionHandler handler, MemoryPipe incoming, MemoryPipe outgoing, int chunk, Arrival? arrival = null)
    : SignalledConnection(loop, handler)
{
    protected override EndPoint? DirectEndPoint => arrival?.Address is { } address ? new IPEndPoint(address, 0) : null;

    public override EndPoint? LocalEndPoint => null;

    public void AnnounceReadable() => Announce(Readable);

    public void AnnounceWritable() => Announce(Writable);

    public void Reset()
    {
        incoming.Reset();
        outgoing.Reset();
    }

    protected override void StartOpening()
    {
        if (arrival is null) Open();
        else Open(arrival);
    }

    protected override void ArmInput() => incoming.WaitForInput();

    protected override int Receive(Span<byte> buffer, out SocketError error) =>
        incoming.Read(buffer.Length > chunk ? buffer[..chunk] : buffer, out error);

    protected override int Send(OutputSegment first, out int offered, out SocketError error)
    {
        offered = first.Length;
        return outgoing.Write(first.Span, out error);
    }

    protected override void FinishIo() => outgoing.Finish();

    protected override void CloseIo()
    {
        outgoing.Finish();
        incoming.ReaderGone();
        DetachIo();
    }
}
