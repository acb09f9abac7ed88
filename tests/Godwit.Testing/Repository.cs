namespace Godwit.Testing;

/// <summary>Finds the files of the checkout that the tests were built from.</summary>
public static class Repository
{
    private static readonly string[] Generated = ["artifacts", "bin", "obj", "node_modules", ".git"];

    /// <summary>The directory that holds <c>Godwit.slnx</c>, above the test program.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The absolute path of a file or directory that is named from the root with <c>/</c>.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>
    /// The files below a directory that match the pattern, named from the root with <c>/</c>, in ordinal order; without what a build makes.
    /// Empty if there is no such directory.
    /// </summary>
    public static IReadOnlyList<string> Files(string directory, string pattern)
    {
        var start = new DirectoryInfo(PathOf(directory));
        if (!start.Exists) return [];
        var found = new List<string>();
        Collect(start, pattern, found);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static void Collect(DirectoryInfo directory, string pattern, List<string> found)
    {
        foreach (FileInfo file in directory.EnumerateFiles(pattern))
            found.Add(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'));
        foreach (DirectoryInfo child in directory.EnumerateDirectories())
            if (!Generated.Contains(child.Name)) Collect(child, pattern, found);
    }

    private static string FindRoot(string start)
    {
        for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Godwit.slnx"))) return directory.FullName;
        throw new DirectoryNotFoundException($"No directory above {start} holds Godwit.slnx.");
    }
}
