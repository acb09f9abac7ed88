namespace Godwit.Storage.Tests;

/// <summary>A directory for one test. In memory where the system has such a place: hundreds of waits for a disk would be most of the tests' time.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string InMemory = "/dev/shm";

    public string Path { get; } = Directory.Exists(InMemory)
        ? Directory.CreateDirectory($"{InMemory}/godwit-store-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("godwit-store-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
