using System.Net;
using Godwit.Configuration;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Logging;

/// <summary>What the program says about a broker it runs; the broker's own messages are in Godwit.Broker. Event ids 2000 to 2099.</summary>
internal static partial class BrokerVerbLog
{
    [LoggerMessage(2000, LogLevel.Information, "Everything is kept in memory: sessions and retained messages end with the broker.")]
    public static partial void MemoryOnly(ILogger logger);

    [LoggerMessage(2005, LogLevel.Information, "A new store has been made: {Store}.")]
    public static partial void StoreIsNew(ILogger logger, string store);

    [LoggerMessage(2008, LogLevel.Information, "Reading the store {Store} of {Megabytes} MB.")]
    public static partial void OpeningLargeStore(ILogger logger, string store, long megabytes);

    [LoggerMessage(2006, LogLevel.Information, "The store {Store} had the older version {Version} and has been brought up to date.")]
    public static partial void StoreMigrated(ILogger logger, string store, int version);

    [LoggerMessage(2007, LogLevel.Error, "{Damage}")]
    public static partial void StoreDamaged(ILogger logger, string damage);

    [LoggerMessage(2009, LogLevel.Error, "{Damage} It is opened again, to save what can be read.")]
    public static partial void StoreFoundDamaged(ILogger logger, string damage);

    [LoggerMessage(2001, LogLevel.Warning,
        "Everybody who can reach {EndPoint} may connect: --allow-anonymous says so. --password-file FILE names users instead.")]
    public static partial void OpenToEverybody(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(2012, LogLevel.Warning,
        "Nobody can connect: other machines can reach the broker, and no users are known. --password-file FILE names them; --allow-anonymous lets everybody in.")]
    public static partial void ClosedToEverybody(ILogger logger);

    [LoggerMessage(2010, LogLevel.Information, "Settings, users, rules and certificates have been read again ({By}): {Changes}.")]
    public static partial void Reloaded(ILogger logger, string by, string changes);

    [LoggerMessage(2011, LogLevel.Error, "Not reloaded ({By}), what was in force stays so: {Failure}")]
    public static partial void ReloadFailed(ILogger logger, string by, string failure);

    [LoggerMessage(2016, LogLevel.Information, "The control socket is {Path}: for this user and root.")]
    public static partial void ControlSocketOpen(ILogger logger, string path);

    [LoggerMessage(2017, LogLevel.Information, "There is no control socket; --control-socket PATH chooses a place for it. {Reason}")]
    public static partial void NoControlSocket(ILogger logger, string reason);

    [LoggerMessage(2015, LogLevel.Warning, "Changed, but in force only after a restart: {Settings}.")]
    public static partial void NeedsRestart(ILogger logger, string settings);

    [LoggerMessage(2013, LogLevel.Warning, "{Remark}")]
    public static partial void NotHonoured(ILogger logger, SettingProblem remark);

    [LoggerMessage(2002, LogLevel.Debug, "The limit of {Descriptors} open files (ulimit -n) allows about {Connections} connections.")]
    public static partial void DescriptorLimit(ILogger logger, ulong descriptors, ulong connections);

    [LoggerMessage(2003, LogLevel.Debug, "It is quiet: unused memory is given back, {Kilobytes} KiB are in use ({Milliseconds} ms).")]
    public static partial void MemoryGivenBack(ILogger logger, long kilobytes, double milliseconds);

    [LoggerMessage(2004, LogLevel.Warning,
        "The system lets {Length} connects wait to be accepted (net.core.somaxconn). When more come at once, clients lose a second: sysctl -w net.core.somaxconn=4096.")]
    public static partial void ShortAcceptQueue(ILogger logger, int length);
}
