// Changes a password file: lines that are not concerned, comments among them, stay as they are.
using System.Text;
using Godwit.Security.Files;

namespace Godwit.Security.Passwords;

/// <summary>A password file that is being changed.</summary>
public sealed class PasswordFileEditor
{
    private readonly string _path;
    private readonly List<string> _lines;

    private PasswordFileEditor(string path, List<string> lines) => (_path, _lines) = (path, lines);

    /// <summary>An empty file, in the place of what may be there.</summary>
    public static PasswordFileEditor Create(string path) => new(path, []);

    /// <summary>A file that is there.</summary>
    /// <exception cref="SecurityFileException">It cannot be read.</exception>
    public static PasswordFileEditor Open(string path)
    {
        List<string> lines = [.. TextFile.Read(path).Split('\n')];
        if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        return new PasswordFileEditor(path, lines);
    }

    /// <summary>Adds a user or changes the password.</summary>
    public void Set(string userName, PasswordHash hash)
    {
        int place = _lines.FindIndex(line => PasswordFile.NameIn(line) == userName);
        string entry = $"{userName}:{hash}";
        if (place < 0) _lines.Add(entry);
        else _lines[place] = entry;
    }

    /// <summary>Removes a user; false if there is none of that name.</summary>
    public bool Remove(string userName) => _lines.RemoveAll(line => PasswordFile.NameIn(line) == userName) > 0;

    /// <summary>Replaces passwords by hashes: a file of USER:PASSWORD lines, all of them.</summary>
    /// <returns>How many users there are.</returns>
    /// <exception cref="SecurityFileException">A line is wrong, or has a hash already.</exception>
    public int HashAll(PasswordHashKind kind, int? iterations = null)
    {
        int count = 0;
        for (int i = 0; i < _lines.Count; i++)
        {
            if (PasswordFile.NameIn(_lines[i]) is not { } name) continue;
            string password = _lines[i][(_lines[i].IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('\r');
            if (PasswordHash.IsHash(password))
                throw new SecurityFileException([new FileProblem(_path, i + 1, name.Length + 2, "Here is a hash already: nothing was changed.")]);
            if (password.Length == 0) throw new SecurityFileException([new FileProblem(_path, i + 1, name.Length + 2, "The password is empty: nothing was changed.")]);
            _lines[i] = $"{name}:{PasswordHash.Create(kind, Encoding.UTF8.GetBytes(password), iterations)}";
            count++;
        }
        return count;
    }

    /// <summary>Puts the changed file in the place of the old one.</summary>
    /// <exception cref="SecurityFileException">It cannot be written; the old file is as it was.</exception>
    public void Save() => TextFile.Replace(_path, string.Concat(_lines.Select(line => line + "\n")));
}
