using Godwit.Protocol;

namespace Godwit.Client;

/// <summary>
/// Sees every packet that a client sends and receives, as bytes. Called on the loop: it must not block, and the bytes are valid only
/// during the call.
/// </summary>
public interface IPacketObserver
{
    /// <summary>A packet goes out.</summary>
    /// <param name="frame">Its fixed header.</param>
    /// <param name="packet">The whole packet.</param>
    void OnSent(in PacketFrame frame, ReadOnlySpan<byte> packet);

    /// <summary>A packet has come.</summary>
    /// <param name="frame">Its fixed header.</param>
    /// <param name="packet">The whole packet.</param>
    void OnReceived(in PacketFrame frame, ReadOnlySpan<byte> packet);
}
