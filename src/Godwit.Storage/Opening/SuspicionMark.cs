namespace Godwit.Storage.Opening;

/// <summary>
/// A file that says that damage was found while the broker ran. The next start then looks at every page instead of at what it reads anyway.
/// </summary>
internal static class SuspicionMark
{
    public static bool IsSet(string directory) => File.Exists(PathIn(directory));

    /// <summary>Sets it, if that is possible: what is damaged may not be writable either.</summary>
    public static void Set(string directory)
    {
        try
        {
            File.WriteAllText(PathIn(directory), "Damage was found in godwit.db. At its next start the broker checks all of it.\n");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
        }
    }

    public static void Clear(string directory) => File.Delete(PathIn(directory));

    private static string PathIn(string directory) => Path.Combine(directory, "godwit.suspect");
}
