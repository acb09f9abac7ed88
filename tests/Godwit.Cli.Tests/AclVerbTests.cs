using System.Text.Json;

namespace Godwit.Cli.Tests;

public sealed class AclVerbTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-acl-");

    public AclVerbTests()
    {
        File.WriteAllText(PathOf("acl"), "topic read public/#\nuser alice\ntopic deny plant/secret/#\ntopic read plant/#\npattern write dev/%c/up\n");
        File.WriteAllText(PathOf("policy.yaml"), "users:\n  alice:\n    rules:\n      - {allow: publish, topic: a, max_qos: 1}\n      - {allow: connect, clientid: 'alice-*'}\n");
        File.WriteAllText(PathOf("broken.yaml"), "usres: {}\n");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(0, "allowed: alice (client test) may receive plant/x\nrule:   acl:4: topic read plant/# (user alice)\n", "--acl-file acl -u alice receive plant/x")]
    [InlineData(1, "denied: alice (client test) may not receive plant/secret/x\nrule:   acl:3: ", "--acl-file acl -u alice receive plant/secret/x")]
    [InlineData(1, "need:   A line `topic write plant/x` below `user alice`.", "--acl-file acl -u alice publish plant/x")]
    [InlineData(1, "need:   A line `topic read plant/x` before the first `user` line.", "--acl-file acl receive plant/x")]
    [InlineData(0, "rule:   acl:5: pattern write dev/%c/up (everybody)", "--acl-file acl -u alice -i d1 publish dev/d1/up")]
    [InlineData(1, "places for it are not filled in", "--acl-file acl -u alice -i d/1 publish dev/d/1/up")]
    [InlineData(0, "always granted", "--acl-file acl -u alice subscribe #")]
    [InlineData(0, "rule:   policy.yaml:4: allow publish a, max_qos 1 (user alice)", "--policy policy.yaml -u alice -q 1 publish a")]
    [InlineData(1, "Publish up to QoS 1, or give", "--policy policy.yaml -u alice -q 2 publish a")]
    [InlineData(1, "need:   A rule for user bob: {allow: subscribe, topic: 'a'}.", "--policy policy.yaml -u bob subscribe $share/g/a")]
    [InlineData(1, "A client identifier such as alice-*.", "--policy policy.yaml -u alice connect")]
    [InlineData(0, "may connect", "--policy policy.yaml -u alice -i alice-1 connect")]
    public async Task Test_OfAClient_SaysWhichRuleDecides(int exitCode, string expected, string arguments)
    {
        CommandLineResult result = await RunAsync("test " + arguments);

        Assert.Contains(expected, result.Output.Replace(_directory.FullName + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("It is called as", "")]
    [InlineData("is no question", "test --acl-file acl subscribbe a")]
    [InlineData("Which topic?", "test --acl-file acl publish")]
    [InlineData("connect has no topic", "test --acl-file acl connect a")]
    [InlineData("is no topic for this question", "test --acl-file acl publish a/#")]
    [InlineData("Which rules?", "test publish a")]
    [InlineData("broken.yaml:1:1: 'usres' is not known here. Is it 'users'?", "test --policy broken.yaml publish a")]
    [InlineData("cannot be read", "check nothing")]
    [InlineData("NAME=VALUE", "test --acl-file acl --attribute x publish a")]
    [InlineData("Unknown option", "test --acl acl publish a")]
    public async Task Acl_Wrong_ExitsWith2(string expected, string arguments)
    {
        CommandLineResult result = await RunAsync(arguments);

        Assert.Contains(expected, result.Error);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task Check_OfAFile_NamesMistakes()
    {
        Assert.Equal(0, (await RunAsync("check policy.yaml")).ExitCode);
        Assert.Equal(0, (await RunAsync("check acl")).ExitCode);
        CommandLineResult broken = await RunAsync("check broken.yaml --json");

        Assert.Equal(2, broken.ExitCode);
        using JsonDocument problems = JsonDocument.Parse(broken.Output);
        Assert.Equal(1, problems.RootElement[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Test_Json_HasFileAndLine()
    {
        using JsonDocument answer = JsonDocument.Parse((await RunAsync("test --acl-file acl -u alice receive plant/x --json")).Output);

        Assert.True(answer.RootElement.GetProperty("allowed").GetBoolean());
        Assert.Equal(4, answer.RootElement.GetProperty("line").GetInt32());
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private Task<CommandLineResult> RunAsync(string arguments) => CommandLineResult.RunAsync(
        ["acl", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word is "acl" or "policy.yaml" or "broken.yaml" or "nothing" ? PathOf(word) : word)]);
}
