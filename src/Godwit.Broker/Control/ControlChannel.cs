// The control channel: a PUBLISH to $CONTROL/godwit/v1/COMMAND is a request with JSON, answered by a PUBLISH to the client that has asked.
// It never reaches a subscriber. docs/control.md describes it for users.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Godwit.Broker.Connections;
using Godwit.Broker.Listening;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Control;

internal sealed class ControlChannel(Shard shard)
{
    // Entries of a page unless the request says otherwise, and at most; bytes of a request.
    private const int UsualLimit = 100, LargestLimit = 1000, LargestRequest = 256 * 1024;

    private readonly BanCommands _bans = new(shard);

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
        if (connection.Listener.IsControl) return true; // who comes in there has been looked at
        if (options.IsAdministrator is not null) return shard.Hooks.IsAdministrator(connection.Session!.Identity);
        return PeerNames.IsOnThisMachine(connection.Transport.Peer) && options.Authenticator is null && options.EnhancedAuthenticators.Count == 0;
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
            case "sessions":
                if (request.AwaySeconds is < 0 or > uint.MaxValue) return "awaySeconds may be 0 to 4294967295.";
                return Walk(new SessionWalk(shard.Broker, reply, new ControlPage("sessions", limit, reply.Room), request.Connected, request.AwaySeconds), request);
            case "session":
                return AtHome(request, reply, session => reply.Send(SessionDetails.Of(session, session.Shard.Loop.Clock()), ControlJson.Instance.SessionDetails));
            case "subscriptions":
                return AtHome(request, reply, session => SendSubscriptions(session, new ControlPage("subscriptions", limit, reply.Room), request, reply));
            case "delete-session":
                return AtHome(request, reply, session => Delete(session, reply));
            case "bans":
                return _bans.List(request, reply, new ControlPage("bans", limit, reply.Room));
            case "ban":
                return _bans.Add(request, reply);
            case "unban":
                return _bans.Remove(request, reply);
            case "trace":
                return TraceCommand.Start(shard, request, reply);
            case "reload":
                if (shard.Options.OnReload is not { } reload) return "This broker has no files to read again: the program that it runs in decides about its settings.";
                _ = ReloadAsync(reload, reply);
                return null;
            default:
                return $"There is no command '{command}': this broker has losses, sessions, session, subscriptions, delete-session, bans, ban, unban, trace and reload.";
        }
    }

    private static async Task ReloadAsync(Func<string, Task<ReloadSummary>> reload, ControlReply reply)
    {
        try
        {
            reply.Send(await Task.Run(() => reload(reply.Administrator)).ConfigureAwait(false), ControlJson.Instance.ReloadSummary);
        }
        catch (Exception wrong)
        {
            reply.Fail(wrong.Message);
        }
    }

    // What concerns one session is done on its loop.
    private string? AtHome(ControlRequest request, ControlReply reply, Action<ClientSession> work)
    {
        if (request.ClientId is not { } id) return "clientId is missing: of which session?";
        Shard home = shard.Broker.HomeOf(id);
        home.Loop.Post(() =>
        {
            if (home.FindSession(id) is { } session) work(session);
            else reply.Fail($"There is no session '{id}'.");
        });
        return null;
    }

    private static void SendSubscriptions(ClientSession session, ControlPage page, ControlRequest request, ControlReply reply)
    {
        if (!int.TryParse(request.Cursor ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out int place))
        {
            reply.Fail($"There is no place '{request.Cursor}': cursor is that of the last answer.");
            return;
        }
        foreach (Subscription subscription in session.Subscriptions.Skip(place))
        {
            if (page.IsFull || page.Add([SubscriptionSummary.Of(subscription)], ControlJson.Instance.SubscriptionSummary) == 0) break;
            place++;
        }
        if (page.IsStuck) reply.Fail("The next subscription does not fit into your Maximum Packet Size.");
        else reply.Send(page.End(place < session.Subscriptions.Count ? place.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static void Delete(ClientSession session, ControlReply reply)
    {
        Shard home = session.Shard;
        home.Log.SessionDeleted(session.ClientId, reply.Administrator);
        session.Connection?.End(EndReason.AdministrativeAction);
        if (home.FindSession(session.ClientId) == session)
        {
            session.PublishWill(); // the session ends before the delay does
            home.End(session, DropReason.SessionDeleted);
        }
        reply.Send(new SessionDeletion(session.ClientId), ControlJson.Instance.SessionDeletion);
    }

    private static string? Walk(ControlWalk walk, ControlRequest request) =>
        walk.TryStart(request.Cursor) ? null : $"There is no place '{request.Cursor}': cursor is that of the last answer.";
}
