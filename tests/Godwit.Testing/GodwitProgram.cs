namespace Godwit.Testing;

/// <summary>The <c>godwit</c> program of the same build as the tests, for those that run it as a process of its own.</summary>
public static class GodwitProgram
{
    /// <summary>Where it is.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        // artifacts/bin/PROJECT/CONFIGURATION/
        string configuration = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string program = Repository.PathOf($"artifacts/bin/Godwit.Cli/{configuration}/godwit");
        return File.Exists(program) ? program : throw new FileNotFoundException($"{program} is not built: run `dotnet build -c Release`.");
    }
}
