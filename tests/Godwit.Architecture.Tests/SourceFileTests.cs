// Rules for files that a compiler does not know.
using System.Text.RegularExpressions;
using Godwit.Testing;
using Xunit;

namespace Godwit.Architecture.Tests;

public partial class SourceFileTests
{
    private const int MaxLines = 600;

    private static readonly string[] TextDirectories = ["src", "tests", "spec", "docs", "bench", ".ci"];
    private static readonly string[] TextTypes =
        [".cs", ".csproj", ".props", ".slnx", ".md", ".tsv", ".sh", ".c", ".py", ".js", ".json", ".yml", ".yaml", ".txt", ""];

    [Fact]
    public void Sources_Length_IsAtMost600Lines() =>
        Assert.DoesNotContain(Repository.Files("src", "*.cs"), file => File.ReadLines(Repository.PathOf(file)).Count() > MaxLines);

    [Fact]
    public void TextFiles_PathsOfOneMachine_AreNotThere()
    {
        IEnumerable<string> files = TextDirectories.SelectMany(directory => Repository.Files(directory, "*"))
            .Concat(Directory.EnumerateFiles(Repository.Root).Select(path => Path.GetRelativePath(Repository.Root, path)))
            .Where(file => TextTypes.Contains(Path.GetExtension(file)));

        string[] found = [.. from file in files
                             from line in File.ReadLines(Repository.PathOf(file)).Select((text, index) => (Text: text, Number: index + 1))
                             where HomePath().IsMatch(line.Text)
                             select $"{file}:{line.Number}: {line.Text.Trim()}"];

        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    // Somebody's home directory. Not in the middle of a longer path or topic, such as site/home/kitchen.
    [GeneratedRegex(@"(?<![\w.+#$-])/(?:home|Users)/[a-z]\w*/|(?<![\w.+#$-])/(?:root)/|[A-Z]:\\Users\\")]
    private static partial Regex HomePath();
}
