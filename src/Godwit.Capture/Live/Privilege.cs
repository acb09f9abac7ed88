namespace Godwit.Capture.Live;

internal static class Privilege
{
    /// <summary>What to do when the system refuses a packet socket.</summary>
    public static string Advice =>
        $"""
        Capturing on a network interface needs the capability CAP_NET_RAW, which this process does not have. Either
          run it as root: sudo {Program} ...
          or give the program the capability, for everybody who may run it, until it is replaced: sudo setcap cap_net_raw+ep {Program}
          or let a program capture that may: dumpcap -q -w - -f 'tcp port 1883' | {Program} capture -
        """;

    private static string Program => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet" ? path : "godwit";
}
