using Godwit.Capture.Conversations;

namespace Godwit.Capture.Reports;

/// <summary>Response times of one kind of exchange, in nanoseconds.</summary>
/// <param name="Kind">Which packets.</param>
/// <param name="Count">How many exchanges.</param>
/// <param name="Median">What half of them do not exceed.</param>
/// <param name="Percentile90">What 90 % do not exceed.</param>
/// <param name="Percentile99">What 99 % do not exceed.</param>
/// <param name="Maximum">The longest.</param>
public readonly record struct ResponseTimes(ExchangeKind Kind, long Count, long Median, long Percentile90, long Percentile99, long Maximum);

/// <summary>Bytes of a layer, or of a part of MQTT packets.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Bytes">How many.</param>
public readonly record struct LayerBytes(string Name, long Bytes);

/// <summary>The figures from which a report draws its plots.</summary>
public interface IReportStatistics
{
    /// <summary>The length of an interval of <see cref="Rates"/>.</summary>
    TimeSpan IntervalWidth { get; }

    /// <summary>Packets from clients and from servers in each interval, from the first packet on; at most a few hundred.</summary>
    IReadOnlyList<(long FromClients, long FromServers)> Rates { get; }

    /// <summary>How many packets have up to so many bytes and more than the entry before, by powers of two.</summary>
    IReadOnlyList<(long UpTo, long Count)> Sizes { get; }

    /// <summary>Response times of the exchanges that there were.</summary>
    IReadOnlyList<ResponseTimes> Responses { get; }

    /// <summary>Where the bytes on the wire went, of connections that carry MQTT, from the lowest layer up.</summary>
    IReadOnlyList<LayerBytes> Budget { get; }
}
