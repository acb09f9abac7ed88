// A broker with a memory budget under floods of each kind: its resident memory, which the system tells, stays within the budget and 15 % more,
// and a quiet client gets its messages meanwhile. Floods end after two seconds, or GODWIT_MEMORY_SECONDS; what they achieve in that time is
// their own business. With GODWIT_MEMORY_SAMPLES=DIR each leaves a table there, for bench/memory.sh: seconds, bytes resident, and the
// seconds that the quiet client's message took.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class MemoryFloodTests
{
    private const long Budget = 96 * 1024 * 1024;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("GODWIT_MEMORY_SECONDS"), CultureInfo.InvariantCulture, out int seconds) ? Math.Clamp(seconds, 1, 60) : 2);

    [Theory]
    [InlineData("retained")]
    [InlineData("queues")]
    [InlineData("readers")]
    [InlineData("sessions")]
    [InlineData("subscriptions")]
    [InlineData("packets")]
    public async Task Flood_SmallBudget_StaysWithinItAndServesOthers(string kind)
    {
        await using GodwitProcess broker = await GodwitProcess.StartAsync("--memory", "96M");
        using var end = new CancellationTokenSource(Duration);
        using Socket quiet = Connect(broker.Port, "quiet")!;
        Send(quiet, Subscribe(1, "quiet"));
        Receive(quiet);

        Task flood = Task.Run(() => Flood(kind, broker.Port, end.Token));
        List<(double Seconds, long Resident, double Answer)> samples = [];
        long start = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            long asked = Stopwatch.GetTimestamp();
            Send(quiet, Publish("quiet", 8, QoS.AtMostOnce, 0));
            Receive(quiet);
            samples.Add((Stopwatch.GetElapsedTime(start).TotalSeconds, Resident(broker.ProcessId), Stopwatch.GetElapsedTime(asked).TotalSeconds));
            await Task.Delay(10, CancellationToken.None);
        }
        await flood;
        samples.Add((Stopwatch.GetElapsedTime(start).TotalSeconds, Resident(broker.ProcessId), 0));
        Save(kind, samples);
        long highest = samples.Max(sample => sample.Resident);
        int answered = samples.Count - 1;

        Assert.True(highest <= Budget + Budget * 15 / 100, $"{highest:N0} bytes resident\n{broker.Log}");
        Assert.True(answered > 10, $"only {answered} messages of the quiet client\n{broker.Log}");
        Assert.False(broker.Log.Contains("OutOfMemory", StringComparison.Ordinal), broker.Log);
    }

    private static void Save(string kind, List<(double Seconds, long Resident, double Answer)> samples)
    {
        if (Environment.GetEnvironmentVariable("GODWIT_MEMORY_SAMPLES") is not { Length: > 0 } directory) return;
        IEnumerable<string> lines = samples.Select(sample => string.Create(CultureInfo.InvariantCulture, $"{sample.Seconds:0.000}\t{sample.Resident}\t{sample.Answer:0.000000}"));
        File.WriteAllLines(Path.Combine(directory, kind + ".tsv"), lines);
    }

    private static void Flood(string kind, int port, CancellationToken end)
    {
        List<Socket> clients = [];
        try
        {
            switch (kind)
            {
                case "retained":
                    Push(Join(port, clients), i => Publish($"retained/{i}", 500, QoS.AtMostOnce, 0, retain: true), end);
                    break;
                case "queues":
                    for (int i = 0; i < 50; i++)
                    {
                        using Socket away = Connect(port, $"away{i}", clean: false)!;
                        Send(away, Subscribe(1, $"queue/{i}"));
                        Receive(away);
                    }
                    Push(Join(port, clients), i => Publish($"queue/{i % 50}", 1000, QoS.AtLeastOnce, (ushort)(i % 60_000 + 1)), end);
                    break;
                case "readers":
                    for (int i = 0; i < 200; i++)
                    {
                        Socket reader = Join(port, clients);
                        Send(reader, Subscribe(1, "readers"));
                        Receive(reader);
                    }
                    Push(Join(port, clients), _ => Publish("readers", 2000, QoS.AtMostOnce, 0), end);
                    break;
                case "sessions":
                    for (int i = 0; !end.IsCancellationRequested; i++)
                    {
                        using Socket? client = Connect(port, $"session{i}", clean: false);
                        if (client is not null) Send(client, Subscribe(1, $"sessions/{i}/of/many"));
                    }
                    break;
                case "subscriptions":
                    Push(Join(port, clients), i => Subscribe((ushort)(i % 60_000 + 1), $"subscriptions/{i}/of/many"), end);
                    break;
                case "packets":
                    byte[] half = Publish("packets", 1_500_000, QoS.AtMostOnce, 0)[..1_400_000];
                    for (int i = 0; i < 100 && !end.IsCancellationRequested; i++)
                    {
                        if (Connect(port, $"packet{i}") is not { } client) continue;
                        clients.Add(client);
                        Push(client, half, end);
                    }
                    break;
            }
        }
        finally
        {
            foreach (Socket client in clients) client.Dispose();
        }
    }

    // Sends on and on, as much as is taken, and throws away what comes.
    private static void Push(Socket client, Func<int, byte[]> packet, CancellationToken end)
    {
        for (int i = 0; !end.IsCancellationRequested && client.Connected;)
        {
            byte[] batch = [.. Enumerable.Range(i, 100).SelectMany(packet)];
            i += 100;
            Push(client, batch, end);
        }
    }

    private static void Push(Socket client, byte[] bytes, CancellationToken end)
    {
        byte[] thrownAway = new byte[16 * 1024];
        try
        {
            client.Blocking = false;
            for (int sent = 0; sent < bytes.Length && !end.IsCancellationRequested;)
            {
                if (client.Available > 0) client.Receive(thrownAway);
                if (client.Poll(10_000, SelectMode.SelectWrite)) sent += client.Send(bytes.AsSpan(sent), SocketFlags.None, out _);
                else if (client.Poll(0, SelectMode.SelectRead) && client.Available == 0) return;
            }
        }
        catch (SocketException)
        {
            // The broker has closed it, which is its right.
        }
    }

    private static Socket Join(int port, List<Socket> clients)
    {
        Socket client = Connect(port, $"client{clients.Count}")!;
        clients.Add(client);
        return client;
    }

    // Null if the broker refuses.
    private static Socket? Connect(int port, string clientId, bool clean = true)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000, SendTimeout = 10_000 };
        try
        {
            client.Connect(IPAddress.Loopback, port);
            var connect = new ConnectPacket { Version = ProtocolVersion.V311, ClientId = Encoding.UTF8.GetBytes(clientId), CleanStart = clean };
            byte[] bytes = new byte[connect.Length];
            connect.Write(bytes);
            Send(client, bytes);
            if (Receive(client) is [0x20, _, _, 0, ..]) return client;
        }
        catch (SocketException)
        {
            // As good as refused.
        }
        client.Dispose();
        return null;
    }

    private static byte[] Subscribe(ushort id, string filter) =>
        [0x82, .. Remaining(filter.Length + 5), (byte)(id >> 8), (byte)id, .. Text(filter), 1];

    private static byte[] Publish(string topic, int size, QoS qos, ushort id, bool retain = false)
    {
        var publish = new PublishPacket { Topic = Encoding.UTF8.GetBytes(topic), Payload = new byte[size], QoS = qos, PacketId = id, Retain = retain };
        byte[] bytes = new byte[publish.Length(ProtocolVersion.V311)];
        publish.Write(bytes, ProtocolVersion.V311);
        return bytes;
    }

    private static byte[] Remaining(int length) => length < 128 ? [(byte)length] : [(byte)(length % 128 | 128), (byte)(length / 128)];

    private static byte[] Text(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static void Send(Socket client, byte[] bytes) => client.Send(bytes);

    private static byte[] Receive(Socket client)
    {
        byte[] bytes = new byte[4096];
        return bytes[..client.Receive(bytes)];
    }

    private static long Resident(int process) =>
        long.Parse(File.ReadAllText($"/proc/{process}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
