// `godwit broker --data` as a process of its own, on a free port.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Godwit.Crash.Tests;

internal sealed partial class BrokerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly List<(string Words, TaskCompletionSource<string> Found)> _waiting = []; // under the lock of the log
    private readonly TaskCompletionSource _logEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<int> _port;

    private BrokerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, data) => OnLine(data.Data);
        _port = PortAsync();
        _process.Start();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its process identifier.</summary>
    public int Id => _process.Id;

    /// <summary>All that it has logged.</summary>
    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    /// <summary>Starts a broker on a directory.</summary>
    public static BrokerProcess Start(string data, params string[] options) =>
        new(new ProcessStartInfo(GodwitProgram.Path, ["broker", "-p", "0", "--data", data, .. options]));

    /// <summary>Starts a broker from a shell's command line, in which <c>"$@"</c> is the broker's.</summary>
    public static BrokerProcess StartFrom(string shell, string data, params string[] options) =>
        new(new ProcessStartInfo("/bin/sh", ["-c", shell, "sh", GodwitProgram.Path, "broker", "-p", "0", "--data", data, .. options]));

    /// <summary>Where it listens, once it does.</summary>
    public Task<int> ListensAsync() => _port.WaitAsync(Limit);

    /// <summary>Waits until it has logged a line with these words; gives the line.</summary>
    public async Task<string> LoggedAsync(string words)
    {
        try
        {
            return await LineAsync(words).WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"'{words}' is not in the log:\n{Log}");
        }
    }

    /// <summary>Waits until something holds of its log.</summary>
    public async Task UntilAsync(Predicate<string> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds(Log))
        {
            Task<string> next = NextLineAsync();
            if (!holds(Log)) await next.WaitAsync(limit.Token);
        }
    }

    /// <summary>Ends it as kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, as Ctrl-C does, and waits until it has; its exit code must be 0.</summary>
    public async Task StopAsync()
    {
        Signals.Terminate(_process.Id);
        await _process.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(_process.ExitCode == 0, $"exit code {_process.ExitCode}\n{Log}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        await _logEnded.Task.WaitAsync(Limit);
        _process.Dispose();
    }

    private async Task<int> PortAsync()
    {
        string line = await LineAsync("Listening on ");
        return int.Parse(ListeningLine().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private Task<string> LineAsync(string words)
    {
        lock (_log)
        {
            foreach (string line in _log.ToString().Split('\n'))
                if (line.Contains(words, StringComparison.Ordinal)) return Task.FromResult(line);
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((words, found));
            return found.Task;
        }
    }

    private Task<string> NextLineAsync()
    {
        lock (_log)
        {
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(("", found));
            return found.Task;
        }
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            lock (_log)
            {
                foreach ((string words, TaskCompletionSource<string> found) in _waiting)
                    found.TrySetException(new InvalidOperationException($"The broker has ended without '{words}':\n{_log}"));
            }
            _logEnded.SetResult();
            return;
        }
        lock (_log)
        {
            _log.Append(line).Append('\n');
            foreach ((string words, TaskCompletionSource<string> found) in _waiting)
                if (line.Contains(words, StringComparison.Ordinal)) found.TrySetResult(line);
        }
    }

    [GeneratedRegex(@"Listening on 127\.0\.0\.1:(\d+)\.$")]
    private static partial Regex ListeningLine();
}
