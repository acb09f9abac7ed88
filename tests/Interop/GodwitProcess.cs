using System.Text.RegularExpressions;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;

namespace Godwit.Interop.Tests;

/// <summary>`godwit broker` as a process of its own, on a free port; with -v and otherwise with defaults, unless a test says more.</summary>
internal sealed partial class GodwitProcess : IAsyncDisposable
{
    private readonly PeerProcess _process;

    private GodwitProcess(PeerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>All it has logged.</summary>
    public string Log => _process.Transcript;

    /// <summary>Its process.</summary>
    public int ProcessId => _process.ProcessId;

    public static Task<GodwitProcess> StartAsync() => StartAsync("-v");

    public static Task<GodwitProcess> StartAsync(params string[] options) => StartAsync(GodwitProgram.Path, ["broker", "-p", "0", .. options]);

    /// <summary>Starts it with so many open files allowed.</summary>
    public static Task<GodwitProcess> StartAsync(int descriptors) =>
        StartAsync("/bin/sh", ["-c", $"ulimit -n {descriptors} && exec \"$0\" \"$@\"", GodwitProgram.Path, "broker", "-p", "0"]);

    private static async Task<GodwitProcess> StartAsync(string program, string[] arguments)
    {
        var process = new PeerProcess(program, arguments, null, line => new OutputLine("LOG", [line]), () => "");
        OutputLine listening = await process.EventAsync("LOG", line => ListeningLine().IsMatch(line));
        return new GodwitProcess(process, int.Parse(ListeningLine().Match(listening.Columns[0]).Groups[1].Value));
    }

    /// <summary>Waits until it has logged a line with these words.</summary>
    public Task LoggedAsync(string words) => _process.EventAsync("LOG", line => line.Contains(words, StringComparison.Ordinal));

    /// <summary>Asks it to end, as `kill` does; gives the exit code.</summary>
    public Task<int> StopAsync()
    {
        _process.Terminate();
        return _process.ExitAsync();
    }

    /// <summary>Starts a peer of it.</summary>
    public PeerProcess Start(PeerKind peer, string scenario, Protocol.ProtocolVersion version, params string[] settings) =>
        Peer.Start(peer, scenario, version, Port, settings, () => Log);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"^\d+: Listening on (?:any://)?127\.0\.0\.1:(\d+)\.$")]
    private static partial Regex ListeningLine();
}
