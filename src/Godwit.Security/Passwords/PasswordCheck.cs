// Users and passwords of a file. A hash takes a tenth of a second on purpose, so it is computed on threads beside the event loops, and who
// has connected a moment ago is recognised without it.
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Files;

namespace Godwit.Security.Passwords;

/// <summary>Checks user names and passwords against a file.</summary>
public sealed class PasswordCheck : ICredentialCheck, IReloadable, IDisposable
{
    private static readonly AuthenticationResult Busy = new(ReasonCode.ServerBusy, "Too many clients connect at this moment; try again in a few seconds");

    private readonly FileSnapshot<Snapshot> _file;
    private readonly HashWorkers _workers;

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="SecurityFileException">It cannot be used; the message says why.</exception>
    public PasswordCheck(string path, TimeProvider? time = null) : this(path, time ?? TimeProvider.System, new HashWorkers(time ?? TimeProvider.System))
    {
    }

    internal PasswordCheck(string path, TimeProvider time, HashWorkers workers)
    {
        _workers = workers;
        _file = new FileSnapshot<Snapshot>(path, (text, name) => new Snapshot(PasswordFile.Parse(text, name), new VerifiedLogins(time)));
    }

    /// <summary>How many users there are.</summary>
    public int Users => _file.Current.File.Count;

    internal PasswordHash? Find(string user) => _file.Current.File.Find(user);

    /// <inheritdoc/>
    public Action? Prepare() => _file.Prepare();

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult?> CheckAsync(ConnectingClient client, CancellationToken cancellationToken)
    {
        if (client.UserName is not { } user || client.Password is not { } password)
        {
            bool isUser = client.UserName is not null && _file.Current.File.Find(client.UserName) is not null;
            return new ValueTask<AuthenticationResult?>(isUser ? AuthenticatorChain.Refused : null);
        }
        Snapshot snapshot = _file.Current;
        if (snapshot.Logins.Contains(user, password.Span) && snapshot.File.Find(user) is { } known)
            return new ValueTask<AuthenticationResult?>(PasswordEvidence.Grant(user, known));
        return new ValueTask<AuthenticationResult?>(VerifyAsync(snapshot, user, password));
    }

    /// <inheritdoc/>
    public bool TryReview(object evidence, out string? objection)
    {
        objection = null;
        if (evidence is not PasswordEvidence proof) return false;
        PasswordHash? now = _file.Current.File.Find(proof.User);
        if (now is null) objection = "Its user has been removed";
        else if (now != proof.Hash && now.ToString() != proof.Hash.ToString()) objection = "Its password has been changed";
        return true;
    }

    /// <summary>Ends the threads; logins that still wait are refused.</summary>
    public void Dispose() => _workers.Dispose();

    private async Task<AuthenticationResult?> VerifyAsync(Snapshot snapshot, string user, ReadOnlyMemory<byte> password)
    {
        PasswordHash? hash = snapshot.File.Find(user);
        bool? isRight = await _workers.RunAsync(() =>
        {
            if (hash is null)
            {
                snapshot.File.Decoy(user).Verify(password.Span);
                return false;
            }
            if (snapshot.Logins.Contains(user, password.Span)) return true; // another client with the same credentials was just before
            if (!hash.Verify(password.Span)) return false;
            snapshot.Logins.Add(user, password.Span);
            return true;
        }).ConfigureAwait(false);
        if (isRight is null) return Busy;
        if (hash is null) return null;
        return isRight.Value ? PasswordEvidence.Grant(user, hash) : AuthenticatorChain.Refused;
    }

    // What was verified against a file is forgotten with it.
    private sealed record Snapshot(PasswordFile File, VerifiedLogins Logins);
}
