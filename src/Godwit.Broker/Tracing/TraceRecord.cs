// What a trace consists of. A message of it is a head and any number of records; numbers are big-endian, texts UTF-8. docs/trace.md has the table.
//
//   head     version 01 | packets left out so far (8) | their bytes (8)
//   record   kind (1) | length of what follows (4) | time (8) | connection (8) | body
//
//   01 opened   flags (1: followed from its beginning) | MQTT version (1) | client's address | broker's address | client id | user name | listener
//   02 packet   direction (1) | its length (4) | its bytes, or their beginning
//   03 bytes    as a packet, but what a client sent is none
//   04 dropped  direction (1) | packets (4) | bytes (8)
//   05 closed   by whom (1) | why | detail
//   06 end      why
//
//   address     00, or 04 | address (4) | port (2), or 06 | address (16) | port (2)
//   text        length (2) | bytes; length FF FF for none
using System.Net;
using Godwit.Protocol;

namespace Godwit.Broker.Tracing;

/// <summary>What a record of a trace is about. Readers skip kinds that they do not know.</summary>
public enum TraceRecordKind : byte
{
    /// <summary>A connection that the trace shows from here on: stands in front of its other records.</summary>
    Opened = 1,

    /// <summary>An MQTT packet, whole or its beginning.</summary>
    Packet = 2,

    /// <summary>Bytes of a client that are no packet.</summary>
    Bytes = 3,

    /// <summary>Here packets of a connection are missing: the reader was too slow.</summary>
    Dropped = 4,

    /// <summary>A connection is over.</summary>
    Closed = 5,

    /// <summary>The trace is over.</summary>
    End = 6,
}

/// <summary>Which way a packet goes.</summary>
public enum TraceDirection : byte
{
    /// <summary>From the client to the broker.</summary>
    FromClient = 0,

    /// <summary>From the broker to the client.</summary>
    ToClient = 1,
}

/// <summary>Who ended a connection.</summary>
public enum TraceEnding : byte
{
    /// <summary>The client.</summary>
    Client = 0,

    /// <summary>The broker.</summary>
    Broker = 1,

    /// <summary>Neither: it was reset, or the network failed.</summary>
    Network = 2,
}

/// <summary>A connection in a trace.</summary>
/// <param name="IsFromBeginning">Whether its packets are shown from the first one on.</param>
/// <param name="Version">Its protocol version; unknown before CONNECT.</param>
/// <param name="Client">The client's address; null within the broker's process and for Unix sockets.</param>
/// <param name="Broker">The broker's end of it; null likewise.</param>
/// <param name="ClientId">The client identifier; null before CONNECT.</param>
/// <param name="UserName">The user name; null without one, and before CONNECT.</param>
/// <param name="Listener">The listener it came by; null within the broker's process.</param>
public sealed record TracedConnection(
    bool IsFromBeginning, ProtocolVersion Version, IPEndPoint? Client, IPEndPoint? Broker, string? ClientId, string? UserName, string? Listener);

/// <summary>A record of a trace. What it does not have by its kind is 0, empty or null.</summary>
public readonly ref struct TraceRecord
{
    /// <summary>What it is about.</summary>
    public TraceRecordKind Kind { get; init; }

    /// <summary>When, in nanoseconds since 1970-01-01 00:00 UTC, by the broker's clock.</summary>
    public long Time { get; init; }

    /// <summary>The connection's number among those that the broker has traced, from 1 on.</summary>
    public long Connection { get; init; }

    /// <summary><see cref="TraceRecordKind.Opened"/>: what is known of the connection.</summary>
    public TracedConnection? Opened { get; init; }

    /// <summary>Packet, bytes, dropped: which way.</summary>
    public TraceDirection Direction { get; init; }

    /// <summary>Packet, bytes, dropped: how many bytes there were.</summary>
    public long Length { get; init; }

    /// <summary>Packet, bytes: what there is of them, from the first on.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>Dropped: how many packets.</summary>
    public int Packets { get; init; }

    /// <summary>Closed: who ended it.</summary>
    public TraceEnding EndedBy { get; init; }

    /// <summary>Closed, end: why, in words with hyphens.</summary>
    public string? Reason { get; init; }

    /// <summary>Closed: more about that, for people.</summary>
    public string? Detail { get; init; }
}
