// A running client. Whatever a test waits for has a time limit, and a failure shows all that the client printed and the broker logged.
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Godwit.Testing;
using Xunit.Sdk;

namespace Godwit.Interop.Tests.Peers;

internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Func<string, OutputLine?> _translate;
    private readonly Func<string> _context;
    private readonly StringBuilder _transcript = new();
    private int _openStreams = 2;
    private readonly Channel<OutputLine> _events = Channel.CreateUnbounded<OutputLine>();
    private readonly Channel<ReceivedMessage> _messages = Channel.CreateUnbounded<ReceivedMessage>();

    /// <summary>Starts a client.</summary>
    /// <param name="program">The program to run.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <param name="translate">Makes the drivers' words of a line it prints, to either stream; null for lines that say nothing.</param>
    /// <param name="context">What else to show when the test fails.</param>
    public PeerProcess(string program, IEnumerable<string> arguments, string? input, Func<string, OutputLine?> translate, Func<string> context)
    {
        _translate = translate;
        _context = context;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _transcript.Append(program).Append(' ').AppendJoin(' ', start.ArgumentList.Take(40)).Append('\n');
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, data) => Read(data.Data);
        _process.ErrorDataReceived += (_, data) => Read(data.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (input is not null) _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    /// <summary>The process that runs.</summary>
    public int ProcessId => _process.Id;

    /// <summary>All that the client printed, and its command line.</summary>
    public string Transcript
    {
        get { lock (_transcript) return _transcript.ToString(); }
    }

    /// <summary>The next line of this kind; lines of other kinds before it are passed over.</summary>
    public Task<OutputLine> EventAsync(string kind) => EventAsync(kind, _ => true);

    /// <summary>The next line of this kind whose first column is as wanted; lines before it are passed over.</summary>
    public Task<OutputLine> EventAsync(string kind, Predicate<string> isWanted) => Within($"line {kind}", async cancellation =>
    {
        while (true)
        {
            OutputLine line = await _events.Reader.ReadAsync(cancellation);
            if (line.Kind == kind && isWanted(line.Columns[0])) return line;
        }
    });

    /// <summary>The next message.</summary>
    public Task<ReceivedMessage> MessageAsync() => Within("message", async cancellation => await _messages.Reader.ReadAsync(cancellation));

    /// <summary>All messages of a client that leaves by itself; it must leave with exit code 0.</summary>
    public async Task<IReadOnlyList<ReceivedMessage>> AllMessagesAsync()
    {
        await SuccessAsync();
        var all = new List<ReceivedMessage>();
        while (_messages.Reader.TryRead(out ReceivedMessage? message)) all.Add(message);
        return all;
    }

    /// <summary>Waits for the end; gives the exit code.</summary>
    public Task<int> ExitAsync() => Within("end", async cancellation =>
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    });

    /// <summary>Waits for the end, which must be exit code 0.</summary>
    public async Task SuccessAsync()
    {
        int code = await ExitAsync();
        if (code != 0) throw Failure($"exit code {code}, expected 0");
    }

    /// <summary>Ends the client as kill -9 does: it cannot say DISCONNECT.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks the client to end.</summary>
    public void Terminate() => Signals.Terminate(_process.Id);

    /// <summary>Stops the client where it is, its connection open.</summary>
    public void Freeze() => Signals.Freeze(_process.Id);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            if (Interlocked.Decrement(ref _openStreams) > 0) return;
            _events.Writer.TryComplete();
            _messages.Writer.TryComplete();
            return;
        }
        lock (_transcript) _transcript.Append(line.Length <= 300 ? line : line[..300] + "...").Append('\n');
        if (_translate(line) is not { } output) return;
        if (output.Kind == "MESSAGE") _messages.Writer.TryWrite(ReceivedMessage.From(output));
        else _events.Writer.TryWrite(output);
    }

    private async Task<T> Within<T>(string what, Func<CancellationToken, Task<T>> wait)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await wait(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"no {what} within {Limit.TotalSeconds} s");
        }
        catch (ChannelClosedException)
        {
            throw Failure($"ended without {what}");
        }
    }

    private XunitException Failure(string what) => new($"{what}\n---- client ----\n{Transcript}---- broker ----\n{_context()}");
}
