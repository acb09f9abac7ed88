using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Godwit.Cli.Logging;

/// <summary>The log of the broker, on standard error.</summary>
internal static class ConsoleLog
{
    // Lines that may wait for a slow terminal. When there are more they are counted and dropped: the broker's loops never wait for a log.
    private const int QueueLength = 65_536;

    public static ILoggerFactory Create(LogLevel level, bool iso) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level)
        .AddConsole(options =>
        {
            options.LogToStandardErrorThreshold = LogLevel.Trace;
            options.FormatterName = LogFormatter.FormatterName;
            options.MaxQueueLength = QueueLength;
            options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        })
        .AddConsoleFormatter<LogFormatter, LogFormatterOptions>(options => options.IsIso = iso));
}
