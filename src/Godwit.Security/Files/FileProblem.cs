namespace Godwit.Security.Files;

/// <summary>What is wrong with a file, and where.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Message">A sentence. It never has a password in it.</param>
public sealed record FileProblem(string File, int Line, int Column, string Message)
{
    /// <summary>As compilers write it: <c>file:line:column: message</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}

/// <summary>A file of users or rules cannot be used.</summary>
public sealed class SecurityFileException : Exception
{
    /// <summary>Something in the file is wrong.</summary>
    public SecurityFileException(IReadOnlyList<FileProblem> problems) : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>The file cannot be read or written.</summary>
    public SecurityFileException(string message, Exception cause) : base(message, cause) => Problems = [];

    /// <summary>What is wrong in the file, in its order; empty if it could not be read.</summary>
    public IReadOnlyList<FileProblem> Problems { get; }
}
