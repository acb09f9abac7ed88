using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Client.Connections;

/// <summary>CONNACK (section 3.2) as the application sees it.</summary>
internal static class ConnackReader
{
    public static ConnectResult Read(in ConnackPacket connack, ProtocolVersion version)
    {
        var result = new ConnectResult
        {
            ReasonCode = connack.ReasonCode(version),
            ReturnCode = version == ProtocolVersion.V5 ? null : (ConnectReturnCode)connack.Code,
            SessionPresent = connack.SessionPresent,
        };
        MqttProperties properties = connack.Properties;
        if (properties.IsEmpty) return result;
        return result with
        {
            Limits = ConnectionLimits.From(properties),
            AssignedClientIdentifier = Text.Find(properties, PropertyId.AssignedClientIdentifier),
            ReasonString = Text.Find(properties, PropertyId.ReasonString),
            ResponseInformation = Text.Find(properties, PropertyId.ResponseInformation),
            ServerReference = Text.Find(properties, PropertyId.ServerReference),
            AuthenticationData = Text.FindBytes(properties, PropertyId.AuthenticationData),
            UserProperties = Text.UserProperties(properties),
        };
    }
}
