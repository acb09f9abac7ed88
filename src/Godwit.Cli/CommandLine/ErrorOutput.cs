namespace Godwit.Cli.CommandLine;

/// <summary>Error messages of a verb; --quiet drops them.</summary>
internal sealed class ErrorOutput(TextWriter error, string verb, bool isQuiet)
{
    public void Write(string message)
    {
        if (isQuiet) return;
        lock (error) error.WriteLine($"godwit {verb}: {message}");
    }
}
