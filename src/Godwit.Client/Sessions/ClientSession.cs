// What outlives a connection: messages in flight both ways, subscriptions, and what waits for the next connection. On the loop only.
using Godwit.Client.Connections;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Client.Sessions;

internal sealed class ClientSession
{
    private readonly MqttClientOptions _options;

    public ClientSession(MqttClientOptions options, MessageQueue queue)
    {
        _options = options;
        Publisher = new Publisher(this);
        Subscriptions = new Subscriptions(this);
        Receiver = new Receiver(this, queue, options.Version == ProtocolVersion.V5 ? options.ReceiveMaximum : ushort.MaxValue);
    }

    /// <summary>QoS 1 and 2 messages to the server, and the packet identifiers of all requests.</summary>
    public OutboundFlow<PublishOperation> Flow { get; } = new();

    public Publisher Publisher { get; }

    public Receiver Receiver { get; }

    public Subscriptions Subscriptions { get; }

    /// <summary>The connection, from CONNACK to its end; null while nothing may be sent.</summary>
    public ClientConnection? Connection
    {
        get => field is { IsConnected: true } ? field : null; // [MQTT-3.14.4-2], 5.0: [MQTT-3.14.4-1]
        private set;
    }

    /// <summary>Makes the exception for what is asked of a client that is not connected and does not try to be; null while it may be asked.</summary>
    public Func<MqttException>? Refusal { get; private set; } = NotConnected;

    /// <summary>Whether the application waits for the server.</summary>
    public bool IsWaiting => Publisher.IsWaiting || Subscriptions.IsWaiting;

    /// <summary>The client tries to connect: what is asked from now on waits for it.</summary>
    public void Open() => Refusal = null;

    /// <summary>The application has asked for something. If it waits for the answer, the answer has to be read.</summary>
    public void OnSubmitted()
    {
        if (IsWaiting) Connection?.ResumeReading();
    }

    /// <summary>CONNACK has come.</summary>
    public void OnConnected(ClientConnection connection, ConnectResult result, bool cleanStart)
    {
        Connection = connection;
        // MQTT 3.1 does not tell: without Clean Session the server may have one, and resending and subscribing again does no harm.
        bool isResumed = result.SessionPresent || (connection.Version == ProtocolVersion.V31 && !cleanStart);
        if (!isResumed)
        {
            Publisher.StartOver();
            Receiver.StartOver();
        }
        Flow.Resume(result.Limits.ReceiveMaximum); // [MQTT-4.4.0-1] [MQTT-3.3.4-7]
        Subscriptions.OnConnected(connection, renew: !result.SessionPresent);
        Publisher.Pump();
    }

    /// <summary>The connection has ended; another one may follow.</summary>
    public void OnConnectionLost()
    {
        Connection = null;
        Subscriptions.OnConnectionLost();
        Receiver.OnConnectionLost();
    }

    /// <summary>The client is disconnected and does not try again: whoever waits learns it.</summary>
    public void Close(Func<MqttException> reason, bool forGood = false)
    {
        Refusal = forGood ? reason : NotConnected;
        bool outlivesConnection = _options.Version == ProtocolVersion.V5 ? _options.SessionExpiryInterval > 0 : !_options.CleanStart;
        Subscriptions.Abandon(reason);
        Publisher.Abandon(reason, keepInFlight: outlivesConnection && !forGood);
    }

    private static MqttException NotConnected() => new("The client is not connected: call ConnectAsync first.");
}
