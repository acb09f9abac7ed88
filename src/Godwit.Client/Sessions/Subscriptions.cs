// The client's subscriptions: they are its own, so that a server with a new session gets them again. On the loop only.
using Godwit.Client.Connections;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Session;

namespace Godwit.Client.Sessions;

internal sealed class Subscriptions(ClientSession session)
{
    // Renewing is split into packets of about this size: no server's limit is near, and a refusal concerns few.
    private const int RenewalBytes = 8 * 1024;

    private readonly OrderedDictionary<string, (MqttSubscription Subscription, uint? Identifier)> _granted = [];
    private readonly List<SubscriptionRequest> _requests = [];
    private readonly HashSet<SubscriptionRequest> _renewals = [];

    /// <summary>Whether a request waits for its answer.</summary>
    public bool IsWaiting => _requests.Count > 0;

    public void Submit(SubscriptionRequest request)
    {
        if (session.Refusal is { } refusal)
        {
            request.Fail(refusal());
            return;
        }
        _requests.Add(request);
        if (session.Connection is { } connection) Send(connection, request);
        session.OnSubmitted();
    }

    /// <summary>The caller gives up. A request that has been sent keeps its identifier and its effect.</summary>
    public void Cancel(SubscriptionRequest request)
    {
        if (request.PacketId == 0) _requests.Remove(request);
    }

    /// <summary>SUBACK or UNSUBACK has come.</summary>
    public void OnAck(ClientConnection connection, in SubackPacket ack)
    {
        ushort id = ack.PacketId;
        PacketType answered = ack.Type == PacketType.Suback ? PacketType.Subscribe : PacketType.Unsubscribe;
        SubscriptionRequest? request = _requests.Find(candidate => candidate.PacketId == id && candidate.Type == answered);
        if (request is null)
        {
            connection.Fail(ReasonCode.ProtocolError, $"{ack.Type.Name()} came for packet identifier {id}, which no request has");
            return;
        }
        bool hasCodes = ack.Type == PacketType.Suback || connection.Version == ProtocolVersion.V5;
        if (hasCodes && ack.Codes.Length != request.Count)
        {
            connection.Fail(ReasonCode.ProtocolError, $"{ack.Type.Name()} has {ack.Codes.Length} codes for {request.Count} filters");
            return;
        }
        _requests.Remove(request);
        session.Flow.ReleaseId(id);
        var codes = new ReasonCode[request.Count];
        if (hasCodes) for (int i = 0; i < codes.Length; i++) codes[i] = (ReasonCode)ack.Codes[i];
        if (request is SubscribeRequest subscribe) Note(connection, subscribe, codes);
        else foreach (string name in ((UnsubscribeRequest)request).Names) _granted.Remove(name);
        request.Complete(codes, ack);
        session.Publisher.Pump();
    }

    /// <summary>A connection is there: renews what the server does not know, then sends what waits.</summary>
    public void OnConnected(ClientConnection connection, bool renew)
    {
        if (renew) Renew(connection.Version);
        foreach (SubscriptionRequest request in _requests.ToArray()) Send(connection, request);
    }

    /// <summary>Requests without an answer will be sent anew, with an identifier of the next connection's. <c>[MQTT-4.4.0-1]</c></summary>
    public void OnConnectionLost()
    {
        foreach (SubscriptionRequest request in _requests)
        {
            if (request.PacketId != 0) session.Flow.ReleaseId(request.PacketId);
            request.PacketId = 0;
        }
        _requests.RemoveAll(_renewals.Contains);
        _renewals.Clear();
    }

    /// <summary>The client is disconnected and does not try again.</summary>
    public void Abandon(Func<MqttException> reason)
    {
        foreach (SubscriptionRequest request in _requests) request.Fail(reason());
        _requests.Clear();
    }

    private void Send(ClientConnection connection, SubscriptionRequest request)
    {
        MqttException? refusal = CheckLimits(connection, request);
        if (refusal is null)
        {
            request.PacketId = session.Flow.ReserveId(); // [MQTT-2.3.1-1] [MQTT-2.2.1-3]
            if (request.PacketId == 0) refusal = new MqttException("All 65,535 packet identifiers are in use.", ReasonCode.QuotaExceeded);
        }
        if (refusal is null)
        {
            connection.Sender.SendRequest(request);
            return;
        }
        _requests.Remove(request);
        request.Fail(refusal);
    }

    private void Note(ClientConnection connection, SubscribeRequest request, ReasonCode[] codes)
    {
        bool isRenewal = _renewals.Remove(request);
        for (int i = 0; i < codes.Length; i++)
        {
            MqttSubscription subscription = request.Subscriptions[i];
            if (!codes[i].IsError())
            {
                _granted[subscription.Filter] = (subscription, request.Identifier);
            }
            else if (isRenewal)
            {
                _granted.Remove(subscription.Filter);
                connection.LogRenewalRefused(subscription.Filter, codes[i]);
            }
        }
    }

    // A subscription identifier holds for all filters of its packet, so the groups follow the identifiers.
    private void Renew(ProtocolVersion version)
    {
        int place = 0;
        foreach (var group in _granted.Values.GroupBy(entry => entry.Identifier))
        {
            var batch = new List<MqttSubscription>();
            int size = 0;
            foreach ((MqttSubscription subscription, _) in group)
            {
                size += subscription.Filter.Length * 3;
                if (batch.Count > 0 && size > RenewalBytes)
                {
                    AddRenewal(batch, group.Key);
                    (batch, size) = ([], subscription.Filter.Length * 3);
                }
                batch.Add(subscription);
            }
            AddRenewal(batch, group.Key);
        }

        void AddRenewal(List<MqttSubscription> batch, uint? identifier)
        {
            SubscribeRequest request = SubscribeRequest.Create(this, version, batch, identifier);
            _renewals.Add(request);
            _requests.Insert(place++, request);
        }
    }

    private static MqttException? CheckLimits(ClientConnection connection, SubscriptionRequest request)
    {
        ConnectionLimits limits = connection.Limits;
        if (!limits.Fits(connection.Sender.LengthOf(request))) // [MQTT-3.2.2-15]
            return new MqttException($"The request would make a packet of more than the {limits.MaximumPacketSize:N0} bytes that the server takes.", ReasonCode.PacketTooLarge);
        if (request is not SubscribeRequest subscribe) return null;
        if (subscribe.Identifier is not null && !limits.SubscriptionIdentifierAvailable)
            return new MqttException("The server takes no subscription identifiers.", ReasonCode.SubscriptionIdentifiersNotSupported);
        foreach (MqttSubscription subscription in subscribe.Subscriptions)
        {
            bool isShared = subscription.Filter.StartsWith("$share/", StringComparison.Ordinal);
            if (isShared && !limits.SharedSubscriptionAvailable)
                return new MqttException($"The server serves no shared subscriptions: '{subscription.Filter}'.", ReasonCode.SharedSubscriptionsNotSupported);
            if (!limits.WildcardSubscriptionAvailable && TopicName.HasWildcard(Text.Encode(subscription.Filter, nameof(subscription.Filter))))
                return new MqttException($"The server takes no wildcards in filters: '{subscription.Filter}'.", ReasonCode.WildcardSubscriptionsNotSupported);
        }
        return null;
    }
}
