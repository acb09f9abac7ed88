using Godwit.Broker;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;
using Godwit.Testing;

namespace Godwit.Configuration.Tests;

public class YamlTests
{
    [Fact]
    public void Yaml_Mistakes_AreAllNamedWithTheirPlace()
    {
        EffectiveSettings effective = Read("""
            listeners:
              - listen: tcp://127.0.0.1:1883
                crt: a.pem
            limts: {}
            limits:
              max_inflght: 3
              max_queued: -1
              max_packet_size: [1]
              retain: no
            log: [verbose]
            """);

        Assert.Equal(
        [
            "dir/g.yaml:3:5: 'crt' is not known in listeners. Is it 'cert'?",
            "dir/g.yaml:4:1: There is no section 'limts'. Is it 'limits'?",
            "dir/g.yaml:6:3: 'max_inflght' is not known in limits. Is it 'max_inflight'?",
            "dir/g.yaml:7:15: max_queued takes a number from 0 to 2147483647, not '-1'.",
            "dir/g.yaml:8:20: max_packet_size takes a size such as 65536, 64K or 16M (64 to 268435460), not a list.",
            "dir/g.yaml:9:3: 'retain' is not known in limits. It belongs to messages.",
            "dir/g.yaml:10:6: log is a mapping of settings.",
        ], effective.Problems.Select(p => p.ToString()));
    }

    [Theory]
    [InlineData("limits: {max_queued: 1, max_queued: 2}", 1)]
    [InlineData("limits:\n  - x: [", 3)]
    [InlineData("limits: {}\n---\nlog: {}", 3)]
    public void Yaml_NoYaml_IsNamedWithItsLine(string text, int line) => Assert.Equal(line, Assert.Single(Read(text).Problems).Origin.Line);

    [Fact]
    public void Yaml_AnyText_IsReadOrItsMistakesHaveAPlace() => Fuzz.Run(
        [.. new[]
        {
            "limits: {max_queued: 1, max_packet_size: 64K}\nlog: { level: debug }\n", "listeners:\n  - listen: 'tls://127.0.0.1:8883'\n    cert: \"a.pem\"\n",
            "# comment\nsecurity:\n  allow_anonymous: true\n  acl_file: |\n    acl\n",
        }.Select(System.Text.Encoding.UTF8.GetBytes)],
        300_000,
        (input, _) => Assert.All(YamlSource.Read(System.Text.Encoding.UTF8.GetString(input), "dir/g.yaml").Problems, p => Assert.True(p.Origin is { Line: > 0, Column: > 0 })));

    [Theory]
    [InlineData("")]
    [InlineData("limits:\nlog: ~\nlisteners:\n")]
    [InlineData("limits: {max_queued: }")]
    public void Yaml_Empty_LeavesTheDefaults(string text)
    {
        EffectiveSettings effective = Read(text);

        Assert.Empty(effective.Problems);
        Assert.Equal(new BrokerOptions { Listeners = [] } with { Listeners = effective.Settings.Broker.Listeners }, effective.Settings.Broker);
    }

    [Fact]
    public void Yaml_Listeners_HaveSettingsOfTheirOwn()
    {
        EffectiveSettings effective = Read("""
            listeners:
              - listen: tls://0.0.0.0:8883
                cert: [a.pem, /b.pem]
                key: [a.key, b.key]
                cafile: ca.pem
                require_certificate: yes
                use_identity_as_username: true
              - {listen: 'wss://127.0.0.1:8084/chat', cert: c.pem, ws_origin: https://example.org}
            """);

        Assert.Empty(effective.Problems);
        ListenerOptions[] listeners = [.. effective.Settings.Listeners.Select(l => ListenerFactory.Make(l, hasStore: false))];
        Assert.Equal([("dir/a.pem", "dir/a.key"), ("/b.pem", "dir/b.key")], listeners[0].Tls!.Certificates.Select(c => (c.CertificateFile, c.KeyFile)));
        Assert.Equal((CertificateUserName.CommonName, "dir/ca.pem"), (listeners[0].UserName, listeners[0].Tls!.CaFiles.Single()));
        Assert.Equal(("/chat", "https://example.org", "dir/c.pem"),
            (listeners[1].WebSocket!.Paths.Single(), listeners[1].WebSocket!.Origins.Single(), listeners[1].Tls!.Certificates.Single().CertificateFile));
    }

    [Theory]
    [InlineData("listeners: [{cert: a}]", "1:13: Where does this listener listen? listen: URI is missing.")]
    [InlineData("listeners: [{listen: 'tcp://*', cert: a}]", "1:39: cert has no meaning for tcp://*.")]
    [InlineData("listeners: [{listen: 'tls://*'}]", "1:22: listen 'tls://*' needs a certificate and its key. Use cert and key.")]
    [InlineData("listeners: [{listen: 'tls://*', cert: a, require_certificate: on}]", "1:63: require_certificate needs cafile: the authorities of the clients' certificates.")]
    [InlineData("listeners: [{listen: 'tcp://*', proxy_protocol: on}]", "1:49: proxy_protocol needs trusted_proxy: anybody could say to be anybody.")]
    [InlineData("security: {acl_file: a, policy: b}", "1:33: acl_file or policy: one of them decides.")]
    [InlineData("store: {ack_level: os}", "1:20: ack_level os and fsync need a store: data: DIR.")]
    [InlineData("bans: [{reason: x}]", "1:8: Who is banned? client_id, user_name or address is missing.")]
    [InlineData("bans: [{address: nowhere}]", "1:18: address takes an address or a network such as 192.0.2.7 or 10.0.0.0/8, not 'nowhere'.")]
    [InlineData("connections: {exempt_address: [10.0.0.1, x]}", "1:42: exempt_address takes an address or a network such as 192.0.2.7 or 10.0.0.0/8, not 'x'.")]
    [InlineData("client_classes: [{max_packet_size: 64M}]", "1:36: max_packet_size of a class is at most that of all, 16M (limits.max_packet_size).")]
    public void Yaml_NotGoingTogether_IsNamedWithItsPlace(string text, string expected) =>
        Assert.Contains($"dir/g.yaml:{expected}", Read(text).Problems.Select(p => p.ToString()));

    [Fact]
    public void Yaml_ClientClasses_HaveLimitsOfTheirOwn()
    {
        BrokerOptions options = Read("client_classes:\n- {client_id: 'sensor-*', max_queued: 5, overflow: disconnect}\n- {user_name: bob}").Settings.Broker;

        Assert.Equal([("sensor-*", 5, OverflowPolicy.Disconnect), (null, null, (OverflowPolicy?)null)],
            options.ClientClasses.Select(c => (c.ClientId, c.MaximumQueuedMessages, c.OverflowPolicy)));
        options.Validate();
    }

    [Fact]
    public void Connections_AndBans_AreTheBrokers()
    {
        BrokerOptions options = Read(
            "connections: {max_per_address: 3, connect_rate: 0, exempt_address: [10.0.0.0/8, 192.0.2.1], flapping_ban: 7}\n"
            + "limits: {max_message_rate: 5, max_byte_rate: 2K}\nclient_classes: [{user_name: bob, max_byte_rate: 1K}]\n"
            + "bans: [{client_id: c, reason: no}, {address: '2001:db8::/32'}]\nlisteners: [{listen: 'tcp://*', max_connections: 9}]").Settings.Broker;

        Assert.Equal((3, 0, 65_536, 7.0), (options.Connections.MaximumPerAddress, options.Connections.ConnectRate, options.Connections.ConnectBurst, options.Connections.FlappingBan.TotalSeconds));
        Assert.Equal(["10.0.0.0/8", "192.0.2.1/32"], options.Connections.ExemptAddresses.Select(network => $"{network}"));
        Assert.Equal((5, 2048L, 1024L), (options.MaximumMessageRate, options.MaximumByteRate, options.ClientClasses[0].MaximumByteRate));
        Assert.Equal([("c", null, "no"), (null, "2001:db8::/32", null)], options.Bans.Select(ban => (ban.ClientId, ban.Address, ban.Reason)));
        Assert.Empty(Read("connections: {exempt_address: []}").Settings.Broker.Connections.ExemptAddresses);
        Assert.Equal(2, new BrokerOptions().Connections.ExemptAddresses.Count);
    }

    private static EffectiveSettings Read(string text) => new(YamlSource.Read(text, "dir/g.yaml"));
}
