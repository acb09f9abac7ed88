using System.Net;
using Godwit.Protocol;

namespace Godwit.Capture.Findings;

/// <summary>How bad a finding is.</summary>
public enum Severity : byte
{
    /// <summary>Worth knowing; may well be intended.</summary>
    Note,

    /// <summary>Allowed, and usually not what somebody wanted.</summary>
    Warning,

    /// <summary>A rule of the protocol is broken, or something was refused or lost.</summary>
    Error,
}

/// <summary>A rule by which findings are made.</summary>
/// <param name="Id">A short identifier, stable across versions of Godwit.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Title">What it is about, in a few words.</param>
/// <param name="Statement311">The statement of MQTT 3.1.1 behind it, without brackets; null if there is none.</param>
/// <param name="Statement5">The statement of MQTT 5.0 behind it.</param>
/// <param name="Remedy">What can be done.</param>
public sealed record FindingRule(string Id, Severity Severity, string Title, string? Statement311, string? Statement5, string Remedy)
{
    /// <summary>The statement for this protocol version.</summary>
    public string? StatementFor(ProtocolVersion version) => version == ProtocolVersion.V5 ? Statement5 : Statement311;
}

/// <summary>Something that was found.</summary>
public sealed class Finding
{
    // Packets that are named; more would not be looked at.
    internal const int MostPackets = 8;

    private readonly List<long> _packets = [];

    internal Finding(FindingRule rule, long connection, string? clientId, ProtocolVersion version, IPEndPoint? client, string sentence, Arrival at)
    {
        Rule = rule;
        Connection = connection;
        ClientId = clientId;
        Version = version;
        Client = client;
        Sentence = sentence;
        FirstAt = LastAt = at;
    }

    /// <summary>The rule.</summary>
    public FindingRule Rule { get; }

    /// <summary>The connection's number.</summary>
    public long Connection { get; }

    /// <summary>The client identifier; null if it is not known.</summary>
    public string? ClientId { get; }

    /// <summary>The client's address; null if it is not known which end is the client.</summary>
    public IPEndPoint? Client { get; }

    /// <summary>The connection's protocol version.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>The broken statement of that version, without brackets; null if there is none.</summary>
    public string? Statement => Rule.StatementFor(Version);

    /// <summary>What happened the first time, in a sentence.</summary>
    public string Sentence { get; }

    /// <summary>How often it happened on this connection.</summary>
    public long Count { get; internal set; } = 1;

    /// <summary>When it happened first.</summary>
    public Arrival FirstAt { get; }

    /// <summary>When it happened last.</summary>
    public Arrival LastAt { get; internal set; }

    /// <summary>The numbers of the packets concerned; the first 8.</summary>
    public IReadOnlyList<long> Packets => _packets;

    internal void AddPackets(params ReadOnlySpan<long> packets)
    {
        foreach (long packet in packets)
            if (packet != 0 && _packets.Count < MostPackets && !_packets.Contains(packet)) _packets.Add(packet);
    }
}

/// <summary>Told of findings when they are made.</summary>
public interface IFindingObserver
{
    /// <summary>Something was found: for the first time if <see cref="Finding.Count"/> is 1, otherwise once more.</summary>
    void OnFinding(Finding finding);
}
