using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

/// <summary>Which peers speak which versions.</summary>
public static class Matrix
{
    private static readonly PeerKind[] Peers = Enum.GetValues<PeerKind>();

    /// <summary>Every peer with every version.</summary>
    public static TheoryData<PeerKind, ProtocolVersion> All { get; } =
        With(ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5);

    /// <summary>Every peer with MQTT 5.</summary>
    public static TheoryData<PeerKind> Mqtt5 { get; } = new(Peers);

    /// <summary>Who is on the other side: mosquitto's tools, and for these Paho C; both start quickly.</summary>
    public static PeerKind Other(PeerKind peer) => peer == PeerKind.Mosquitto ? PeerKind.PahoC : PeerKind.Mosquitto;

    private static TheoryData<PeerKind, ProtocolVersion> With(params ProtocolVersion[] versions)
    {
        var data = new TheoryData<PeerKind, ProtocolVersion>();
        foreach (PeerKind peer in Peers)
            foreach (ProtocolVersion version in versions)
                data.Add(peer, version);
        return data;
    }
}
