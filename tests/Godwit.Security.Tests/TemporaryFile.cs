namespace Godwit.Security.Tests;

/// <summary>A file that goes with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-security-");

    public TemporaryFile(string? text = null, string name = "file")
    {
        Path = System.IO.Path.Combine(_directory.FullName, name);
        if (text is not null) Text = text;
    }

    public string Path { get; }

    public string Text
    {
        get => File.ReadAllText(Path);
        set => File.WriteAllText(Path, value);
    }

    /// <summary>How many files are where it is.</summary>
    public int Neighbours => _directory.GetFiles().Length - 1;

    public void Dispose() => _directory.Delete(recursive: true);
}
