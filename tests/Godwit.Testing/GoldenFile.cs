// Output that is compared with a committed file. GODWIT_UPDATE_GOLDEN=1 writes the files anew; what has changed then shows in the diff.
using System.Text;

namespace Godwit.Testing;

public static class GoldenFile
{
    /// <summary>Whether files are written instead of compared.</summary>
    public static bool IsUpdating { get; } = Environment.GetEnvironmentVariable("GODWIT_UPDATE_GOLDEN") == "1";

    /// <summary>Says where output differs from a committed file; null if it does not.</summary>
    /// <param name="path">The file, relative to the repository.</param>
    /// <param name="actual">The output.</param>
    public static string? Difference(string path, string actual)
    {
        string file = Repository.PathOf(path);
        if (IsUpdating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual, new UTF8Encoding(false));
        }
        if (!File.Exists(file)) return $"{path} does not exist; GODWIT_UPDATE_GOLDEN=1 writes it.";
        string[] expected = File.ReadAllText(file).Split('\n'), lines = actual.Split('\n');
        int at = Enumerable.Range(0, Math.Max(expected.Length, lines.Length)).FirstOrDefault(i => expected.ElementAtOrDefault(i) != lines.ElementAtOrDefault(i), -1);
        return at < 0 ? null : $"{path}, line {at + 1}:\n  file:   {expected.ElementAtOrDefault(at)}\n  output: {lines.ElementAtOrDefault(at)}\nGODWIT_UPDATE_GOLDEN=1 writes the file anew.";
    }
}
