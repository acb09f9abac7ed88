// godwit trace as a program of its own, and a client of somebody else's that speaks TLS.
using System.Text.Json.Nodes;
using Godwit.Broker;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;
using Godwit.Transport;

namespace Godwit.Interop.Tests.Cli;

public sealed class TraceTests
{
    [Fact]
    public async Task Trace_MosquittoPubByTls_IsShownInClear()
    {
        using var certificates = new TestCertificates();
        var tls = new TlsServerOptions { Certificates = [new CertificateFiles(certificates.Make("server").File)] };
        await using TestBroker broker = await TestBroker.StartAsync(listener: ListenerUri.Parse("tls://127.0.0.1:0", tls));
        string[] how = ["-h", "127.0.0.1", "-p", $"{broker.Port}", "--cafile", certificates.CaFile];

        await using var trace = new ToolRun(GodwitProgram.Path, ["trace", .. how, "--client", "theirs", "--json", "-c", "7"], null);
        await broker.LoggedAsync("Trace 1 begun by ");
        await using var publisher = new ToolRun("mosquitto_pub", [.. how, "-i", "theirs", "-u", "ann", "-P", "secret", "-q", "2", "-t", "room/1", "-m", "21.5"], null);
        ToolResult published = await publisher.ResultAsync(), traced = await trace.ResultAsync();

        Assert.Equal((0, 0), (published.ExitCode, traced.ExitCode));
        JsonNode[] packets = [.. traced.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal(["CONNECT", "CONNACK", "PUBLISH", "PUBREC", "PUBREL", "PUBCOMP", "DISCONNECT"], packets.Select(packet => (string?)packet["type"]));
        Assert.Equal(("room/1", "21.5"), ((string?)packets[2]["topic"], (string?)packets[2]["payload"]));
        Assert.DoesNotContain("secret", traced.Output, StringComparison.Ordinal);
    }
}
