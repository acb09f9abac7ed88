using System.Text;
using Godwit.Security.Passwords;

namespace Godwit.Cli.Tests;

public sealed class PasswdVerbTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-passwd-");

    private string FilePath => Path.Combine(_directory.FullName, "users");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Passwd_CreateAddChangeDelete_DoesSo()
    {
        Assert.Equal(0, (await RunAsync("", "-c", "-b", "-I", "2", FilePath, "alice", "a")).ExitCode);
        Assert.Equal(0, (await RunAsync("b\nb\n", "-H", "sha512", FilePath, "bob")).ExitCode);
        Assert.Equal(0, (await RunAsync("", "-b", "-I", "2", FilePath, "alice", "a2")).ExitCode);

        PasswordFile file = PasswordFile.Load(FilePath);
        Assert.True(file.Find("alice")!.Verify("a2"u8));
        Assert.True(file.Find("bob")!.Verify("b"u8));
        Assert.StartsWith("$7$2$", file.Find("alice")!.ToString());
        Assert.StartsWith("$6$", file.Find("bob")!.ToString());

        Assert.Equal(0, (await RunAsync("", "-D", FilePath, "alice")).ExitCode);
        Assert.Null(PasswordFile.Load(FilePath).Find("alice"));
        Assert.Equal(1, (await RunAsync("", "-D", FilePath, "alice")).ExitCode);
    }

    [Fact]
    public async Task Passwd_PlainFile_IsHashed()
    {
        await File.WriteAllTextAsync(FilePath, "alice:secret\n");

        Assert.Equal(0, (await RunAsync("", "-U", "-I", "2", FilePath)).ExitCode);
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(FilePath));

        CommandLineResult again = await RunAsync("", "-U", FilePath);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("users:1:7: Here is a hash already", again.Error);
    }

    [Theory]
    [InlineData("a\nb\n", "The two passwords are not the same", "FILE", "alice")]
    [InlineData("", "There is no password to read", "FILE", "alice")]
    [InlineData("\n", "may not be empty", "FILE", "alice")]
    [InlineData("", "may not be empty", "-b", "FILE", "alice", "")]
    [InlineData("", "has no ':'", "-b", "FILE", "a:b", "x")]
    [InlineData("", "godwit passwd -b FILE USER PASSWORD", "-b", "FILE", "alice")]
    [InlineData("", "godwit passwd -U FILE", "-U", "FILE", "alice")]
    [InlineData("", "go with no other", "-U", "-D", "FILE", "alice")]
    [InlineData("", "-H takes argon2id, sha512-pbkdf2", "-H", "md5", "FILE", "alice")]
    [InlineData("", "cannot be read", "-b", "NOFILE", "alice", "x")]
    public async Task Passwd_Wrong_IsExplained(string input, string expected, params string[] arguments)
    {
        await File.WriteAllTextAsync(FilePath, "# users\n");

        CommandLineResult result = await RunAsync(input, [.. arguments.Select(a => a == "FILE" ? FilePath : a == "NOFILE" ? FilePath + "2" : a)]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error);
        Assert.Equal("# users\n", await File.ReadAllTextAsync(FilePath));
    }

    private static Task<CommandLineResult> RunAsync(string input, params string[] arguments) =>
        CommandLineResult.RunAsync(Encoding.UTF8.GetBytes(input), default, ["passwd", .. arguments]);
}
