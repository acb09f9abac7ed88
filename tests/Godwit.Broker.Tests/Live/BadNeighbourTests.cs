// A broker with real sockets and clients that behave as badly as they can: the others do not notice, and nothing of them remains.
using System.Net;
using System.Net.Sockets;
using Godwit.Testing;
using Microsoft.Extensions.Logging;

namespace Godwit.Broker.Tests.Live;

public sealed class BadNeighbourTests
{
    private const int Neighbours = 4, SessionsOfEach = 400;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task MutatedSessions_OnRealSockets_DisturbNobodyAndLeaveNothing(int seed)
    {
        using var log = new ErrorLog();
        await using var broker = new MqttBroker(
            new BrokerOptions
            {
                Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
                Loops = 3,
                MaximumSessionExpiry = 0, // a mutated CONNECT can ask for anything
                SysInterval = TimeSpan.Zero,
            },
            log);
        await broker.StartAsync();
        IPEndPoint address = broker.EndPoints[0];
        using var end = new CancellationTokenSource();
        Task<int> bystander = Task.Run(() => ExchangeAsync(address, end.Token));

        await Task.WhenAll(Enumerable.Range(0, Neighbours).Select(i => Task.Run(() => MisbehaveAsync(address, new SessionMutator(seed * 100 + i)))));
        await end.CancelAsync();

        Assert.InRange(await bystander.WaitAsync(Patience), 1, int.MaxValue);
        using var patience = new CancellationTokenSource(Patience);
        while ((await broker.ListClientsAsync()).Count > 0 && !patience.IsCancellationRequested) await Task.Yield();
        Assert.Empty(await broker.ListClientsAsync());
        Assert.True(broker.State.Subscriptions.IsEmpty);
        Telemetry.BrokerStatistics statistics = broker.Statistics;
        Assert.Equal((0, 0, 0, 0), (statistics.ClientsConnected, statistics.Sessions, statistics.Subscriptions, statistics.SharedSubscriptions));
        Assert.Equal((statistics.RetainedMessages, statistics.RetainedBytes), (statistics.StoredMessages, statistics.StoredBytes));
        Assert.Empty(log.Errors);
    }

    // Sends numbered QoS 1 messages to itself, one after the other; each has to come back before the next one goes.
    private static async Task<int> ExchangeAsync(IPEndPoint address, CancellationToken end)
    {
        using Socket socket = await ConnectAsync(address);
        await socket.SendAsync(Hex.Bytes("10 0E 00 04 'MQTT' 04 02 00 00 00 02 'me'  82 0A 00 01 00 05 'quiet' 01"));
        await ExpectAsync(socket, Hex.Bytes("20 02 00 00  90 03 00 01 01"));
        int count = 0;
        while (!end.IsCancellationRequested)
        {
            count++;
            byte[] id = [(byte)(count >> 8), (byte)Math.Max(count & 0xFF, 1)], text = Hex.Bytes($"'{count % 1000:D3}'");
            byte[] publish = [0x32, 12, 0, 5, .. "quiet"u8, .. id, .. text];
            await socket.SendAsync(publish);
            byte[] answer = await ReceiveAsync(socket, publish.Length + 4); // its own message and PUBACK, in either order
            int at = answer[0] == 0x40 ? 4 : 0;
            Assert.Equal(publish[..9], answer[at..(at + 9)]);
            Assert.Equal(text, answer[(at + 11)..(at + 14)]);
            await socket.SendAsync((byte[])[0x40, 2, .. answer[(at + 9)..(at + 11)]]);
        }
        return count;
    }

    private static async Task MisbehaveAsync(IPEndPoint address, SessionMutator mutator)
    {
        byte[] answer = new byte[4096];
        for (int i = 0; i < SessionsOfEach; i++)
        {
            using Socket socket = await ConnectAsync(address);
            byte[] session = mutator.Next();
            int cut = mutator.Choose(2) == 0 ? session.Length : mutator.Choose(session.Length);
            try
            {
                await socket.SendAsync(session.AsMemory(0, cut));
                await socket.SendAsync(session.AsMemory(cut));
                switch (mutator.Choose(3))
                {
                    case 0: // resets the connection
                        socket.LingerState = new LingerOption(true, 0);
                        break;
                    case 1: // closes its side and reads to the end
                        socket.Shutdown(SocketShutdown.Send);
                        while (await socket.ReceiveAsync(answer).WaitAsync(Patience) > 0) { }
                        break;
                }
            }
            catch (SocketException)
            {
                // The broker has closed the connection already, as it should.
            }
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address);
        return socket;
    }

    private static async Task ExpectAsync(Socket socket, byte[] expected) => Assert.Equal(Hex.Text(expected), Hex.Text(await ReceiveAsync(socket, expected.Length)));

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int length = 0; length < count;)
        {
            int received = await socket.ReceiveAsync(bytes.AsMemory(length)).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, received);
            length += received;
        }
        return bytes;
    }

    private sealed class ErrorLog : ILoggerFactory, ILogger
    {
        private readonly List<string> _errors = [];

        public string[] Errors
        {
            get { lock (_errors) return [.. _errors]; }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_errors) _errors.Add($"{formatter(state, exception)} {exception}");
        }

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
