using System.Text;

namespace Godwit.Cli.Tests;

/// <summary>The output of a verb that goes on until it is stopped; a test waits for what it expects there.</summary>
internal sealed class WatchedOutput : MemoryStream
{
    private readonly List<(string Text, TaskCompletionSource Found)> _expected = [];

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_expected)
        {
            base.Write(buffer.ToArray(), 0, buffer.Length);
            string text = Encoding.UTF8.GetString(ToArray());
            foreach ((string _, TaskCompletionSource found) in _expected.Where(e => text.Contains(e.Text, StringComparison.Ordinal))) found.TrySetResult();
        }
    }

    /// <summary>Completes once the text is there.</summary>
    public async Task WhenAsync(string text)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_expected) _expected.Add((text, found));
        Write([]);
        try
        {
            await found.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"'{text}' does not come; there is:\n{Encoding.UTF8.GetString(ToArray())}");
        }
    }
}
