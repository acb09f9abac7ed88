// One local address has some 28,000 ports towards a broker, fewer while closed connections linger in TIME_WAIT. All of 127.0.0.0/8 are this
// machine's own addresses (on Linux), so towards a broker there, several are used in turn.
using System.Net;

namespace Godwit.Bench;

internal sealed class SourceAddresses
{
    private const int LoopbackAddresses = 64;
    private const int ConnectionsPerAddress = 20_000;

    private readonly IPEndPoint[] _endPoints;
    private readonly int _perAddress;
    private long _taken;

    public SourceAddresses(BenchOptions options, IPEndPoint remote)
    {
        // Connections that come and go use up ports; those that stay can fill one address after the other.
        _perAddress = options.Scenario is ScenarioKind.Connect or ScenarioKind.Reconnect || options.LocalAddresses.Count > 0 ? 1 : ConnectionsPerAddress;
        bool isOwnLoopback = OperatingSystem.IsLinux() && remote.Address.GetAddressBytes() is [127, ..];
        _endPoints = options.LocalAddresses.Count > 0
            ? [.. options.LocalAddresses.Select(address => new IPEndPoint(address, 0))]
            : isOwnLoopback
                ? [.. Enumerable.Range(1, LoopbackAddresses).Select(i => new IPEndPoint(new IPAddress([127, 0, 0, (byte)i]), 0))]
                : [];
    }

    /// <summary>Where the next connection comes from; null: the system's choice. From any thread.</summary>
    public IPEndPoint? Next() => _endPoints.Length == 0
        ? null
        : _endPoints[(Interlocked.Increment(ref _taken) - 1) / _perAddress % _endPoints.Length];
}
