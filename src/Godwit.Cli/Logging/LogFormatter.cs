// Log lines as Mosquitto writes them, because people grep for them: `1700000000: New connection from 127.0.0.1:54321 on port 1883.`
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Godwit.Cli.Logging;

/// <summary>How the time is written.</summary>
internal sealed class LogFormatterOptions : ConsoleFormatterOptions
{
    /// <summary>ISO 8601 in local time instead of seconds since 1970.</summary>
    public bool IsIso { get; set; }
}

internal sealed class LogFormatter(IOptions<LogFormatterOptions> options, TimeProvider? timeProvider = null) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "godwit";

    private readonly bool _isIso = options.Value.IsIso;
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (_isIso) textWriter.Write(_time.GetLocalNow().ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
        else textWriter.Write(_time.GetUtcNow().ToUnixTimeSeconds());
        textWriter.Write(": ");
        textWriter.Write(entry.LogLevel switch
        {
            LogLevel.Warning => "Warning: ",
            LogLevel.Error or LogLevel.Critical => "Error: ",
            _ => "",
        });
        textWriter.Write(entry.Formatter(entry.State, entry.Exception));
        textWriter.Write('\n');
        if (entry.Exception is { } exception) textWriter.Write($"{exception}\n");
    }
}
