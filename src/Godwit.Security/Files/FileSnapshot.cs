// What was read from a file, and a way to read it again: as a whole or not at all. Event loops look at it at any time without a lock.
namespace Godwit.Security.Files;

/// <summary>Something whose file can be read again while the broker runs.</summary>
public interface IReloadable
{
    /// <summary>Reads the file again. If anything is wrong with it what was there before stays in force.</summary>
    /// <exception cref="SecurityFileException">It stays as it was; the message says why.</exception>
    void Reload();
}

/// <summary>The content of a file, replaced as a whole.</summary>
/// <typeparam name="T">What the file is read into; immutable.</typeparam>
internal sealed class FileSnapshot<T>(string path, Func<string, string, T> parse) where T : class
{
    private volatile T _current = Load(path, parse);

    /// <summary>What is in force.</summary>
    public T Current => _current;

    public void Reload() => _current = Load(path, parse);

    private static T Load(string path, Func<string, string, T> parse) => parse(TextFile.Read(path), path);
}
