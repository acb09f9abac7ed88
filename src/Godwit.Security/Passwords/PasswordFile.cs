// A password file as mosquitto has it: a user and what is kept of the password on each line, comments with #.
using System.Security.Cryptography;
using System.Text;
using Godwit.Security.Files;

namespace Godwit.Security.Passwords;

/// <summary>The users of a password file. Immutable.</summary>
public sealed class PasswordFile
{
    /// <summary>What MQTT can carry.</summary>
    private const int LongestName = 65_535;

    // Takes as long as a login, so not before somebody tries one.
    private static readonly Lazy<PasswordHash> Nobody = new(() => PasswordHash.Create(PasswordHashKind.Pbkdf2Sha512, default));

    private readonly Dictionary<string, PasswordHash> _users;
    private readonly PasswordHash[] _decoys;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    private PasswordFile(Dictionary<string, PasswordHash> users)
    {
        _users = users;
        _decoys = [.. users.Values];
    }

    /// <summary>How many users there are.</summary>
    public int Count => _users.Count;

    /// <summary>Reads a file.</summary>
    /// <exception cref="SecurityFileException">It cannot be read, or a line of it is wrong: all of them are named.</exception>
    public static PasswordFile Load(string path) => Parse(TextFile.Read(path), path);

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What the file is called in messages.</param>
    /// <exception cref="SecurityFileException">A line is wrong: all of them are named.</exception>
    public static PasswordFile Parse(string text, string path)
    {
        var users = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);
        var problems = new List<FileProblem>();
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (NameIn(line) is not { } name)
            {
                if (!IsComment(line)) problems.Add(new FileProblem(path, number, 1, "A line is USER:HASH."));
                continue;
            }
            int start = line.IndexOf(':', StringComparison.Ordinal) + 1;
            PasswordHash? hash = PasswordHash.TryParse(line[start..].Trim(), out string problem);
            if (hash is null) problems.Add(new FileProblem(path, number, start + 1, problem));
            else if (name.Length is 0 or > LongestName) problems.Add(new FileProblem(path, number, 1, $"A user name has 1 to {LongestName} characters."));
            else if (!users.TryAdd(name, hash)) problems.Add(new FileProblem(path, number, 1, $"User '{name}' is there twice."));
        }
        return problems.Count == 0 ? new PasswordFile(users) : throw new SecurityFileException(problems);
    }

    /// <summary>What is kept of a user's password; null if the user is not in the file.</summary>
    public PasswordHash? Find(string userName) => _users.GetValueOrDefault(userName);

    /// <summary>
    /// An entry to try in vain for a user who is not in the file, so that the time an answer takes does not tell who is. The same for a name
    /// whenever it is asked for, and among unknown names as frequent as among the known ones.
    /// </summary>
    internal PasswordHash Decoy(string userName)
    {
        if (_decoys.Length == 0) return Nobody.Value;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(userName), hash);
        return _decoys[BitConverter.ToUInt32(hash) % (uint)_decoys.Length];
    }

    /// <summary>The user name on a line; null on an empty line, a comment, or one without a colon.</summary>
    internal static string? NameIn(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || IsComment(line) ? null : line[..colon].Trim();
    }

    private static bool IsComment(string line) => line.Length == 0 || line[0] == '#' || string.IsNullOrWhiteSpace(line);
}
