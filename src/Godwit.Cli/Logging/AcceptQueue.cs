// Connects that come faster than they are accepted wait in the kernel. The broker asks for as long a queue as the system allows; what does
// not fit is dropped, and those clients try again a second later.
using System.Globalization;

namespace Godwit.Cli.Logging;

internal static class AcceptQueue
{
    /// <summary>What Linux allows by itself since 5.4. A burst of 10,000 connects needs no more here.</summary>
    public const int Usual = 4096;

    /// <summary>The longest queue that the system allows (net.core.somaxconn); null where it cannot be read.</summary>
    public static int? Read()
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), CultureInfo.InvariantCulture);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
