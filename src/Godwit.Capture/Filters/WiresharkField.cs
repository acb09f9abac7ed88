using Godwit.Protocol;

namespace Godwit.Capture.Filters;

/// <summary>A field of a packet under the name that Wireshark has for it.</summary>
/// <param name="Name">Wireshark's name: <c>mqtt.clientid</c>.</param>
/// <param name="Offset">The first byte, counted from the packet's first.</param>
/// <param name="Length">How many bytes; may be 0.</param>
/// <param name="Mask">The bits of the byte that belong to the field; 0xFF for whole bytes.</param>
/// <param name="Property">The property that it is a part of, or null.</param>
public readonly record struct WiresharkField(string Name, int Offset, int Length, byte Mask = 0xFF, PropertyId? Property = null)
{
    /// <summary>What it holds.</summary>
    public FieldKind Kind => WiresharkFields.KindOf(Name);

    /// <summary>Whether it is a password or a proof of one, whose value is not given.</summary>
    public bool IsSecret => Name == "mqtt.passwd" || (Name == "mqtt.prop_string" && Property == PropertyId.AuthenticationData);
}
