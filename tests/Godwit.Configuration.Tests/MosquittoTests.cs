using Godwit.Broker;
using Godwit.Configuration.Mosquitto;
using Godwit.Configuration.Reading;
using Godwit.Configuration.Writing;

namespace Godwit.Configuration.Tests;

public sealed class MosquittoTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-conf-");

    private string Main => Path.Combine(_directory.FullName, "mosquitto.conf");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Mosquitto_Empty_HasMosquittosDefaults()
    {
        BrokerSettings settings = Read("").Settings;

        Assert.Equal((20, 1000, 10, 2_000_000, OverflowPolicy.DropNewest), (settings.Broker.MaximumInflight, settings.Broker.MaximumQueuedMessages,
            settings.Broker.TopicAliasMaximum, settings.Broker.MaximumPacketSize, settings.Broker.OverflowPolicy));
        Assert.Equal((true, "tcp://127.0.0.1:1883"), (settings.Security.AllowAnonymous, settings.Listeners.Single().Listen));
    }

    [Theory]
    [InlineData("listener 1883", false)]
    [InlineData("port 1883", false)]
    [InlineData("listener 1883\nallow_anonymous true", true)]
    [InlineData("max_inflight_messages 5", true)]
    public void Mosquitto_Anonymous_IsAllowedAsThere(string text, bool allowed) => Assert.Equal(allowed, Read(text).Settings.Security.AllowAnonymous);

    [Theory]
    [InlineData("listener 1883", "tcp://*:1883")]
    [InlineData("listener 1883 127.0.0.1", "tcp://127.0.0.1:1883")]
    [InlineData("listener 1883 ::1", "tcp://[::1]:1883")]
    [InlineData("port 1884\nbind_address localhost", "tcp://localhost:1884")]
    [InlineData("listener 8080\nprotocol websockets", "ws://*:8080/")]
    [InlineData("listener 8883\ncertfile a\nkeyfile b\ncafile c", "tls://*:8883")]
    [InlineData("listener 1883\nsocket_domain ipv4", "tcp://0.0.0.0:1883")]
    [InlineData("listener 0 /run/m.sock", "unix:///run/m.sock")]
    public void Mosquitto_Listener_IsAUri(string text, string uri) => Assert.Equal(uri, Read(text).Settings.Listeners.Single().Listen);

    [Fact]
    public void Mosquitto_Options_AreHonoured()
    {
        BrokerSettings settings = Read("""
            # a comment
            persistence true
            persistence_location /var/lib/m
            max_inflight_messages 0
            max_queued_messages 7
            queue_qos0_messages true
            persistent_client_expiration 2d
            log_type warning
            log_type notice
            log_timestamp_format %Y-%m-%dT%H:%M:%S
            retain_available false
            allow_zero_length_clientid false
            auto_id_prefix x-
            sys_interval 3
            max_keepalive 60
            listener 8883
            max_qos 1
            certfile c
            keyfile k
            cafile ca
            require_certificate true
            use_identity_as_username true
            tls_version tlsv1.3
            password_file users
            """).Settings;
        BrokerOptions broker = settings.Broker;

        Assert.Equal(("/var/lib/m", 49_152, 7, 7L, true, 172_800u), (settings.DataDirectory, broker.MaximumInflight, broker.MaximumQueuedMessages,
            broker.MaximumStoredMessages, broker.QueueQoS0Messages, broker.MaximumSessionExpiry));
        Assert.Equal(("information", "iso", false, false, "x-", 3.0, 60, 1), (settings.LogLevel, settings.LogFormat, broker.RetainAvailable, broker.AllowEmptyClientId,
            broker.AssignedClientIdPrefix, broker.SysInterval.TotalSeconds, broker.MaximumKeepAlive, (int)broker.MaximumQoS));
        ListenerSettings listener = settings.Listeners.Single();
        Assert.Equal(("c", "k", "ca", true, true, "1.3", "users"), (listener.Certificates.Single(), listener.Keys.Single(), listener.CaFiles.Single(),
            listener.RequireCertificate, listener.UseIdentity, listener.TlsVersion, settings.Security.PasswordFile));
    }

    [Theory]
    [InlineData("pid_file /run/x", 1)]
    [InlineData("\nconnection up\naddress 1.2.3.4\ntopic # both", 2)]
    [InlineData("cafile x", 1)]
    public void Mosquitto_WithoutCounterpart_IsSaidByLine(string text, int line)
    {
        EffectiveSettings effective = Read(text);

        Assert.Empty(effective.Problems);
        Assert.Equal(line, Assert.Single(effective.Remarks).Origin.Line);
    }

    [Theory]
    [InlineData("listener 1883\nmax_connections 5", 5)]
    [InlineData("listener 1883\nmax_connections -1", 0)]
    [InlineData("port 1883\nmax_connections 5", 5)]
    public void Mosquitto_MaxConnections_IsTheListeners(string text, int expected)
    {
        EffectiveSettings effective = Read(text);

        Assert.Empty(effective.Problems.Concat(effective.Remarks));
        Assert.Equal(expected, Assert.Single(effective.Settings.Listeners).MaxConnections);
    }

    [Theory]
    [InlineData("global_max_connections 5", 5)]
    [InlineData("global_max_connections -1", 0)]
    public void Mosquitto_GlobalMaxConnections_IsTheBrokers(string text, int expected)
    {
        EffectiveSettings effective = Read(text);

        Assert.Empty(effective.Problems.Concat(effective.Remarks));
        Assert.Equal(expected, effective.Settings.Broker.Connections.MaximumClients);
    }

    [Theory]
    [InlineData("presistence true", ":1:1: 'presistence' is no option of mosquitto. Is it 'persistence'?")]
    [InlineData("max_queued_messages x", ":1:1: max_queued takes a number from 0 to 2147483647, not 'x'.")]
    [InlineData("listener 1883\nmount_point a/", ":2:1: Godwit has no mount_point")]
    [InlineData("listener 1883\nprotocol http", ":2:1: protocol takes mqtt or websockets, not 'http'.")]
    [InlineData("plugin x.so\nplugin_opt_a b", ":1:1: Plugins for mosquitto cannot be loaded")]
    [InlineData("per_listener_settings true\nlistener 1\nallow_anonymous true\nlistener 2\npassword_file x", ":3:1: Listeners differ in allow_anonymous")]
    public void Mosquitto_WhatWouldLetInMore_IsAMistake(string text, string expected) =>
        Assert.StartsWith(Main + expected, Read(text).Problems[0].ToString(), StringComparison.Ordinal);

    [Fact]
    public void Mosquitto_OneListenerWithItsOwnSettings_HasThem()
    {
        SecuritySettings security = Read("per_listener_settings true\nlistener 1\nallow_anonymous true\nacl_file rules").Settings.Security;

        Assert.Equal((true, "rules"), (security.AllowAnonymous, security.AclFile));
    }

    [Theory]
    [InlineData("per_listener_settings true\nallow_anonymous true\nlistener 1", false)]
    [InlineData("allow_anonymous true\nlistener 1", true)]
    [InlineData("per_listener_settings true\nallow_anonymous true\nport 1", true)]
    [InlineData("per_listener_settings true\nallow_anonymous false", false)]
    public void Mosquitto_AnonymousBeforeAllListeners_IsAboutTheUnnamedOne(string text, bool allowed)
    {
        EffectiveSettings effective = Read(text);

        Assert.Empty(effective.Problems);
        Assert.Equal(allowed, effective.Settings.Security.AllowAnonymous);
    }

    [Fact]
    public void Mosquitto_IncludedFiles_AreReadInTheirOrder()
    {
        DirectoryInfo directory = _directory.CreateSubdirectory("conf.d");
        File.WriteAllText(Path.Combine(directory.FullName, "b.conf"), "sys_interval 2\n");
        File.WriteAllText(Path.Combine(directory.FullName, "a.conf"), $"sys_interval 1\ninclude_dir {directory.FullName}\n");
        File.WriteAllText(Path.Combine(directory.FullName, "c.txt"), "nonsense\n");

        EffectiveSettings effective = Read($"include_dir {directory.FullName}");

        Assert.Empty(effective.Problems);
        Assert.Equal(2, effective.Settings.Broker.SysInterval.TotalSeconds);
    }

    [Fact]
    public void Import_Yaml_SaysTheSame()
    {
        File.WriteAllText(Main, "listener 8883 127.0.0.1\ncertfile /c\nkeyfile /k\nallow_anonymous true\nmax_inflight_messages 5\n");
        Layer layer = MosquittoSource.Read(Main);

        var again = new EffectiveSettings(YamlSource.Read(YamlWriter.Write(layer), "g.yaml"));

        Assert.Empty(again.Problems);
        Assert.Equal(Values(new EffectiveSettings(layer)), Values(again));
    }

    private static IEnumerable<(string, string?)> Values(EffectiveSettings effective) => effective.All().Select(s => (s.Path, s.Value));

    private EffectiveSettings Read(string text)
    {
        File.WriteAllText(Main, text);
        return new EffectiveSettings(MosquittoSource.Read(Main));
    }
}
