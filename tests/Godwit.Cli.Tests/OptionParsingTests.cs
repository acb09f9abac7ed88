using System.CommandLine;
using Godwit.Bench;
using Godwit.Broker;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;
using Godwit.Cli.Verbs;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Cli.Tests;

public class OptionParsingTests
{
    private static readonly string[] EveryBrokerOption =
    [
        "-p", "0", "--bind", "127.0.0.1", "--bind", "::1", "--loops", "3", "--backend", "sockets", "--max-packet-size", "64K", "--max-inflight", "20", "--max-inflight-bytes", "3M",
        "--max-queued", "100", "--max-queued-bytes", "1.5M", "--overflow", "drop-newest", "--queue-qos0", "--output-limit", "2k", "--max-retained", "5",
        "--max-qos", "1", "--no-retain", "--receive-maximum", "7", "--max-topic-alias", "8", "--max-session-expiry", "3600", "--max-keepalive", "30",
        "--connect-timeout", "2.5", "--max-topic-levels", "9", "--max-subscriptions", "11", "--no-empty-client-id", "--sys-interval", "0",
    ];

    [Fact]
    public void Broker_NoOptions_HasTheDefaults()
    {
        var defaults = new BrokerOptions();
        BrokerOptions options = Broker();

        Assert.Equal(defaults.Listeners, options.Listeners);
        Assert.Equal(defaults, options with { Listeners = defaults.Listeners });
    }

    [Fact]
    public void Broker_EveryOption_IsSet()
    {
        BrokerOptions options = Broker(EveryBrokerOption);

        Assert.Equal(["127.0.0.1:0", "[::1]:0"], options.Listeners.Select(l => l.EndPoint.ToString()));
        Assert.Equal((3, TransportBackend.Sockets, 65_536), (options.Loops, options.Backend, options.MaximumPacketSize));
        Assert.Equal((20, 3_145_728L), (options.MaximumInflight, options.MaximumInflightBytes));
        Assert.Equal((100, 1_572_864L, OverflowPolicy.DropNewest, true), (options.MaximumQueuedMessages, options.MaximumQueuedBytes, options.OverflowPolicy, options.QueueQoS0Messages));
        Assert.Equal((2048, 5, QoS.AtLeastOnce, false), (options.OutputLimit, options.MaximumRetainedMessages, options.MaximumQoS, options.RetainAvailable));
        Assert.Equal((7, 8, 8, 3600u, 30), (options.ReceiveMaximum, options.TopicAliasMaximum, options.MaximumOutboundTopicAliases, options.MaximumSessionExpiry, options.MaximumKeepAlive));
        Assert.Equal((TimeSpan.FromSeconds(2.5), 9, 11, false, TimeSpan.Zero), (options.ConnectTimeout, options.MaximumTopicLevels, options.MaximumSubscriptions, options.AllowEmptyClientId, options.SysInterval));
    }

    [Fact]
    public void Option_GivenTwice_TakesTheLast() => Assert.Equal(20, Broker("--max-inflight", "10", "--max-inflight=20").MaximumInflight);

    [Theory]
    [InlineData("65536", 65_536L)]
    [InlineData("64K", 65_536L)]
    [InlineData("64kB", 65_536L)]
    [InlineData("1MiB", 1_048_576L)]
    [InlineData("1.5G", 1_610_612_736L)]
    [InlineData("", null)]
    [InlineData("K", null)]
    [InlineData("-1", null)]
    [InlineData("12Q", null)]
    [InlineData("99999999999G", null)]
    public void Size_Text_IsBytes(string text, long? bytes) => Assert.Equal(bytes, Units.Size(text));

    [Theory]
    [InlineData("10", 10.0)]
    [InlineData("0.25", 0.25)]
    [InlineData("-1", null)]
    [InlineData("1e3", null)]
    [InlineData("NaN", null)]
    [InlineData("99999999999", null)]
    public void Seconds_Text_IsTime(string text, double? seconds) => Assert.Equal(seconds, Units.Seconds(text)?.TotalSeconds);

    [Theory]
    [InlineData("mqtt://localhost/a", "localhost", null, null, null, "a")]
    [InlineData("mqtt://h:1884/a/b#c", "h", 1884, null, null, "a/b#c")]
    [InlineData("mqtt://u@h//lead", "h", null, "u", null, "/lead")]
    [InlineData("mqtt://u:p@ss:w@h:1/t", "h", 1, "u", "p@ss:w", "t")]
    [InlineData("mqtt://[::1]:1883/t", "::1", 1883, null, null, "t")]
    [InlineData("mqtt://[fe80::1]/t", "fe80::1", null, null, null, "t")]
    [InlineData("mqtt://u:@h/t", "h", null, "u", "", "t")]
    [InlineData("mqtts://u:p@h/t", "h", null, "u", "p", "t", true, false)]
    [InlineData("ws://h:80/t/u", "h", 80, null, null, "t/u", false, true)]
    [InlineData("wss://[::1]/t", "::1", null, null, null, "t", true, true)]
    public void Url_Valid_IsTakenApart(string url, string host, int? port, string? user, string? password, string topic, bool isTls = false, bool isWebSocket = false) =>
        Assert.Equal(new MqttUrl(host, port, user, password, topic, isTls, isWebSocket), MqttUrl.Parse(url));

    [Theory]
    [InlineData("", 1883, false, false)]
    [InlineData("-p 8883", 8883, true, false)]
    [InlineData("-p 8883 --no-tls", 8883, false, false)]
    [InlineData("--cafile a --cafile b", 8883, true, false)]
    [InlineData("--capath d -p 1884", 1884, true, false)]
    [InlineData("--tls-use-os-certs --tls-version tlsv1.3 --tls-alpn mqtt --insecure", 8883, true, false)]
    [InlineData("--ws", 1883, false, true)]
    [InlineData("--ws --cafile a", 8883, true, true)]
    [InlineData("-L mqtts://h/t", 8883, true, false)]
    [InlineData("-L ws://h/t", 1883, false, true)]
    [InlineData("-L wss://h:443/t --ws-path /x --cert c --key k --crl l", 443, true, true)]
    public void Transport_Options_ChooseLayersAndPort(string line, int port, bool isTls, bool isWebSocket)
    {
        var verb = new BenchVerb();
        var arguments = new BenchArguments();
        var command = new Command("test");
        foreach (Option option in (Option[])[.. arguments.Connection, .. arguments.Transport, .. arguments.Clients, .. arguments.Load]) command.Options.Add(option);
        ParseResult parsed = command.Parse(VerbatimArguments.Join(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), verb));

        BenchOptions options = arguments.Read(parsed, ScenarioKind.PointToPoint);

        Assert.Equal((port, isTls, isWebSocket), (options.Port, options.Tls is not null, options.WebSocket is not null));
        if (!line.Contains("--ws-path", StringComparison.Ordinal)) return;
        Assert.Equal("/x", options.WebSocket!.Path);
        Assert.Equal((new CertificateFiles("c", "k"), "l"), (options.Tls!.Certificate, Assert.Single(options.Tls.CrlFiles)));
    }

    [Theory]
    [InlineData("localhost/a", "mqtt://")]
    [InlineData("http://h/t", "'http' is unknown")]
    [InlineData("mqtt://h", "topic is missing")]
    [InlineData("mqtt://h/", "topic is missing")]
    [InlineData("mqtt:///t", "host is missing")]
    [InlineData("mqtt://:1883/t", "host is missing")]
    [InlineData("mqtt://h:0/t", "no port")]
    [InlineData("mqtt://h:x/t", "no port")]
    [InlineData("mqtt://[::1]x/t", "no port")]
    public void Url_Invalid_SaysWhatIsMissing(string url, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => MqttUrl.Parse(url)).Message, StringComparison.Ordinal);

    [Fact]
    public void Properties_OfAllCommands_AreSorted()
    {
        PropertyArguments properties = Properties(
            "connect receive-maximum 5", "connect user-property a 1", "publish content-type text", "publish user-property a 2", "publish user-property a 3",
            "subscribe subscription-identifier 268435455", "unsubscribe user-property u v", "disconnect session-expiry-interval 4294967295",
            "will will-delay-interval 9", "will payload-format-indicator 1");

        Assert.Equal(5u, properties.Connect.Number(PropertyId.ReceiveMaximum));
        Assert.Equal("text", properties.Publish.Text(PropertyId.ContentType));
        Assert.Equal(["2", "3"], properties.Publish.UserProperties.Select(p => p.Value));
        Assert.Equal(268_435_455u, properties.Subscribe.Number(PropertyId.SubscriptionIdentifier));
        Assert.Single(properties.Unsubscribe.UserProperties);
        Assert.Equal(uint.MaxValue, properties.Disconnect.Number(PropertyId.SessionExpiryInterval));
        Assert.Equal((9u, 1u), (properties.Will.Number(PropertyId.WillDelayInterval), properties.Will.Number(PropertyId.PayloadFormatIndicator)));
        Assert.Null(properties.Will.Binary(PropertyId.CorrelationData));
        Assert.False(properties.IsEmpty);
    }

    [Theory]
    [InlineData("pubish content-type x", "Did you mean publish?")]
    [InlineData("publish content-typ x", "Did you mean content-type?")]
    [InlineData("subscribe content-type x", "content-type is not a property of subscribe")]
    [InlineData("publish topic-alias 0", "takes a number from 1 to 65535")]
    [InlineData("publish message-expiry-interval -1", "takes a number from 0 to 4294967295")]
    [InlineData("publish payload-format-indicator 2", "takes a number from 0 to 1")]
    [InlineData("subscribe subscription-identifier 268435456", "takes a number from 1 to 268435455")]
    public void Properties_Wrong_AreExplained(string property, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => Properties(property)).Message, StringComparison.Ordinal);

    private static PropertyArguments Properties(params string[] lines) =>
        PropertyArguments.Parse(lines.Select(line => line.Replace(' ', VerbatimArguments.Separator)));

    private static BrokerOptions Broker(params string[] arguments)
    {
        var verb = new BrokerVerb();
        ParseResult parsed = verb.Parse(VerbatimArguments.Join(arguments, verb));
        Assert.Empty(parsed.Errors);
        return verb.ToBrokerOptions(parsed);
    }
}
