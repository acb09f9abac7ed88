// Every line the broker logs. Where Mosquitto has a line for the same thing the words are the same, because people grep for them.
using System.Net;
using System.Text;
using Godwit.Broker.Connections;
using Godwit.Broker.Limits;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Broker.Telemetry;

internal sealed partial class LogMessages(ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Whether every packet is logged (level Debug): asked before anything is put together for it.</summary>
    public bool Packets { get; private set; } = logger.IsEnabled(LogLevel.Debug);

    /// <summary>Asks again what is logged.</summary>
    public void Refresh() => Packets = _logger.IsEnabled(LogLevel.Debug);

    [LoggerMessage(1, LogLevel.Information, "godwit version {Version} starting ({Loops} event loops, {Backend}).")]
    public partial void Starting(string version, int loops, string backend);

    [LoggerMessage(2, LogLevel.Information, "Listening on {EndPoint}.")]
    public partial void Listening(string endPoint);

    public void Terminating(int connections, string? store) => Stopping(connections, store is null ? "sessions in memory end" : $"sessions are kept in {store}");

    [LoggerMessage(3, LogLevel.Information, "godwit terminating: {Connections} connections are told, {Sessions}.")]
    private partial void Stopping(int connections, string sessions);

    [LoggerMessage(4, LogLevel.Information, "Restored from {Store}: {Sessions} sessions, {Queued} queued messages, {Retained} retained messages, in {Milliseconds} ms.")]
    public partial void Restored(string store, int sessions, long queued, int retained, long milliseconds);

    [LoggerMessage(5, LogLevel.Information, "Acknowledgements mean '{Level}' on {EndPoint}.")]
    public partial void Acknowledges(string level, EndPoint endPoint);

    [LoggerMessage(6, LogLevel.Error, "The store {Store} fails: {Reason} Messages that need it are refused (MQTT 5) or not acknowledged; it is tried again every second.")]
    public partial void StoreFailed(string store, string reason, Exception? exception);

    [LoggerMessage(7, LogLevel.Warning, "The store {Store} works again; nothing that was waiting is lost.")]
    public partial void StoreRecovered(string store);

    [LoggerMessage(9, LogLevel.Error, "{Damage} Messages behind it wait. Stop the broker and start it again: it keeps the damaged file and saves what can be read.")]
    public partial void StoreDamaged(string damage);

    [LoggerMessage(8, LogLevel.Error, "What was waiting for the store {Store} could not be written before the end: {Operations} changes are lost. None of them was acknowledged.")]
    public partial void StoreGivenUp(string store, int operations);

    public void NewConnection(TransportConnection connection)
    {
        if (_logger.IsEnabled(LogLevel.Information)) NewConnection(Text(connection.RemoteEndPoint), (connection.LocalEndPoint as IPEndPoint)?.Port ?? 0);
    }

    [LoggerMessage(10, LogLevel.Information, "New connection from {Remote} on port {Port}.", SkipEnabledCheck = true)]
    private partial void NewConnection(string remote, int port);

    public void ClientConnected(TransportConnection connection, ConnectRequest request)
    {
        if (!_logger.IsEnabled(LogLevel.Information)) return;
        // Mosquitto's numbers: 1 is 3.1, 2 is 3.1.1, 5 is 5.0.
        int protocol = request.Version switch { ProtocolVersion.V31 => 1, ProtocolVersion.V311 => 2, _ => 5 };
        string user = request.UserName is null ? "" : $", u'{request.UserName}'";
        ClientConnected(Text(connection.RemoteEndPoint), request.ClientId, protocol, request.CleanStart ? 1 : 0, request.KeepAlive, user);
    }

    [LoggerMessage(11, LogLevel.Information, "New client connected from {Remote} as {ClientId} (p{Protocol}, c{CleanStart}, k{KeepAlive}{User}).", SkipEnabledCheck = true)]
    private partial void ClientConnected(string remote, string clientId, int protocol, int cleanStart, int keepAlive, string user);

    public void ClientEnded(string clientId, EndReason reason, string? detail)
    {
        if (_logger.IsEnabled(LogLevel.Information)) ClientEnded(clientId, reason.Text(), detail is null ? "" : $": {detail}");
    }

    [LoggerMessage(12, LogLevel.Information, "Client {ClientId} {Reason}{Detail}.", SkipEnabledCheck = true)]
    private partial void ClientEnded(string clientId, string reason, string detail);

    public void ConnectionEnded(string name, EndReason reason, string? detail)
    {
        if (_logger.IsEnabled(LogLevel.Information)) ConnectionEnded(name, reason.Text(), detail is null ? "" : $": {detail}");
    }

    [LoggerMessage(13, LogLevel.Information, "Connection {Name} {Reason}{Detail}.", SkipEnabledCheck = true)]
    private partial void ConnectionEnded(string name, string reason, string detail);

    [LoggerMessage(14, LogLevel.Information, "Client {ClientId} already connected, closing old connection.")]
    public partial void AlreadyConnected(string clientId);

    [LoggerMessage(15, LogLevel.Warning, "Client {Name} ({Remote}) broke the protocol: {Violation}.")]
    public partial void Violation(string name, EndPoint? remote, string violation);

    [LoggerMessage(16, LogLevel.Warning, "{Remote} sent a TLS client hello: this looks like a TLS client on the plain MQTT port. Let it connect to a TLS listener, or switch TLS off in the client.")]
    public partial void LooksLikeTls(EndPoint? remote);

    [LoggerMessage(17, LogLevel.Warning, "{Remote} sent an HTTP request to the MQTT port. A browser or WebSocket client needs a WebSocket listener.")]
    public partial void LooksLikeHttp(EndPoint? remote);

    [LoggerMessage(18, LogLevel.Information, "Will of client {ClientId} published to '{Topic}'.")]
    public partial void WillPublished(string clientId, string topic);

    [LoggerMessage(21, LogLevel.Warning, "Client {ClientId} may not subscribe to '{Filter}'.")]
    public partial void SubscribeDenied(string clientId, string filter);

    [LoggerMessage(EventId = 23, Message = "Lost in {Seconds} seconds: {Count} messages, {Name} ({Reason}). {Clients} clients, most of them {Client}: {ClientCount}, below '{Topic}'.")]
    public partial void Losses(LogLevel level, long seconds, long count, string name, string reason, int clients, string client, long clientCount, string topic);

    [LoggerMessage(24, LogLevel.Warning, "Removed in {Seconds} seconds: {Count} sessions. More than {Limit} clients were away (--max-offline-sessions).")]
    public partial void SessionsRemoved(long seconds, int count, int limit);

    [LoggerMessage(25, LogLevel.Information, "Session {ClientId} deleted by {Administrator}.")]
    public partial void SessionDeleted(string clientId, string administrator);

    [LoggerMessage(26, LogLevel.Warning, "Memory is short: {Used} of {Budget} are used ({Kinds}). Publishers are slowed down.{By}")]
    public partial void MemorySlow(string used, string budget, string kinds, string by);

    [LoggerMessage(27, LogLevel.Warning, "Memory is used up: {Used} of {Budget} ({Kinds}). What the broker can do without is given up.{By}")]
    public partial void MemoryShed(string used, string budget, string kinds, string by);

    [LoggerMessage(28, LogLevel.Information, "Memory is no longer short: {Used} of {Budget} are used.")]
    public partial void MemoryNormal(string used, string budget);

    [LoggerMessage(29, LogLevel.Warning, "Refused {Count} connections: {Reason}. The last: {Last}.")]
    public partial void ConnectionsRefused(long count, string reason, string last);

    [LoggerMessage(33, LogLevel.Warning, "Banned by {Administrator}: {Whom}{Until}{Reason}.")]
    private partial void Banned(string administrator, string whom, string until, string reason);

    public void Banned(Ban ban) => Banned(ban.By!, ban.Whom, ban.Until is { } until ? $" until {until:u}" : "", ban.Reason is null ? "" : $" ({ban.Reason})");

    [LoggerMessage(34, LogLevel.Warning, "No longer banned, says {Administrator}: {Whom}.")]
    public partial void Unbanned(string administrator, string whom);

    [LoggerMessage(30, LogLevel.Error, "Serving client {Name} failed; its connection is closed.")]
    public partial void HandlerFailed(string name, Exception exception);

    [LoggerMessage(31, LogLevel.Error, "The authenticator failed for client {Name}; the client is refused.")]
    public partial void AuthenticatorFailed(string name, Exception exception);

    [LoggerMessage(32, LogLevel.Error, "{Hook} threw an exception: the message or request it was asked about is refused.")]
    public partial void HookFailed(Type hook, Exception exception);

    [LoggerMessage(50, LogLevel.Information, "No longer listening on {EndPoint}; its connections go on.")]
    public partial void NoLongerListening(string endPoint);

    [LoggerMessage(51, LogLevel.Information, "Client {ClientId} may no longer subscribe to '{Filter}': the subscription is removed.")]
    public partial void SubscriptionRemoved(string clientId, string filter);

    [LoggerMessage(52, LogLevel.Information, "Client {ClientId} may no longer publish to '{Topic}': its will is removed.")]
    public partial void WillRemoved(string clientId, string topic);

    [LoggerMessage(53, LogLevel.Error, "The authenticator failed when it was asked again about client {Name}; the client stays connected.")]
    public partial void ReviewFailed(string name, Exception exception);

    [LoggerMessage(54, LogLevel.Information, "Trace {Number} begun by {Administrator}: {What}{Passwords}.")]
    public partial void TraceBegun(int number, string administrator, string what, string passwords);

    [LoggerMessage(55, LogLevel.Information, "Trace {Number} of {Administrator} ended: {Packets} packets, and {Dropped} that were left out.")]
    public partial void TraceEnded(int number, string administrator, long packets, long dropped);

    // Packets, with -v. SkipEnabledCheck: the callers have asked Packets.
    public void ConnectReceived(EndPoint? remote, in ConnectPacket connect) =>
        PacketLine($"Received CONNECT from {Text(remote)} as {Text(connect.ClientId)}");

    public void ConnackSent(string name, bool sessionPresent, byte code) => PacketLine($"Sending CONNACK to {name} ({(sessionPresent ? 1 : 0)}, {code})");

    public void PublishReceived(string name, in PublishPacket publish) => PacketLine(
        $"Received PUBLISH from {name} (d{(publish.Dup ? 1 : 0)}, q{(int)publish.QoS}, r{(publish.Retain ? 1 : 0)}, m{publish.PacketId}, '{Text(publish.Topic)}', ... ({publish.Payload.Length} bytes))");

    public void PublishDenied(string name, ReadOnlySpan<byte> topic) => PacketLine($"Denied PUBLISH from {name} ('{Text(topic)}')");

    public void PublishSent(string name, bool dup, QoS qos, bool retain, ushort packetId, ReadOnlySpan<byte> topic, int length) => PacketLine(
        $"Sending PUBLISH to {name} (d{(dup ? 1 : 0)}, q{(int)qos}, r{(retain ? 1 : 0)}, m{packetId}, '{Text(topic)}', ... ({length} bytes))");

    public void AckReceived(string name, PacketType type, ushort packetId, ReasonCode code) =>
        PacketLine($"Received {type.Name()} from {name} (Mid: {packetId}, RC:{(byte)code})");

    public void AckSent(string name, PacketType type, ushort packetId, ReasonCode code) =>
        PacketLine($"Sending {type.Name()} to {name} (m{packetId}, rc{(byte)code})");

    public void SubscribeReceived(string name) => PacketLine($"Received SUBSCRIBE from {name}");

    public void UnsubscribeReceived(string name) => PacketLine($"Received UNSUBSCRIBE from {name}");

    public void Filter(ReadOnlySpan<byte> filter, QoS qos, ReasonCode code) =>
        PacketLine(code.IsError() ? $"\t{Text(filter)} (refused: {code.Name()})" : $"\t{Text(filter)} (QoS {(int)qos})");

    public void SubackSent(string name, PacketType type) => PacketLine($"Sending {type.Name()} to {name}");

    public void PingReceived(string name) => PacketLine($"Received PINGREQ from {name}");

    public void PingSent(string name) => PacketLine($"Sending PINGRESP to {name}");

    public void DisconnectReceived(string name, ReasonCode code) =>
        PacketLine(code == ReasonCode.Success ? $"Received DISCONNECT from {name}" : $"Received DISCONNECT from {name} ({code.Describe(PacketType.Disconnect)})");

    public void DisconnectSent(string name, ReasonCode code) => PacketLine($"Sending DISCONNECT to {name} (rc{(byte)code})");

    [LoggerMessage(40, LogLevel.Debug, "{Line}", SkipEnabledCheck = true)]
    private partial void PacketLine(string line);

    private static string Text(EndPoint? remote) => remote?.ToString() ?? "this process";

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
