using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Capture.Conversations;

/// <summary>One connection as a conversation: what the two sides have told each other, and what is going on between them.</summary>
public sealed class Conversation
{
    internal Conversation(ObservedConnection connection, Arrival at)
    {
        Connection = connection;
        LastAt = [at, at];
        BeganAt = at;
    }

    /// <summary>The connection.</summary>
    public ObservedConnection Connection { get; }

    /// <summary>Its first packet, or what comes first of it.</summary>
    public Arrival BeganAt { get; }

    /// <summary>The client over all its connections; null as long as no client identifier is known.</summary>
    public ClientHistory? Client { get; internal set; }

    /// <summary>The client identifier; null if CONNECT was not seen and the source does not know it, empty if the client has none.</summary>
    public string? ClientId
    {
        get;
        internal set
        {
            field = value;
            ClientIdBytes = value is null ? default : System.Text.Encoding.UTF8.GetBytes(value);
        }
    }

    /// <summary>The same in UTF-8, for those who compare and print it with each packet.</summary>
    public ReadOnlyMemory<byte> ClientIdBytes { get; private set; }

    /// <summary>The number of CONNECT; 0 if it was not seen.</summary>
    public long Connect { get; internal set; }

    /// <summary>When CONNECT was complete.</summary>
    public Arrival ConnectAt { get; internal set; }

    /// <summary>CONNECT as it came, its first 4,096 bytes; contains the password. Empty if it was not seen.</summary>
    public ReadOnlyMemory<byte> ConnectBytes { get; internal set; }

    /// <summary>What is wrong with CONNECT; null if nothing is.</summary>
    public Violation? ConnectViolation { get; internal set; }

    /// <summary>The number of CONNACK; 0 if there was none.</summary>
    public long Connack { get; internal set; }

    /// <summary>CONNACK's code as it came: a return code, or a reason code in MQTT 5.</summary>
    public byte ConnackCode { get; internal set; }

    /// <summary>CONNACK's Reason String; null if it has none.</summary>
    public string? ConnackReason { get; internal set; }

    /// <summary>Whether the server has accepted the client.</summary>
    public bool IsAccepted => Connack != 0 && ConnackCode == 0;

    /// <summary>Clean Session, or Clean Start.</summary>
    public bool IsClean { get; internal set; }

    /// <summary>Session Present of CONNACK.</summary>
    public bool IsSessionPresent { get; internal set; }

    /// <summary>Seconds: the Server Keep Alive of CONNACK, else CONNECT's.</summary>
    public ushort KeepAlive { get; internal set; }

    /// <summary>Whether CONNECT has a user name.</summary>
    public bool HasUserName { get; internal set; }

    /// <summary>Whether CONNECT has a password.</summary>
    public bool HasPassword { get; internal set; }

    /// <summary>The will's topic; empty if there is none.</summary>
    public ReadOnlyMemory<byte> WillTopic { get; internal set; }

    /// <summary>The will's payload.</summary>
    public ReadOnlyMemory<byte> WillPayload { get; internal set; }

    /// <summary>Seconds of Will Delay Interval.</summary>
    public uint WillDelay { get; internal set; }

    /// <summary>What the client has announced in CONNECT.</summary>
    public ConnectionLimits ClientLimits { get; internal set; } = ConnectionLimits.Default;

    /// <summary>What the server has announced in CONNACK.</summary>
    public ConnectionLimits ServerLimits { get; internal set; } = ConnectionLimits.Default;

    /// <summary>Seconds that the session outlives the connection; <see cref="uint.MaxValue"/> for ever.</summary>
    public uint SessionExpiry { get; internal set; }

    /// <summary>The number of DISCONNECT; 0 if there was none.</summary>
    public long Disconnect { get; internal set; }

    /// <summary>Who has sent DISCONNECT.</summary>
    public Side DisconnectedBy { get; internal set; }

    /// <summary>DISCONNECT's reason code; Success before MQTT 5.</summary>
    public ReasonCode DisconnectCode { get; internal set; }

    /// <summary>How the connection ended.</summary>
    public ClosingKind Closing { get; internal set; }

    /// <summary>Who has closed first, by DISCONNECT, FIN or RST.</summary>
    public Side ClosedBy { get; internal set; }

    /// <summary>When.</summary>
    public Arrival ClosedAt { get; internal set; }

    /// <summary>Whether another connection with the same client identifier came while this one was open: the number of its CONNECT, or 0.</summary>
    public long TakenOverBy { get; internal set; }

    /// <summary>Packets from the client, and from the server.</summary>
    public (long FromClient, long FromServer) Packets { get; internal set; }

    /// <summary>Bytes of those packets.</summary>
    public (long FromClient, long FromServer) Bytes { get; internal set; }

    /// <summary>SUBSCRIBE and UNSUBSCRIBE: the filters that the SUBACK or UNSUBACK just seen answers, in their order. Empty if they were not seen.</summary>
    public IReadOnlyList<RequestedFilter> AnsweredFilters { get; internal set; } = [];

    /// <summary>The identifiers that are in flight now: sent by that side, and not finished.</summary>
    public int InFlightFrom(Side side) => Flows[DirectionOf(side)].Count;

    /// <summary>When this side has last sent a packet.</summary>
    public Arrival LastFrom(Side side) => LastAt[(int)side];

    internal bool IsOver { get; set; }

    internal Arrival[] LastAt { get; }

    internal InFlight[] Flows { get; set; } = [new(), new()];

    internal InboundFlow[] Inbound { get; } = [new(), new()];

    internal Queue<(long Number, Arrival At)> Pings { get; } = new();

    internal Dictionary<ushort, List<RequestedFilter>> Requested { get; } = [];

    internal ServerKeepAlive KeepAliveClock { get; set; }

    internal bool IsSilenceReported { get; set; }

    // Small acknowledged messages, and since when they are counted.
    internal (int Count, long FirstTime) SmallMessages { get; set; }

    internal bool[] HasClosed { get; } = new bool[2];

    /// <summary>0 from the client, 1 from the server.</summary>
    internal int DirectionOf(Side side) => side == Connection.ClientSide ? 0 : 1;

    internal Side SideOf(int direction) => direction == 0 ? Connection.ClientSide : 1 - Connection.ClientSide;
}

/// <summary>A filter in a SUBSCRIBE or UNSUBSCRIBE.</summary>
/// <param name="Filter">The topic filter.</param>
/// <param name="Options">Its options; default for UNSUBSCRIBE.</param>
public readonly record struct RequestedFilter(string Filter, SubscriptionOptions Options);
