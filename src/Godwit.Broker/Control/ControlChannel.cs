// The control channel: a PUBLISH to $CONTROL/godwit/v1/COMMAND is a request with JSON, answered by a PUBLISH to the client that has asked.
// It never reaches a subscriber. docs/control.md describes it for users.
using System.Net;
using System.Text;
using System.Text.Json;
using Godwit.Broker.Connections;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Control;

internal sealed class ControlChannel(Shard shard)
{
    // Entries of a page unless the request says otherwise, and at most; bytes of a request.
    private const int UsualLimit = 100, LargestLimit = 1000, LargestRequest = 256 * 1024;

    // Where commands are published.
    private static ReadOnlySpan<byte> Prefix => "$CONTROL/godwit/v1/"u8;

    /// <summary>Whether a topic belongs to a control channel, this one or those of other brokers: none of them is for subscribers.</summary>
    public static bool IsControl(ReadOnlySpan<byte> topic) => topic.StartsWith("$CONTROL/"u8);

    /// <summary>A request has come.</summary>
    /// <returns>What it is acknowledged with; what is wrong with it otherwise is said in the answer.</returns>
    public ReasonCode OnRequest(ClientConnection connection, in PublicationView view, MqttProperties properties)
    {
        if (!IsAdministrator(connection)) return ReasonCode.NotAuthorized;
        var reply = new ControlReply(connection, view.Topic, properties);
        string? error = view.Topic.StartsWith(Prefix)
            ? Start(Encoding.UTF8.GetString(view.Topic[Prefix.Length..]), view.Payload, reply)
            : "There is no such control channel here, but $CONTROL/godwit/v1/COMMAND.";
        if (error is not null) reply.Fail(error);
        return ReasonCode.Success;
    }

    // Without a word of the embedder's: whoever is on this machine, as long as nobody has to say who he is.
    private bool IsAdministrator(ClientConnection connection)
    {
        BrokerOptions options = shard.Options;
        if (options.IsAdministrator is not null) return shard.Hooks.IsAdministrator(connection.Session!.Identity);
        bool isNear = connection.RemoteEndPoint is null || (connection.RemoteEndPoint is IPEndPoint remote && IPAddress.IsLoopback(remote.Address));
        return isNear && options.Authenticator is null && options.EnhancedAuthenticators.Count == 0;
    }

    // Null, or why not.
    private string? Start(string command, ReadOnlySpan<byte> payload, ControlReply reply)
    {
        if (payload.Length > LargestRequest) return $"The request is too large: {LargestRequest} bytes are allowed.";
        ControlRequest request;
        try
        {
            request = payload.IsEmpty ? new ControlRequest() : JsonSerializer.Deserialize(payload, ControlJson.Instance.ControlRequest) ?? new ControlRequest();
        }
        catch (JsonException wrong)
        {
            return $"The request is not understood: {wrong.Message}";
        }
        if (request.Limit is < 1 or > LargestLimit) return $"limit may be 1 to {LargestLimit}.";
        int limit = request.Limit ?? UsualLimit;
        switch (command)
        {
            case "losses":
                DropReason? reason = DropReasons.Parse(request.Reason);
                if (request.Reason is not null && reason is null) return $"There is no reason '{request.Reason}'.";
                return Walk(new LossWalk(shard.Broker, reply, new ControlPage("losses", limit, reply.Room), request.ClientId, reason), request);
            default:
                return $"There is no command '{command}': this broker has losses.";
        }
    }

    private static string? Walk(ControlWalk walk, ControlRequest request) =>
        walk.TryStart(request.Cursor) ? null : $"There is no place '{request.Cursor}': cursor is that of the last answer.";
}
