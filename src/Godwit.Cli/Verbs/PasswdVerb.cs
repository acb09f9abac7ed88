// godwit passwd FILE USER: adds a user to a password file, changes a password, or removes a user; the options are those of mosquitto_passwd.
using System.CommandLine;
using System.Text;
using Godwit.Cli.CommandLine;
using Godwit.Security.Files;
using Godwit.Security.Passwords;

namespace Godwit.Cli.Verbs;

internal sealed class PasswdVerb : Verb
{
    public const string Summary = "Add, change or remove users of a password file";

    private readonly Argument<string[]> _words = new("FILE") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _create = OptionTypes.Flag("--create", "Make a new file; one that is there is replaced", "-c");
    private readonly Option<bool> _batch = OptionTypes.Flag("--batch", "Take the password from the command line, where other users of the machine can see it", "-b");
    private readonly Option<bool> _delete = OptionTypes.Flag("--delete", "Remove the user", "-D");
    private readonly Option<bool> _update = OptionTypes.Flag("--update", "Replace the passwords in a file of USER:PASSWORD lines by hashes", "-U");
    private readonly Option<string?> _hash = OptionTypes.Choice("--hash", "KIND",
        "argon2id (default if the system has libargon2; for mosquitto from 2.1 on), sha512-pbkdf2 (default otherwise; for mosquitto from 2.0 on), scram-sha-256 (for godwit alone), "
            + "or sha512 for mosquitto before 2.0, which is guessed a million times faster",
        ["argon2id", "sha512-pbkdf2", "scram-sha-256", "sha512"], "-H");
    private readonly Option<long?> _iterations = OptionTypes.Number("--iterations", "N",
        $"Iterations of PBKDF2 (default {PasswordHash.DefaultIterations}: a tenth of a second for each login) or of SCRAM (default 600000, which the client computes)", 1, PasswordHash.MostIterations, "-I");

    public PasswdVerb() : base("passwd", Summary + ".", "FILE USER [PASSWORD]")
    {
        Arguments.Add(_words);
        Group("Options", _create, _batch, _delete, _update, _hash, _iterations);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit passwd -c users alice", "Makes the file; asks for alice's password, twice."),
        ("godwit passwd users bob", "Adds bob, or changes bob's password."),
        ("godwit passwd -D users bob", "Removes bob."),
        ("godwit passwd -U users", "Hashes a file of plain passwords."),
    ];

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string[] words = arguments.GetValue(_words) ?? [];
        bool isUpdate = arguments.GetValue(_update), isBatch = arguments.GetValue(_batch), isDelete = arguments.GetValue(_delete), isNew = arguments.GetValue(_create);
        if ((isUpdate && (isBatch || isDelete || isNew)) || (isDelete && (isBatch || isNew)))
            throw new UsageException("-U and -D go with no other of -b, -c, -D and -U.");
        string[] operands = isUpdate ? ["FILE"] : isBatch ? ["FILE", "USER", "PASSWORD"] : ["FILE", "USER"];
        if (words.Length != operands.Length)
        {
            string options = isUpdate ? "-U " : isBatch ? "-b " : isDelete ? "-D " : "";
            throw new UsageException($"It is called as `godwit passwd {options}{string.Join(' ', operands)}`.");
        }
        var iterations = (int?)arguments.GetValue(_iterations);
        PasswordHashKind kind = arguments.GetValue(_hash) switch
        {
            "sha512" => PasswordHashKind.Sha512,
            "scram-sha-256" => PasswordHashKind.ScramSha256,
            "argon2id" => PasswordHashKind.Argon2id,
            "sha512-pbkdf2" => PasswordHashKind.Pbkdf2Sha512,
            _ => iterations is null ? PasswordHash.BestKind : PasswordHashKind.Pbkdf2Sha512,
        };
        if (kind == PasswordHashKind.ScramSha256 && iterations < PasswordHash.FewestScramIterations)
            throw new UsageException($"SCRAM needs {PasswordHash.FewestScramIterations} iterations or more: clients refuse fewer (RFC 7677).");
        try
        {
            PasswordFileEditor file = isNew ? PasswordFileEditor.Create(words[0]) : PasswordFileEditor.Open(words[0]);
            if (isUpdate)
            {
                file.HashAll(kind, iterations);
            }
            else
            {
                string user = words[1];
                CheckName(user);
                if (isDelete && !file.Remove(user))
                {
                    await terminal.Error.WriteLineAsync($"godwit passwd: {words[0]} has no user '{user}'.").ConfigureAwait(false);
                    return ExitCode.Failed;
                }
                if (!isDelete)
                {
                    string password = isBatch ? words[2] : await AskTwiceAsync(terminal, stop).ConfigureAwait(false);
                    if (password.Length == 0) throw new UsageException("A password may not be empty.");
                    file.Set(user, PasswordHash.Create(kind, Encoding.UTF8.GetBytes(password), iterations));
                }
            }
            file.Save();
            return ExitCode.Success;
        }
        catch (Exception failed) when (failed is SecurityFileException or NotSupportedException)
        {
            await terminal.Error.WriteLineAsync($"godwit passwd: {failed.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static void CheckName(string user)
    {
        if (user.Length == 0 || user[0] == '#' || user != user.Trim() || user.AsSpan().ContainsAny(':', '\n', '\r'))
            throw new UsageException("A user name has no ':' and no line break, begins with no '#' and begins and ends with no space.");
    }

    private static async Task<string> AskTwiceAsync(Terminal terminal, CancellationToken stop)
    {
        var lines = new LineReader(terminal.Input);
        string first = await AskAsync("Password: ").ConfigureAwait(false);
        if (first.Length > 0 && await AskAsync("Reenter password: ").ConfigureAwait(false) != first)
            throw new UsageException("The two passwords are not the same.");
        return first;

        async Task<string> AskAsync(string prompt)
        {
            await terminal.Error.WriteAsync(prompt).ConfigureAwait(false);
            if (terminal.IsInteractive) return HiddenLine.Read(terminal.Error);
            byte[] line = await lines.ReadAsync(stop).ConfigureAwait(false) ?? throw new UsageException("There is no password to read; -b takes it from the command line.");
            return Encoding.UTF8.GetString(line).TrimEnd('\r');
        }
    }
}
