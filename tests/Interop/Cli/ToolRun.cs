using System.Diagnostics;
using System.Text;
using Xunit.Sdk;

namespace Godwit.Interop.Tests.Cli;

/// <summary>A command line tool that runs to its end: what scripts see of it.</summary>
internal sealed class ToolRun : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    public ToolRun(string program, IEnumerable<string> arguments, string? input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1, // bytes as they are
        };
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
        _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    /// <summary>Completes when it has ended.</summary>
    public Task Ended => _process.WaitForExitAsync();

    /// <summary>Waits for its end.</summary>
    public async Task<ToolResult> ResultAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return new ToolResult(_process.ExitCode, await _output, await _errors);
        }
        catch (OperationCanceledException)
        {
            throw new XunitException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} does not end.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>What a tool left behind.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors);
