// A broker under clients that do everything wrong. It lives on, keeps to its memory budget, keeps nothing of them when they are gone, and those who mind
// their own business notice nothing but the load. GODWIT_ABUSE_SECONDS (4) and GODWIT_ABUSE_CLIENTS (300) make more of it.
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Godwit.Testing;
using Xunit.Abstractions;

namespace Godwit.Interop.Tests.Abuse;

public sealed class AbuseTests(ITestOutputHelper output) : IDisposable
{
    private const long Budget = 128 * 1024 * 1024;

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Broker_UnderMutatedSessions_ServesOthersAndForgetsThem()
    {
        int seconds = Fuzz.Setting("GODWIT_ABUSE_SECONDS") ?? 4, clients = Fuzz.Setting("GODWIT_ABUSE_CLIENTS") ?? 300, seed = Fuzz.Setting("GODWIT_FUZZ_SEED") ?? Environment.TickCount;
        await using GodwitProcess broker = await GodwitProcess.StartAsync(
            "--listen", "any://127.0.0.1:0", "--cert", _certificates.Make("localhost").File, "--memory", "128M", "--connect-timeout", "2");
        await using Bystander bystander = await Bystander.ConnectAsync(broker.Port);
        int descriptors = DescriptorsOf(broker);
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(_certificates.CaFile);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var abuse = new AbusiveClients(broker.Port, authority, seed);

        Task attack = abuse.RunAsync(clients, end.Token);
        Task quiet = bystander.RunAsync(end.Token);
        long highest = 0;
        while (!end.IsCancellationRequested && !quiet.IsFaulted)
        {
            highest = Math.Max(highest, ResidentBytesOf(broker));
            await Task.Delay(50, CancellationToken.None);
        }
        await attack;
        await quiet;

        IReadOnlyList<double> latencies = bystander.Latencies;
        output.WriteLine($"GODWIT_FUZZ_SEED={seed}: {abuse.Connected:N0} connections, {abuse.Answered:N0} answered, {abuse.Sent:N0} bytes; {highest >> 20} MiB resident at most");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"bystander: {latencies.Count:N0} messages, p50 {latencies[latencies.Count / 2]:0.00}, p99 {latencies[latencies.Count * 99 / 100]:0.00}, longest {latencies[^1]:0.00} ms"));
        Assert.True(abuse.Answered > clients, "the clients did not get far enough to do harm");
        Assert.InRange(highest, 1, Budget + Budget * 15 / 100);
        Assert.DoesNotContain(": Error: ", broker.Log);
        await GoneAsync(broker, descriptors);
    }

    // Their connections end at the latest when the broker has lost patience with them.
    private static async Task GoneAsync(GodwitProcess broker, int descriptors)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (DescriptorsOf(broker) > descriptors + 4)
        {
            Assert.False(patience.IsCancellationRequested, $"{DescriptorsOf(broker)} descriptors are open, {descriptors} were before");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static int DescriptorsOf(GodwitProcess broker) => Directory.GetFiles($"/proc/{broker.ProcessId}/fd").Length;

    private static long ResidentBytesOf(GodwitProcess broker) =>
        long.Parse(File.ReadAllText($"/proc/{broker.ProcessId}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
