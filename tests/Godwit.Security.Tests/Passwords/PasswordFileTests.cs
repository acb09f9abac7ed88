using System.Text;
using Godwit.Security.Files;
using Godwit.Security.Passwords;

namespace Godwit.Security.Tests.Passwords;

public class PasswordFileTests
{
    private static readonly string Entry = PasswordHash.Create(PasswordHashKind.Sha512, "pw"u8).ToString();

    [Fact]
    public void File_CommentsAndEmptyLines_AreSkipped()
    {
        PasswordFile file = PasswordFile.Parse($"# users: two\n\nalice:{Entry}\r\n  bob :{Entry}\n", "users");

        Assert.Equal(2, file.Count);
        Assert.True(file.Find("bob")!.Verify("pw"u8));
        Assert.Null(file.Find("carol"));
    }

    [Fact]
    public void File_BadLines_AreAllNamedWithTheirPlaces()
    {
        var wrong = Assert.Throws<SecurityFileException>(() => PasswordFile.Parse($"alice:{Entry}\nbob\ncarol:hunter2\nalice:{Entry}\n:{Entry}\n", "users"));

        Assert.Equal([(2, 1), (3, 7), (4, 1), (5, 1)], wrong.Problems.Select(p => (p.Line, p.Column)));
        Assert.StartsWith("users:2:1: ", wrong.Message);
        Assert.DoesNotContain("hunter2", wrong.Message);
    }

    [Fact]
    public void File_NotThere_IsExplained() =>
        Assert.Contains("cannot be read", Assert.Throws<SecurityFileException>(() => PasswordFile.Load("/nonexistent/users")).Message);

    [Fact]
    public void File_NotUtf8_IsExplained()
    {
        using var file = new TemporaryFile();
        File.WriteAllBytes(file.Path, [0x61, 0xFF]);

        Assert.Contains("UTF-8 (byte 1)", Assert.Throws<SecurityFileException>(() => PasswordFile.Load(file.Path)).Message);
    }

    [Fact]
    public void Decoy_OfAName_IsAlwaysTheSameAndOneOfTheFile()
    {
        PasswordFile file = PasswordFile.Parse($"alice:{Entry}\nbob:{PasswordHash.Create(PasswordHashKind.Pbkdf2Sha512, "pw"u8, 2)}\n", "users");
        string[] names = [.. Enumerable.Range(0, 64).Select(i => $"user{i}")];

        Assert.All(names, name => Assert.Same(file.Decoy(name), file.Decoy(name)));
        Assert.Equal(2, names.Select(file.Decoy).Distinct().Count());
    }

    [Fact]
    public void Editor_OtherLines_StayAsTheyAre()
    {
        using var file = new TemporaryFile($"# first\nalice:{Entry}\n\nbob:{Entry}");
        PasswordFileEditor editor = PasswordFileEditor.Open(file.Path);

        editor.Set("alice", PasswordHash.Create(PasswordHashKind.Sha512, "new"u8));
        editor.Set("carol", PasswordHash.Create(PasswordHashKind.Sha512, "c"u8));
        Assert.True(editor.Remove("bob"));
        Assert.False(editor.Remove("bob"));
        editor.Save();

        PasswordFile read = PasswordFile.Load(file.Path);
        Assert.Equal(2, read.Count);
        Assert.True(read.Find("alice")!.Verify("new"u8));
        Assert.StartsWith("# first\nalice:$6$", file.Text);
        Assert.Contains("\n\ncarol:", file.Text);
        Assert.Equal(0, file.Neighbours);
    }

    [Fact]
    public void Editor_NewFile_IsItsOwnersAlone()
    {
        if (OperatingSystem.IsWindows()) return;
        using var file = new TemporaryFile();

        PasswordFileEditor.Create(file.Path).Save();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));

        const UnixFileMode group = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(file.Path, group);
        PasswordFileEditor.Open(file.Path).Save();
        Assert.Equal(group, File.GetUnixFileMode(file.Path));
    }

    [Fact]
    public void Editor_LinkedFile_StaysLinked()
    {
        if (OperatingSystem.IsWindows()) return;
        using var file = new TemporaryFile("# users\n");
        string link = file.Path + ".link";
        File.CreateSymbolicLink(link, file.Path);

        PasswordFileEditor editor = PasswordFileEditor.Open(link);
        editor.Set("alice", PasswordHash.Create(PasswordHashKind.Sha512, "pw"u8));
        editor.Save();

        Assert.NotNull(File.ResolveLinkTarget(link, returnFinalTarget: false));
        Assert.Equal(1, PasswordFile.Load(file.Path).Count);
    }

    [Fact]
    public void Editor_PlainPasswords_AreHashed()
    {
        using var file = new TemporaryFile("# plain\nalice:a:1\nbob: $b\n");
        PasswordFileEditor editor = PasswordFileEditor.Open(file.Path);

        Assert.Equal(2, editor.HashAll(PasswordHashKind.Pbkdf2Sha512, iterations: 2));
        editor.Save();

        PasswordFile read = PasswordFile.Load(file.Path);
        Assert.True(read.Find("alice")!.Verify("a:1"u8));
        Assert.True(read.Find("bob")!.Verify(Encoding.UTF8.GetBytes(" $b")));
        Assert.StartsWith("# plain\n", file.Text);
    }

    [Theory]
    [InlineData("$6$c2FsdA==$aGFzaA==")]
    [InlineData("$argon2id$v=19$m=47104,t=1,p=1$c2FsdHNhbHQ$aGFzaA")]
    [InlineData("")]
    public void Editor_HashesAmongPlainPasswords_AreRefused(string entry)
    {
        using var file = new TemporaryFile($"alice:a\nbob:{entry}\n");

        var wrong = Assert.Throws<SecurityFileException>(() => PasswordFileEditor.Open(file.Path).HashAll(PasswordHashKind.Sha512));

        Assert.Equal((2, 5), (Assert.Single(wrong.Problems).Line, wrong.Problems[0].Column));
    }
}
