using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Scale;

/// <summary>A client that sends CONNECT as soon as it is connected and reports what it receives.</summary>
internal class LoadClient(byte[] connect) : IConnectionHandler
{
    /// <summary>The connection, once it is open.</summary>
    public TransportConnection? Transport { get; private set; }

    /// <summary>Whether CONNACK has accepted it.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>Whether it has ended, or never began.</summary>
    public bool HasEnded { get; private set; }

    public void OnOpened(TransportConnection connection)
    {
        Transport = connection;
        connection.Write(connect);
    }

    public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        int consumed = 0;
        while (PacketFrame.Read(input[consumed..], ProtocolVersion.V311, int.MaxValue, out PacketFrame frame, out _) == FrameStatus.Complete)
        {
            if (frame.Type == PacketType.Connack) IsAccepted = input[consumed + frame.HeaderLength + 1] == 0;
            OnPacket(frame, input.Slice(consumed, frame.Length));
            consumed += frame.Length;
        }
        return consumed;
    }

    public void OnOutputDrained(TransportConnection connection)
    {
    }

    public void OnMoved(TransportConnection connection)
    {
    }

    public virtual void OnClosed(TransportConnection connection, CloseReason reason, Exception? error) => HasEnded = true;

    /// <summary>A packet has come.</summary>
    protected virtual void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
    }
}
