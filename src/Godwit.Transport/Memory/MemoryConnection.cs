using Godwit.Transport.Memory;

namespace Godwit.Transport;

/// <summary>How a memory pair behaves.</summary>
public sealed record MemoryPairOptions
{
    /// <summary>Bytes that may be under way each way before the sender has to wait. Default: 64 KiB, about a socket's buffer.</summary>
    public int TransitLimit { get; init; } = 64 * 1024;

    /// <summary>
    /// Bytes that one receive returns at most. Default: no limit. With 1, every packet arrives split in all places.
    /// </summary>
    public int InputChunk { get; init; } = int.MaxValue;

    /// <summary>Side B as a connection that a listener has accepted; null if it is none.</summary>
    internal Arrival? Arrival { get; init; }
}

/// <summary>Connections within the process that behave as TCP's do: the same buffering, back-pressure, closing and moving.</summary>
public static class MemoryConnection
{
    /// <summary>Connects two handlers. From any thread; OnOpened comes on each side's loop, in its next turn.</summary>
    /// <param name="loopA">The loop of side A.</param>
    /// <param name="handlerA">Side A.</param>
    /// <param name="loopB">The loop of side B; may be the same.</param>
    /// <param name="handlerB">Side B.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>Both ends, each to be used on its own loop.</returns>
    public static (TransportConnection A, TransportConnection B) CreatePair(
        EventLoop loopA, IConnectionHandler handlerA, EventLoop loopB, IConnectionHandler handlerB, MemoryPairOptions? options = null)
    {
        options ??= new MemoryPairOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TransitLimit);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.InputChunk);
        var toA = new MemoryPipe(options.TransitLimit);
        var toB = new MemoryPipe(options.TransitLimit);
        var a = new MemoryEnd(loopA, handlerA, toA, toB, options.InputChunk);
        var b = new MemoryEnd(loopB, handlerB, toB, toA, options.InputChunk, options.Arrival);
        toA.Reader = toB.Writer = a;
        toB.Reader = toA.Writer = b;
        loopA.Post(a);
        loopB.Post(b);
        return (a, b);
    }

    /// <summary>Breaks a pair as a failing network does: both ends get <see cref="CloseReason.Reset"/>, bytes under way are lost.</summary>
    public static void Reset(TransportConnection end)
    {
        if (end is not MemoryEnd memory) throw new ArgumentException("Only in-memory connections can be reset.", nameof(end));
        memory.Reset();
    }
}
