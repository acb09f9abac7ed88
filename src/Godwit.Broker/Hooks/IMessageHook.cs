using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Broker.Hooks;

/// <summary>A message as a hook sees it: views that are valid during the call only.</summary>
public readonly ref struct HookedMessage
{
    /// <summary>Who published it (message in) or receives it (message out); null for the broker's own messages.</summary>
    public ClientIdentity? Client { get; init; }

    /// <summary>The topic name in UTF-8.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The application message.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The QoS.</summary>
    public QoS QoS { get; init; }

    /// <summary>The RETAIN flag.</summary>
    public bool Retain { get; init; }

    /// <summary>The MQTT 5 properties that are passed on.</summary>
    public MqttProperties Properties { get; init; }
}

/// <summary>Sees messages come in and go out. Called on the event loops: must be quick and must not block.</summary>
public interface IMessageHook
{
    /// <summary>A client's message has been accepted and is about to be routed.</summary>
    /// <returns><see cref="ReasonCode.Success"/> to go on; an error refuses the message (MQTT 5 clients see the code, others a normal acknowledgement).</returns>
    ReasonCode OnMessageIn(in HookedMessage message);

    /// <summary>A message is about to be delivered to a client.</summary>
    /// <returns>False to drop it; the drop is counted.</returns>
    bool OnMessageOut(in HookedMessage message);
}
