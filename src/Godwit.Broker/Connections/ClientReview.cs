// After it has been decided anew who may connect and what for: asks about everybody on a loop again. A few clients a turn, so that nobody who stays
// notices. Who may not be here any more is disconnected; a subscription or will that is not allowed any more goes. MQTT has no packet by which a
// server takes a subscription away (SUBACK and UNSUBACK answer the client, sections 3.9 and 3.11), so that is in the log alone.
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol.Topics;
using Godwit.Transport;

namespace Godwit.Broker.Connections;

internal sealed class ClientReview(Shard shard, bool hasNewAuthorizer = false) : ILoopWork
{
    // Questions asked in a turn: some ten microseconds' work, more where rules have to be put together first.
    private const int MostQuestions = 32;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ClientConnection> _certified = [];
    private readonly Queue<ClientSession> _waiting = []; // those of a bucket
    private ClientSession? _session; // whose subscriptions are under way
    private IClientAccess? _access; // what it may do
    private Subscription[] _subscriptions = [];
    private int _place, _bucket;
    private int _disconnected, _removed;

    /// <summary>Clients that have been disconnected so far.</summary>
    public int Disconnected => Volatile.Read(ref _disconnected);

    /// <summary>Subscriptions that have been removed so far.</summary>
    public int Removed => _removed;

    /// <summary>Asks about all sessions of the loop. From any thread.</summary>
    /// <returns>Completed when everybody has been asked about, certificates included.</returns>
    public async Task StartAsync()
    {
        shard.Loop.Post(this);
        await _done.Task.ConfigureAwait(false);
        if (_certified.Count > 0) await Task.Run(ReviewCertificates).ConfigureAwait(false);
    }

    /// <summary>Asks about the subscriptions of one session.</summary>
    public void Start(ClientSession session)
    {
        _bucket = int.MaxValue;
        Begin(session, session.Access);
        shard.Loop.Post(this);
    }

    /// <summary>Whether a client's certificate was verified by other authorities or lists than those in force.</summary>
    public static bool MustReviewCertificate(ClientConnection connection) =>
        connection.TlsServer is { } server && connection.Transport.Peer.Tls is { } tls && server.MustReview(tls);

    /// <summary>Verifies a client's certificate again, and disconnects it if that fails. Takes as long as a thousand messages: for threads beside the loops.</summary>
    /// <returns>Whether it failed.</returns>
    public static bool ReviewCertificate(ClientConnection connection)
    {
        if (connection.TlsServer!.Review(connection.Transport.Peer.Tls!) is not { } objection) return false;
        connection.Shard.Loop.Post(() => connection.End(EndReason.NoLongerAllowed, reasonString: objection));
        return true;
    }

    public void Run(EventLoop loop)
    {
        for (int questions = 0; questions < MostQuestions; questions++)
        {
            if (Step()) continue;
            _done.TrySetResult();
            return;
        }
        loop.Post(this);
    }

    // One question; false if there is none any more.
    private bool Step()
    {
        if (_session is { } session)
        {
            Review(session, _subscriptions[_place++]);
            if (_place < _subscriptions.Length) return true;
            (_session, _access) = (null, null);
            _subscriptions = [];
        }
        else if (_waiting.TryDequeue(out ClientSession? next))
        {
            if (shard.FindSession(next.ClientId) == next && MayStay(next, out IClientAccess? access)) Begin(next, access);
        }
        else if (_bucket < shard.SessionBuckets)
        {
            foreach (ClientSession each in shard.SessionsIn(_bucket++)) _waiting.Enqueue(each);
        }
        else
        {
            return false;
        }
        return true;
    }

    // What it may do is found out with an access of its own, which is forgotten: most clients are silent, and what is put together for all of them
    // at once and kept would hold up the others in the garbage collector.
    private bool MayStay(ClientSession session, out IClientAccess? access)
    {
        if (session.Connection is not { } connection)
        {
            if (hasNewAuthorizer) session.Access = null; // made anew when the client is back: what it was found to be then is not known here
            access = session.Access;
            return true;
        }
        access = null;
        string? objection = shard.Connects.Review(connection, session.ClientId, session.Identity.UserName);
        if (objection is null)
        {
            if (hasNewAuthorizer) session.Access = shard.Connects.OpenAccess(connection, session.ClientId, session.Identity.UserName);
            access = shard.Connects.OpenAccess(connection, session.ClientId, session.Identity.UserName);
            if (!shard.Hooks.MayConnect(access)) objection = "The rules do not let it connect any more";
        }
        if (objection is not null)
        {
            _disconnected++;
            connection.End(EndReason.NoLongerAllowed, reasonString: objection);
            return false;
        }
        if (MustReviewCertificate(connection)) _certified.Add(connection);
        return true;
    }

    private void ReviewWill(ClientSession session, IClientAccess? access)
    {
        if (session.Will is not { Publication: { } will } || access is null || shard.Hooks.MayPublish(access, will.Topic, will.QoS, will.Retain)) return;
        session.Drop(DropReason.NotAuthorized, will.View(), will.QoS);
        session.RemoveWill();
        shard.Log.WillRemoved(session.ClientId, Encoding.UTF8.GetString(will.Topic));
    }

    private void Begin(ClientSession session, IClientAccess? access)
    {
        ReviewWill(session, access);
        if (access is null || session.Subscriptions.Count == 0) return;
        (_session, _access) = (session, access);
        _subscriptions = [.. session.Subscriptions]; // they may change between two turns
        _place = 0;
    }

    private void Review(ClientSession session, Subscription subscription)
    {
        ReadOnlySpan<byte> filter = subscription.Filter;
        if (TopicFilter.TrySplitShared(filter, out _, out ReadOnlySpan<byte> inner)) filter = inner;
        if (session.Subscriptions.Find(subscription.Filter) != subscription || shard.Hooks.MaySubscribe(_access, filter, subscription.Options)) return;
        _removed++;
        session.Unsubscribe(subscription);
        shard.Log.SubscriptionRemoved(session.ClientId, subscription.FilterText);
    }

    // On a thread beside the loops.
    private void ReviewCertificates()
    {
        foreach (ClientConnection connection in _certified)
        {
            if (ReviewCertificate(connection)) Interlocked.Increment(ref _disconnected);
        }
    }
}
