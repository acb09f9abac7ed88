using System.Net.NetworkInformation;

namespace Godwit.Capture.Live;

/// <summary>Captures on the network interfaces of this machine. Linux only; elsewhere a capturing program can be read from by <c>-</c>.</summary>
public static class LiveCapture
{
    /// <summary>The name that stands for all interfaces.</summary>
    public const string AnyInterface = "any";

    /// <summary>The names of the interfaces that can be captured on, <c>any</c> first.</summary>
    public static IReadOnlyList<string> Interfaces =>
        [AnyInterface, .. NetworkInterface.GetAllNetworkInterfaces().Select(candidate => candidate.Name).Order(StringComparer.Ordinal)];

    /// <summary>Begins to capture.</summary>
    /// <exception cref="LiveCaptureException">The system does not let us, or there is no such interface.</exception>
    public static FrameSource Open(LiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw new LiveCaptureException("Capturing on an interface needs Linux. Let another program capture: tcpdump -w - 'tcp port 1883' | godwit capture -");
        if (options.Ports.Count > KernelFilter.MaxPorts)
            throw new LiveCaptureException($"At most {KernelFilter.MaxPorts} ports can be filtered by; without any all of TCP is captured.");
        return new PacketSocket(options);
    }
}
