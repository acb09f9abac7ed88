// The pages that show what the program prints: each block that begins with "$ godwit" is what the program prints today, and each picture behind a
// comment with a command is what the command draws. GODWIT_UPDATE_GOLDEN=1 writes both anew.
using System.Text;
using System.Text.RegularExpressions;

namespace Godwit.Cli.Tests;

public partial class LearnTests
{
    public static TheoryData<string> Pages
    {
        get
        {
            var pages = new TheoryData<string>("docs/ladder.md");
            foreach (string page in Repository.Files("docs/learn", "*.md").Order(StringComparer.Ordinal)) pages.Add(page);
            return pages;
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_WhatItShows_IsWhatTheProgramPrints(string page)
    {
        string text = await File.ReadAllTextAsync(Repository.PathOf(page));
        var current = new StringBuilder();
        int end = 0;
        foreach (Match block in ConsoleBlock().Matches(text))
        {
            current.Append(text, end, block.Index - end).Append($"```console\n$ godwit {block.Groups[1].Value}\n{await RunAsync(block.Groups[1].Value)}```");
            end = block.Index + block.Length;
        }
        current.Append(text, end, text.Length - end);
        Assert.Null(GoldenFile.Difference(page, current.ToString()));
        foreach (Match picture in Picture().Matches(text))
        {
            string file = picture.Groups[2].Value;
            Assert.Null(GoldenFile.Difference(file, await RunAsync(picture.Groups[1].Value.Replace($"--svg {file}", "--svg -", StringComparison.Ordinal))));
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_ItsLinks_LeadSomewhere(string page)
    {
        string directory = Path.GetDirectoryName(Repository.PathOf(page))!;
        Assert.All(Link().Matches(File.ReadAllText(Repository.PathOf(page))), link => Assert.True(File.Exists(Path.Combine(directory, link.Groups[1].Value)), link.Value));
    }

    // The command as a shell would run it: words, quotation marks, and sed -n A,Bp for a part of the output.
    private static async Task<string> RunAsync(string command)
    {
        string[] parts = command.Split(" | ");
        string[] words = [.. Word().Matches(parts[0]).Select(word => word.Value.Trim('\''))];
        CommandLineResult result = await CommandLineResult.RunAsync([.. words.Select(word => word.StartsWith("tests/", StringComparison.Ordinal) ? Repository.PathOf(word) : word)]);
        string output = result.Output + result.Error;
        if (parts.Length == 1) return output;
        Match range = SedRange().Match(parts[1]);
        Assert.True(range.Success, $"Only sed -n A,Bp is known here, not: {parts[1]}");
        int first = int.Parse(range.Groups[1].Value), last = int.Parse(range.Groups[2].Value);
        return string.Concat(output.TrimEnd('\n').Split('\n').Skip(first - 1).Take(last - first + 1).Select(line => line + "\n"));
    }

    [GeneratedRegex(@"```console\n\$ godwit ([^\n]*)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex(@"<!-- godwit ([^\n]*--svg (\S+)[^\n]*?) -->")]
    private static partial Regex Picture();

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^sed -n (\d+),(\d+)p$")]
    private static partial Regex SedRange();

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
