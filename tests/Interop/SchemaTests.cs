// The JSON schema of godwit.yaml, under a validator that editors use too: what `godwit config` accepts is valid, what it refuses by name is not.
using System.Text.RegularExpressions;
using Godwit.Interop.Tests.Cli;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;

namespace Godwit.Interop.Tests;

public partial class SchemaTests
{
    [Fact]
    public async Task Schema_WithTheTemplate_HasNothingToSay()
    {
        ToolResult template = await RunAsync(GodwitProgram.Path, null, "config", "init");

        Assert.Equal((0, ""), await ValidateAsync(template.Output));
        Assert.Equal((0, ""), await ValidateAsync(Setting().Replace(template.Output, "$1")));
    }

    [Theory]
    [InlineData("listeners: [{listen: 'tcp://127.0.0.1:1883'}]\nlimits: {max_packet_size: 1048576}", "")]
    [InlineData("limit: {}", "must NOT have additional properties limit")]
    [InlineData("limits: {max_packet_sise: 1}", "must NOT have additional properties max_packet_sise")]
    [InlineData("limits: {max_topic_levels: many}", "/limits/max_topic_levels: must be")]
    [InlineData("listeners: 1883", "/listeners: must be")]
    public async Task Schema_WithADocument_FindsItsMistakes(string yaml, string expected)
    {
        (int exitCode, string output) = await ValidateAsync(yaml);

        Assert.Equal(expected.Length > 0 ? 1 : 0, exitCode);
        Assert.Contains(expected, output);
    }

    // The template has each setting with its default as a comment.
    [GeneratedRegex("^# ( *(?:- )?[a-z_0-9]+:.*)$", RegexOptions.Multiline)]
    private static partial Regex Setting();

    private static async Task<(int ExitCode, string Output)> ValidateAsync(string yaml)
    {
        string schema = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(schema, (await RunAsync(GodwitProgram.Path, null, "config", "schema")).Output);
            ToolResult result = await RunAsync(Programs.Node, yaml, Repository.PathOf("tests/Interop/js/validate.js"), schema);
            Assert.Equal("", result.Errors);
            return (result.ExitCode, result.Output);
        }
        finally
        {
            File.Delete(schema);
        }
    }

    private static async Task<ToolResult> RunAsync(string program, string? input, params string[] arguments)
    {
        await using var run = new ToolRun(program, arguments, input);
        return await run.ResultAsync();
    }
}
