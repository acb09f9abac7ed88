using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;
using Godwit.Protocol;

namespace Godwit.Capture.Exports;

/// <summary>Packets for others to see: what is to be hidden is written over with asterisks, so that everything else keeps its place.</summary>
internal static class SecretMask
{
    public static byte[] Copy(in ObservedPacket packet, TextViewOptions options)
    {
        byte[] bytes = packet.Bytes.ToArray();
        bool mayHide = options.Redact || (!options.ShowPasswords && packet.Type is PacketType.Connect or PacketType.Connack or PacketType.Auth);
        if (!mayHide) return bytes;
        foreach (ExplainedField field in Explainer.ExplainPacket(bytes, options.Explaining(packet.Version)).Leaves.Where(field => field.IsHidden).ToList())
            bytes.AsSpan(field.Offset, field.Length).Fill((byte)'*');
        return bytes;
    }
}
