// What every valid golden vector says, field by field.
using Godwit.Protocol.Tests.Models;
using static Godwit.Protocol.ProtocolVersion;
using static Godwit.Protocol.PropertyId;

namespace Godwit.Protocol.Tests.Golden;

internal static class Expectations
{
    private static readonly PropertyModel KeyValue = PropertyModel.User("k", "v");
    private static readonly Items<PropertyModel> No = new([new(ReasonString, "no"), KeyValue]);

    private static readonly (GoldenVector Vector, PacketModel Packet)[] Table =
    [
        (ConnectVectors.Minimal31, new ConnectModel(V31, "a") { CleanStart = true, KeepAlive = 60 }),
        (ConnectVectors.Full31, new ConnectModel(V31, "c31")
        {
            CleanStart = true, KeepAlive = 10, Will = new WillModel("w/31", "bye", QoS.AtLeastOnce, Retain: true), UserName = "u", Password = "p",
        }),
        (ConnectVectors.MissingUserName31, new ConnectModel(V31, "a") { CleanStart = true, KeepAlive = 60 }),
        (ConnectVectors.DisregardedFlags31, new ConnectModel(V31, "a") { CleanStart = true, KeepAlive = 60 }),
        (ConnectVectors.PythonTest, new ConnectModel(V311, "python_test") { CleanStart = true, KeepAlive = 60 }),
        (ConnectVectors.Full311, new ConnectModel(V311, "c1")
        {
            KeepAlive = 30, Will = new WillModel("a/will", "", QoS.ExactlyOnce, Retain: true), UserName = "user", Password = new byte[] { 1, 0, 255 },
        }),
        (ConnectVectors.EmptyClientId311, new ConnectModel(V311, "") { CleanStart = true }),
        (ConnectVectors.Minimal5, new ConnectModel(V5, "") { CleanStart = true }),
        (ConnectVectors.AllProperties5, new ConnectModel(V5, "x")
        {
            KeepAlive = 65_535,
            Properties = new([
                new(SessionExpiryInterval, 3600), new(ReceiveMaximum, 20), new(MaximumPacketSize, 65_536), new(TopicAliasMaximum, 10),
                new(RequestResponseInformation, 1), new(RequestProblemInformation, 0), KeyValue,
                new(AuthenticationMethod, "SCRAM"), new(AuthenticationData, new byte[] { 0xCA, 0xFE })]),
        }),
        (ConnectVectors.WillProperties5, new ConnectModel(V5, "x")
        {
            CleanStart = true,
            KeepAlive = 60,
            Will = new WillModel("will", "gone", QoS.AtLeastOnce, Retain: true)
            {
                Properties = new([
                    new(WillDelayInterval, 5), new(PayloadFormatIndicator, 1), new(MessageExpiryInterval, 60), new(ContentType, "text/plain"),
                    new(ResponseTopic, "r/1"), new(CorrelationData, new byte[] { 1, 2 }), PropertyModel.User("a", "b")]),
            },
            Password = "pw",
        }),
        (ConnectVectors.RepeatedUserProperty5, new ConnectModel(V5, "") { CleanStart = true, Properties = new([KeyValue, PropertyModel.User("k", "w")]) }),
        (ConnectVectors.ByteOrderMark5, new ConnectModel(V5, "\uFEFFx") { CleanStart = true }),

        (ConnackVectors.Accepted31, new ConnackModel(V31, 0)),
        (ConnackVectors.ReservedByte31, new ConnackModel(V31, 5)),
        (ConnackVectors.Accepted311, new ConnackModel(V311, 0)),
        (ConnackVectors.SessionPresent311, new ConnackModel(V311, 0, SessionPresent: true)),
        (ConnackVectors.NotAuthorized311, new ConnackModel(V311, 5)),
        (ConnackVectors.Accepted5, new ConnackModel(V5, 0, SessionPresent: true)),
        (ConnackVectors.NotAuthorized5, new ConnackModel(V5, 0x87)),
        (ConnackVectors.AllProperties5, new ConnackModel(V5, 0)
        {
            Properties = new([
                new(SessionExpiryInterval, 100), new(ReceiveMaximum, 10), new(MaximumQoS, 1), new(RetainAvailable, 1), new(MaximumPacketSize, 1_048_576),
                new(AssignedClientIdentifier, "auto"), new(TopicAliasMaximum, 5), new(ReasonString, "ok"), PropertyModel.User("k", ""),
                new(WildcardSubscriptionAvailable, 1), new(SubscriptionIdentifierAvailable, 1), new(SharedSubscriptionAvailable, 0), new(ServerKeepAlive, 120),
                new(ResponseInformation, "r/x"), new(ServerReference, "host"), new(AuthenticationMethod, "m"), new(AuthenticationData, new byte[] { 0 })]),
        }),

        (PublishVectors.DupAtQoS0_31, new PublishModel(V31, "a/b", "") { Dup = true }),
        (PublishVectors.QoS1_31, new PublishModel(V31, "a/b", "x") { QoS = QoS.AtLeastOnce, PacketId = 1 }),
        (PublishVectors.QoS0_311, new PublishModel(V311, "a/b", "hello")),
        (PublishVectors.DupRetain311, new PublishModel(V311, "a/b", "hi") { Dup = true, QoS = QoS.AtLeastOnce, Retain = true, PacketId = 10 }),
        (PublishVectors.QoS2_311, new PublishModel(V311, "a/b", "") { QoS = QoS.ExactlyOnce, PacketId = 65_535 }),
        (PublishVectors.Figure12Topic311, new PublishModel(V311, "A\U0002A6D4", "")),
        (PublishVectors.RemainingLength64, new PublishModel(V311, "a/b", new string('x', 59))),
        (PublishVectors.RemainingLength127, new PublishModel(V311, "a/b", new string('x', 122))),
        (PublishVectors.RemainingLength128, new PublishModel(V311, "a/b", new string('x', 123))),
        (PublishVectors.RemainingLength321, new PublishModel(V311, "a/b", new string('x', 316))),
        (PublishVectors.LongLength311, new PublishModel(V311, "a/b", "")),
        (PublishVectors.QoS0_5, new PublishModel(V5, "a/b", "abc")),
        (PublishVectors.QoS2_5, new PublishModel(V5, "a/b", new byte[] { 0 }) { QoS = QoS.ExactlyOnce, Retain = true, PacketId = 256 }),
        (PublishVectors.TopicAlias5, new PublishModel(V5, "", "x") { Properties = new([new(TopicAlias, 7)]) }),
        (PublishVectors.AllProperties5, new PublishModel(V5, "a/b", "true")
        {
            QoS = QoS.AtLeastOnce,
            PacketId = 1,
            Properties = new([
                new(PayloadFormatIndicator, 1), new(MessageExpiryInterval, 10), new(TopicAlias, 1), new(ResponseTopic, "r/1"),
                new(CorrelationData, new byte[] { 0xAB, 0xCD }), KeyValue, new(SubscriptionIdentifier, 7), new(SubscriptionIdentifier, 128),
                new(ContentType, "json")]),
        }),

        (PublishAckVectors.Puback31, new PublishAckModel(PacketType.Puback, V31, 0x1234)),
        (PublishAckVectors.Pubrec31, new PublishAckModel(PacketType.Pubrec, V31, 0x1234)),
        (PublishAckVectors.Pubrel31, new PublishAckModel(PacketType.Pubrel, V31, 0x1234)),
        (PublishAckVectors.Pubcomp31, new PublishAckModel(PacketType.Pubcomp, V31, 0x1234)),
        (PublishAckVectors.PubrelDup31, new PublishAckModel(PacketType.Pubrel, V31, 0x1234)),
        (PublishAckVectors.Puback311, new PublishAckModel(PacketType.Puback, V311, 0x1234)),
        (PublishAckVectors.Pubrec311, new PublishAckModel(PacketType.Pubrec, V311, 0x1234)),
        (PublishAckVectors.Pubrel311, new PublishAckModel(PacketType.Pubrel, V311, 0x1234)),
        (PublishAckVectors.Pubcomp311, new PublishAckModel(PacketType.Pubcomp, V311, 0x1234)),
        (PublishAckVectors.Puback5, new PublishAckModel(PacketType.Puback, V5, 1)),
        (PublishAckVectors.Pubrec5, new PublishAckModel(PacketType.Pubrec, V5, 1)),
        (PublishAckVectors.Pubrel5, new PublishAckModel(PacketType.Pubrel, V5, 1)),
        (PublishAckVectors.Pubcomp5, new PublishAckModel(PacketType.Pubcomp, V5, 1)),
        (PublishAckVectors.PubackReason5, new PublishAckModel(PacketType.Puback, V5, 1, ReasonCode.NoMatchingSubscribers)),
        (PublishAckVectors.PubrecReason5, new PublishAckModel(PacketType.Pubrec, V5, 1, ReasonCode.QuotaExceeded)),
        (PublishAckVectors.PubrelReason5, new PublishAckModel(PacketType.Pubrel, V5, 1, ReasonCode.PacketIdentifierNotFound)),
        (PublishAckVectors.PubcompReason5, new PublishAckModel(PacketType.Pubcomp, V5, 1, ReasonCode.PacketIdentifierNotFound)),
        (PublishAckVectors.PubackProperties5, new PublishAckModel(PacketType.Puback, V5, 1, ReasonCode.NotAuthorized) { Properties = No }),
        (PublishAckVectors.PubrecProperties5, new PublishAckModel(PacketType.Pubrec, V5, 1, ReasonCode.NotAuthorized) { Properties = No }),
        (PublishAckVectors.PubrelProperties5, new PublishAckModel(PacketType.Pubrel, V5, 1) { Properties = new([new(ReasonString, "ok"), KeyValue]) }),
        (PublishAckVectors.PubcompProperties5, new PublishAckModel(PacketType.Pubcomp, V5, 1, ReasonCode.PacketIdentifierNotFound) { Properties = No }),
        (PublishAckVectors.PubackWrittenOut5, new PublishAckModel(PacketType.Puback, V5, 1)),
        (PublishAckVectors.PubcompSuccess5, new PublishAckModel(PacketType.Pubcomp, V5, 1)),

        (SubscribeVectors.One31, new SubscribeModel(V31, 10, new([new("a/b", QoS.AtLeastOnce)]))),
        (SubscribeVectors.Dup31, new SubscribeModel(V31, 10, new([new("a/b", QoS.AtLeastOnce)]))),
        (SubscribeVectors.Two311, new SubscribeModel(V311, 10, new([new("a/b", QoS.AtLeastOnce), new("c/d", QoS.ExactlyOnce)]))),
        (SubscribeVectors.ShareIsOrdinary311, new SubscribeModel(V311, 10, new([new("$share/", QoS.AtMostOnce)]))),
        (SubscribeVectors.Two5, new SubscribeModel(V5, 10, new([new("a/b", QoS.AtLeastOnce), new("c/d", QoS.ExactlyOnce)]))),
        (SubscribeVectors.AllOptions5, new SubscribeModel(V5, 65_535, new([
            new("$share/g/+/x", new SubscriptionOptions(QoS.AtLeastOnce, NoLocal: false, RetainAsPublished: true, RetainHandling.DoNotSend)),
            new("#", new SubscriptionOptions(QoS.ExactlyOnce, NoLocal: true, RetainAsPublished: true, RetainHandling.SendIfNew))]))
        {
            Properties = new([new(SubscriptionIdentifier, 128), KeyValue]),
        }),

        (SubackVectors.Suback31, new SubackModel(PacketType.Suback, V31, 10, new byte[] { 0, 2 })),
        (SubackVectors.Suback311, new SubackModel(PacketType.Suback, V311, 10, new byte[] { 0, 1, 2, 0x80 })),
        (SubackVectors.Suback5, new SubackModel(PacketType.Suback, V5, 10, new byte[] { 0, 1, 2, 0x87 })),
        (SubackVectors.SubackProperties5, new SubackModel(PacketType.Suback, V5, 10, new byte[] { 0x9E }) { Properties = No }),
        (SubackVectors.Unsuback31, new SubackModel(PacketType.Unsuback, V31, 10, default)),
        (SubackVectors.Unsuback311, new SubackModel(PacketType.Unsuback, V311, 10, default)),
        (SubackVectors.Unsuback5, new SubackModel(PacketType.Unsuback, V5, 10, new byte[] { 0, 0x11 })),
        (SubackVectors.UnsubackProperties5, new SubackModel(PacketType.Unsuback, V5, 10, new byte[] { 0x91 }) { Properties = No }),

        (UnsubscribeVectors.One31, new UnsubscribeModel(V31, 10, new(["a/b"]))),
        (UnsubscribeVectors.Two311, new UnsubscribeModel(V311, 10, new(["a/b", "c/d"]))),
        (UnsubscribeVectors.Two5, new UnsubscribeModel(V5, 10, new(["a/b", "c/d"]))),
        (UnsubscribeVectors.UserProperty5, new UnsubscribeModel(V5, 10, new(["+/b"])) { Properties = new([KeyValue]) }),

        (ConnectionVectors.Pingreq31, new PingModel(PacketType.Pingreq, V31)),
        (ConnectionVectors.Pingreq311, new PingModel(PacketType.Pingreq, V311)),
        (ConnectionVectors.Pingreq5, new PingModel(PacketType.Pingreq, V5)),
        (ConnectionVectors.Pingresp31, new PingModel(PacketType.Pingresp, V31)),
        (ConnectionVectors.Pingresp311, new PingModel(PacketType.Pingresp, V311)),
        (ConnectionVectors.Pingresp5, new PingModel(PacketType.Pingresp, V5)),
        (ConnectionVectors.Disconnect31, new DisconnectModel(V31)),
        (ConnectionVectors.Disconnect311, new DisconnectModel(V311)),
        (ConnectionVectors.Disconnect5, new DisconnectModel(V5)),
        (ConnectionVectors.DisconnectReason5, new DisconnectModel(V5, ReasonCode.DisconnectWithWillMessage)),
        (ConnectionVectors.DisconnectProperties5, new DisconnectModel(V5, ReasonCode.UseAnotherServer)
        {
            Properties = new([new(SessionExpiryInterval, 0), new(ReasonString, "no"), KeyValue, new(ServerReference, "host")]),
        }),
        (ConnectionVectors.DisconnectWrittenOut5, new DisconnectModel(V5)),
        (ConnectionVectors.Auth5, new AuthModel(ReasonCode.Success)),
        (ConnectionVectors.AuthAllProperties5, new AuthModel(ReasonCode.ContinueAuthentication)
        {
            Properties = new([new(AuthenticationMethod, "SCRAM"), new(AuthenticationData, new byte[] { 0xCA, 0xFE }), new(ReasonString, "go"), KeyValue]),
        }),
        (ConnectionVectors.ReAuthenticate5, new AuthModel(ReasonCode.ReAuthenticate) { Properties = new([new(AuthenticationMethod, "m")]) }),
        (ConnectionVectors.AuthWrittenOut5, new AuthModel(ReasonCode.Success)),
    ];

    /// <summary>By the vector's name.</summary>
    public static readonly IReadOnlyDictionary<string, PacketModel> All = Table.ToDictionary(row => row.Vector.Name, row => row.Packet);
}
