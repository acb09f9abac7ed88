// Where the socket for administrators is: the broker and the tools have to agree without being told.
using System.Net.Sockets;
using Godwit.Broker;
using Godwit.Configuration;

namespace Godwit.Cli.Control;

internal static class ControlSocket
{
    /// <summary>The environment variable of the setting, for the tools too.</summary>
    private const string Variable = "GODWIT__CONTROL__SOCKET";

    private const string InRun = "/run/godwit/control.sock", OfPackage = "/var/lib/godwit/control.sock";

    /// <summary>The listener that the settings ask for; null for none.</summary>
    public static ListenerOptions? ListenerFor(BrokerSettings settings, IReadOnlyDictionary<string, string> environment)
    {
        if (!OperatingSystem.IsLinux() || settings.ControlSocket == "none") return null; // elsewhere the system does not tell who is there
        string? path = settings.ControlSocket ?? Usual(settings, environment);
        return path is null ? null : new ListenerOptions(new UnixDomainSocketEndPoint(path)) { IsControl = true, UnixMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
    }

    /// <summary>The socket of a broker on this machine that lets this user in; null if there is none.</summary>
    public static string? Find(IReadOnlyDictionary<string, string> environment)
    {
        string?[] places = [environment.GetValueOrDefault(Variable), InRuntimeDirectory(environment), InRun, OfPackage];
        return places.OfType<string>().FirstOrDefault(IsServed);
    }

    private static string? Usual(BrokerSettings settings, IReadOnlyDictionary<string, string> environment)
    {
        string? path = settings.DataDirectory is { } data ? Path.GetFullPath(Path.Combine(data, "control.sock"))
            : InRuntimeDirectory(environment) ?? (Directory.Exists(Path.GetDirectoryName(InRun)) ? InRun : null);
        return path is null || System.Text.Encoding.UTF8.GetByteCount(path) > 100 ? null : path; // what the system takes for a Unix socket
    }

    private static string? InRuntimeDirectory(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("XDG_RUNTIME_DIR") is { Length: > 0 } directory && Directory.Exists(directory) ? Path.Combine(directory, "godwit.sock") : null;

    private static bool IsServed(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (Exception cannot) when (cannot is SocketException or ArgumentException)
        {
            return false;
        }
    }
}
