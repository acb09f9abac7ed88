// A handler whose every reaction can be set by a test; without one it consumes and keeps everything.
namespace Godwit.Transport.Tests;

internal delegate int ReceivedReaction(TransportConnection connection, ReadOnlySpan<byte> input);

internal sealed class TestHandler : IConnectionHandler
{
    private const TaskCreationOptions Async = TaskCreationOptions.RunContinuationsAsynchronously;

    private readonly TaskCompletionSource<TransportConnection> _opened = new(Async);
    private readonly TaskCompletionSource<(CloseReason Reason, Exception? Error)> _closed = new(Async);
    private readonly TaskCompletionSource _reached = new(Async);
    private readonly List<byte> _received = [];

    public Action<TransportConnection>? Opened { get; set; }

    public ReceivedReaction? Received { get; set; }

    public Action<TransportConnection>? Drained { get; set; }

    public Action<TransportConnection>? Moved { get; set; }

    /// <summary>With this many bytes received, <see cref="Reached"/> completes.</summary>
    public long Expected { get; set; } = long.MaxValue;

    public Task<TransportConnection> OpenedTask => _opened.Task.WaitAsync(Patience);

    public Task<(CloseReason Reason, Exception? Error)> ClosedTask => _closed.Task.WaitAsync(Patience);

    public Task Reached => _reached.Task.WaitAsync(Patience);

    public int ClosedCount { get; private set; }

    public int DrainedCount { get; private set; }

    public int MovedCount { get; private set; }

    public byte[] Bytes => _received.ToArray();

    public string Text => System.Text.Encoding.ASCII.GetString(Bytes);

    /// <summary>How long a test waits for what must come; only a failing test takes it.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(20);

    public void OnOpened(TransportConnection connection)
    {
        Opened?.Invoke(connection);
        _opened.TrySetResult(connection);
    }

    public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input) =>
        Received is null ? Take(input) : Received(connection, input);

    /// <summary>Consumes everything.</summary>
    public int Take(ReadOnlySpan<byte> input)
    {
        _received.AddRange(input);
        if (_received.Count >= Expected) _reached.TrySetResult();
        return input.Length;
    }

    public void OnOutputDrained(TransportConnection connection)
    {
        DrainedCount++;
        Drained?.Invoke(connection);
    }

    public void OnMoved(TransportConnection connection)
    {
        MovedCount++;
        Moved?.Invoke(connection);
    }

    public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
    {
        ClosedCount++;
        _closed.TrySetResult((reason, error));
    }

    public static TestHandler Echo() => new()
    {
        Received = static (connection, input) =>
        {
            connection.Write(input);
            return input.Length;
        },
    };
}
