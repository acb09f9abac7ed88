using Godwit.Cli.Watching;

namespace Godwit.Cli.Tests;

/// <summary>When files are read again because they have changed.</summary>
public sealed class FileWatchTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-watch-");
    private readonly FileWatch _watch;
    private FileStamps _read;
    private int _reads;

    public FileWatchTests()
    {
        File.WriteAllText(File1, "1");
        _read = FileStamps.Of([File1, Path.Combine(Current, "tls.crt")]);
        _watch = new FileWatch(() => _read, Read, _time);
    }

    private string File1 => Path.Combine(_directory.FullName, "users");

    private string Current => Path.Combine(_directory.FullName, "current");

    public void Dispose()
    {
        _watch.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Look_NothingChanged_ReadsNothing()
    {
        Look(5);

        Assert.Equal(0, _reads);
    }

    [Fact]
    public void Look_FileStillWritten_WaitsUntilItIsLeftAlone()
    {
        File.WriteAllText(File1, "12");
        Look();
        File.WriteAllText(File1, "123");
        Look();
        Assert.Equal(0, _reads);

        Look(3);

        Assert.Equal(1, _reads);
    }

    [Fact]
    public void Look_FileReplacedByRename_IsSeen()
    {
        string other = Path.Combine(_directory.FullName, "users.new");
        File.WriteAllText(other, "2");
        File.SetLastWriteTimeUtc(other, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc)); // an older one
        File.Move(other, File1, overwrite: true);
        Look(3);

        Assert.Equal(1, _reads);
    }

    [Fact]
    public void Look_LinkInThePathLeadsElsewhere_IsSeen()
    {
        foreach (string version in new[] { "v1", "v2" })
        {
            Directory.CreateDirectory(Path.Combine(_directory.FullName, version));
            File.WriteAllText(Path.Combine(_directory.FullName, version, "tls.crt"), version == "v1" ? "x" : "xy");
        }
        Directory.CreateSymbolicLink(Current, "v1");
        Look(3);
        Assert.Equal(1, _reads); // it was not there before

        Directory.Delete(Current);
        Directory.CreateSymbolicLink(Current, "v2");
        Look(3);

        Assert.Equal(2, _reads);
    }

    [Fact]
    public void Look_FileThatCouldNotBeUsed_IsReadAgainWhenItChangesAgain()
    {
        File.WriteAllText(File1, "half");
        Look(5);
        Assert.Equal(1, _reads); // whatever came of it

        File.WriteAllText(File1, "half and half");
        Look(5);

        Assert.Equal(2, _reads);
    }

    private Task Read()
    {
        _reads++;
        _read = _read.Again();
        return Task.CompletedTask;
    }

    private void Look(int times = 1)
    {
        for (int i = 0; i < times; i++) _time.Advance(FileWatch.Interval);
    }
}
