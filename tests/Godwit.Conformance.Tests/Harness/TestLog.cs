using Microsoft.Extensions.Logging;

namespace Godwit.Conformance.Tests.Harness;

/// <summary>Keeps the broker's log lines. Errors mean that the broker itself failed: no test expects that unless it says so.</summary>
internal sealed class TestLog : ILoggerFactory, ILogger
{
    private readonly List<string> _lines = [];
    private Exception? _error;

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Set where a test makes something fail on purpose.</summary>
    public bool ErrorsAreExpected { get; set; }

    public void ThrowIfError()
    {
        if (_error is { } error && !ErrorsAreExpected) throw new InvalidOperationException(_lines[^1], error);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Add(formatter(state, exception));
        if (logLevel >= LogLevel.Error) _error ??= exception ?? new InvalidOperationException(_lines[^1]);
    }

    public void Dispose()
    {
    }
}
