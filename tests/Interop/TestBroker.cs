// A Godwit broker of the test's own, on a free port of the loopback interface, that remembers its log.
using System.Net;
using System.Text;
using Godwit.Broker;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Microsoft.Extensions.Logging;
using Xunit.Sdk;

namespace Godwit.Interop.Tests;

internal sealed class TestBroker : IAsyncDisposable
{
    private readonly MqttBroker _broker;
    private readonly BrokerLog _log;

    private TestBroker(MqttBroker broker, BrokerLog log)
    {
        _broker = broker;
        _log = log;
    }

    public int Port => _broker.EndPoints[0].Port;

    public MqttBroker Broker => _broker;

    /// <summary>What the broker has logged: the lines of `godwit broker -v`.</summary>
    public string Log => _log.Text;

    /// <summary>Waits until the broker has logged a line with these words.</summary>
    public async Task LoggedAsync(string words)
    {
        try
        {
            await _log.ContainsAsync(words).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            throw new XunitException($"'{words}' is not in the log:\n{Log}");
        }
    }

    /// <summary>Starts a broker with two event loops, so that clients meet across loops.</summary>
    public static async Task<TestBroker> StartAsync(BrokerOptions? options = null, ListenerOptions? listener = null)
    {
        var log = new BrokerLog();
        options ??= new BrokerOptions { Loops = 2 };
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
        return new(await MqttBroker.StartAsync(options with { Listeners = [listener ?? new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))] }, factory), log);
    }

    /// <summary>Starts a peer.</summary>
    public PeerProcess Start(PeerKind peer, string scenario, ProtocolVersion version, params string[] settings) =>
        Peer.Start(peer, scenario, version, Port, settings, () => Log);

    /// <summary>Starts a peer that subscribes, and waits until it has.</summary>
    public async Task<PeerProcess> SubscribeAsync(PeerKind peer, ProtocolVersion version, params string[] settings)
    {
        PeerProcess process = Start(peer, "subscribe", version, settings);
        try
        {
            await process.EventAsync("SUBSCRIBED");
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets a peer publish and leave; all must be accepted.</summary>
    public async Task PublishAsync(PeerKind peer, ProtocolVersion version, params string[] settings)
    {
        await using PeerProcess process = Start(peer, "publish", version, settings);
        await process.SuccessAsync();
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private sealed class BrokerLog : ILoggerProvider, ILogger
    {
        private readonly StringBuilder _text = new();
        private readonly List<(string Words, TaskCompletionSource Found)> _waiting = [];

        public string Text
        {
            get { lock (_text) return _text.ToString(); }
        }

        public Task ContainsAsync(string words)
        {
            lock (_text)
            {
                if (_text.ToString().Contains(words, StringComparison.Ordinal)) return Task.CompletedTask;
                var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((words, found));
                return found.Task;
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_text)
            {
                string line = formatter(state, exception);
                _text.Append(line).Append('\n');
                foreach ((string words, TaskCompletionSource found) in _waiting)
                    if (line.Contains(words, StringComparison.Ordinal)) found.TrySetResult();
                if (exception is not null) _text.Append(exception).Append('\n');
            }
        }

        public void Dispose()
        {
        }
    }
}
