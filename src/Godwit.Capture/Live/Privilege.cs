namespace Godwit.Capture.Live;

internal static class Privilege
{
    /// <summary>What to do when the system refuses a packet socket.</summary>
    public static string Advice =>
        $"""
        Capturing on a network interface needs the capability CAP_NET_RAW, which this process does not have. One of:
          sudo {Program} capture ...                      as root
          sudo setcap cap_net_raw+ep {Program}            for good, for everybody who may run this file
          dumpcap -q -w - -f 'tcp port 1883' | {Program} capture -    with Wireshark's capturing program, if you may use that (group wireshark)
        """;

    private static string Program => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet" ? path : "godwit";
}
