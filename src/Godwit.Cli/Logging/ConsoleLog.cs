using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Godwit.Cli.Logging;

/// <summary>The log of the broker, on standard error.</summary>
internal static class ConsoleLog
{
    // Lines that may wait for a slow terminal. When there are more they are counted and dropped: the broker's loops never wait for a log.
    private const int QueueLength = 65_536;

    /// <param name="threshold">What is logged; it may change while the log is in use.</param>
    /// <param name="iso">How the time is written.</param>
    public static ILoggerFactory Create(LogThreshold threshold, bool iso) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Trace)
        .AddFilter((_, level) => level >= threshold.Level)
        .AddConsole(options =>
        {
            options.LogToStandardErrorThreshold = LogLevel.Trace;
            options.FormatterName = LogFormatter.FormatterName;
            options.MaxQueueLength = QueueLength;
            options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        })
        .AddConsoleFormatter<LogFormatter, LogFormatterOptions>(options => options.IsIso = iso));
}

/// <summary>The least that is logged.</summary>
internal sealed class LogThreshold(LogLevel level)
{
    private volatile LogLevel _level = level;

    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <summary>A level as settings have it.</summary>
    public static LogLevel Parse(string word) => word switch
    {
        "error" => LogLevel.Error,
        "warning" => LogLevel.Warning,
        "debug" => LogLevel.Debug,
        _ => LogLevel.Information,
    };
}
