// Connected pairs over each carrier, so that one test proves the same behaviour for all of them.
using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport.Tests;

public enum Carrier
{
    Epoll,
    Sockets,
    Memory,
}

internal sealed class Pairs : IAsyncDisposable
{
    private readonly Carrier _carrier;
    private readonly ConcurrentQueue<IConnectionHandler> _accepting = new();
    private readonly Listener? _listener;

    public Pairs(Carrier carrier, int loops = 2)
    {
        _carrier = carrier;
        Group = new EventLoopGroup(new EventLoopGroupOptions
        {
            Count = loops,
            Backend = carrier == Carrier.Sockets ? TransportBackend.Sockets : TransportBackend.Automatic,
            Logger = Log,
        });
        if (carrier != Carrier.Memory) _listener = Group.Listen(Loopback, NextHandler);
        Group.Start();
    }

    public static IPEndPoint Loopback => new(IPAddress.Loopback, 0);

    public EventLoopGroup Group { get; }

    public TestLog Log { get; } = new();

    public IPEndPoint Address => (IPEndPoint)_listener!.LocalEndPoint;

    /// <summary>The client's end and the server's.</summary>
    public async Task<(TransportConnection Client, TransportConnection Server)> ConnectAsync(TestHandler client, TestHandler server)
    {
        if (_carrier == Carrier.Memory)
        {
            MemoryConnection.CreatePair(Group.Loops[0], client, Group.Loops[^1], server);
        }
        else
        {
            _accepting.Enqueue(server);
            Group.Loops[0].Connect(Address, client);
        }
        return (await client.OpenedTask, await server.OpenedTask);
    }

    /// <summary>Says who handles the next accepted connection.</summary>
    public void Expect(TestHandler server) => _accepting.Enqueue(server);

    /// <summary>Whether the test makes a loop's work fail on purpose; if not, an exception that belongs to no connection fails it.</summary>
    public bool ExpectsLoopFailure { get; set; }

    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync();
        if (!ExpectsLoopFailure) Assert.DoesNotContain(Log.Entries, entry => entry.Level == LogLevel.Critical);
    }

    private IConnectionHandler NextHandler() =>
        _accepting.TryDequeue(out IConnectionHandler? handler) ? handler : throw new InvalidOperationException("Nobody was expected.");
}

internal static class LoopExtensions
{
    /// <summary>Runs it on the connection's loop and waits until it has run.</summary>
    public static Task DoAsync(this TransportConnection connection, Action<TransportConnection> action) =>
        connection.Loop.AskAsync(() =>
        {
            action(connection);
            return true;
        });

    public static Task<T> AskAsync<T>(this EventLoop loop, Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() =>
        {
            try
            {
                answer.SetResult(question());
            }
            catch (Exception exception)
            {
                answer.SetException(exception);
            }
        });
        return answer.Task.WaitAsync(TestHandler.Patience);
    }
}

internal sealed class TestLog : ILogger
{
    private readonly List<(string Words, TaskCompletionSource Found)> _waiting = [];

    public ConcurrentQueue<(LogLevel Level, EventId Id, string Message)> Entries { get; } = new();

    public int CountOf(int eventId) => Entries.Count(entry => entry.Id.Id == eventId);

    /// <summary>Waits for an entry with these words.</summary>
    public async Task LoggedAsync(string words)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (Entries.Any(entry => entry.Message.Contains(words, StringComparison.Ordinal))) return;
            _waiting.Add((words, found));
        }
        try
        {
            await found.Task.WaitAsync(TestHandler.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"'{words}' is not in the log:\n{string.Join('\n', Entries.Select(entry => entry.Message))}");
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string message = $"{formatter(state, exception)} {exception}";
        lock (_waiting)
        {
            Entries.Enqueue((logLevel, eventId, message));
            foreach ((_, TaskCompletionSource found) in _waiting.Where(waiting => message.Contains(waiting.Words, StringComparison.Ordinal))) found.TrySetResult();
        }
    }
}
