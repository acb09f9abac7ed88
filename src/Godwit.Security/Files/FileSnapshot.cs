// What was read from a file, and a way to read it again: as a whole or not at all. Event loops look at it at any time without a lock.
namespace Godwit.Security.Files;

/// <summary>Something whose file can be read again while the broker runs.</summary>
public interface IReloadable
{
    /// <summary>Reads the file again, without using it yet: what was there before stays in force until then.</summary>
    /// <returns>Puts it in force; cannot fail. Null if the file is as it was.</returns>
    /// <exception cref="SecurityFileException">It cannot be used; the message says why.</exception>
    Action? Prepare();
}

/// <summary>Ways to read files again.</summary>
public static class Reloadable
{
    /// <summary>Reads the file again. If anything is wrong with it what was there before stays in force.</summary>
    /// <exception cref="SecurityFileException">It stays as it was; the message says why.</exception>
    public static void Reload(this IReloadable file) => file.Prepare()?.Invoke();
}

/// <summary>The content of a file, replaced as a whole.</summary>
/// <typeparam name="T">What the file is read into; immutable.</typeparam>
internal sealed class FileSnapshot<T> where T : class
{
    private readonly string _path;
    private readonly Func<string, string, T> _parse;
    private volatile T _current;
    private string _text;

    public FileSnapshot(string path, Func<string, string, T> parse)
    {
        (_path, _parse) = (path, parse);
        _text = TextFile.Read(path);
        _current = parse(_text, path);
    }

    /// <summary>What is in force.</summary>
    public T Current => _current;

    /// <inheritdoc cref="IReloadable.Prepare"/>
    public Action? Prepare()
    {
        string text = TextFile.Read(_path);
        if (text == _text) return null;
        T next = _parse(text, _path);
        return () => (_text, _current) = (text, next);
    }
}
