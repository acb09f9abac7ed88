// bans, ban, unban: the ban list for administrators. A ban is in force on all loops before it is answered; with a file, it is written before that too.
using System.Globalization;
using Godwit.Broker.Limits;

namespace Godwit.Broker.Control;

/// <summary>The answer of <c>bans</c>.</summary>
/// <param name="Bans">Some of those in force.</param>
/// <param name="Cursor">Where to go on; null at the end.</param>
public sealed record BanPage(IReadOnlyList<Ban> Bans, string? Cursor = null);

/// <summary>The answer of <c>ban</c>.</summary>
/// <param name="Banned">The ban as it is in force.</param>
/// <param name="IsKept">Whether it survives a restart of the broker.</param>
public sealed record BanAddition(Ban Banned, bool IsKept);

/// <summary>The answer of <c>unban</c>.</summary>
/// <param name="Removed">How many bans.</param>
public sealed record BanRemoval(int Removed);

internal sealed class BanCommands(Shard shard)
{
    private Doorkeeper Door => shard.Broker.Door;

    private DateTimeOffset Now => shard.Loop.TimeProvider.GetUtcNow();

    /// <summary>Answers with a page of the list.</summary>
    /// <returns>Null, or what is wrong with the request.</returns>
    public string? List(ControlRequest request, ControlReply reply, ControlPage page)
    {
        if (!int.TryParse(request.Cursor ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out int place)) return $"There is no place '{request.Cursor}': cursor is that of the last answer.";
        Ban[] all = [.. Door.Bans.All(Now), .. Door.Flapping.Bans(Now)];
        for (; place < all.Length && !page.IsFull; place++)
        {
            if (page.Add([all[place]], ControlJson.Instance.Ban) == 0) break;
        }
        if (page.IsStuck) reply.Fail("The next ban does not fit into your Maximum Packet Size.");
        else reply.Send(page.End(place < all.Length ? place.ToString(CultureInfo.InvariantCulture) : null));
        return null;
    }

    /// <summary>Bans somebody, and disconnects who is there.</summary>
    /// <inheritdoc cref="List"/>
    public string? Add(ControlRequest request, ControlReply reply)
    {
        if (request.Seconds is < 1 or > uint.MaxValue) return "seconds may be 1 to 4294967295; without them a ban has no end.";
        Ban ban = Of(request) with
        {
            Since = Now,
            Until = request.Seconds is { } seconds ? Now.AddSeconds(seconds) : null,
            Reason = request.Reason,
            By = reply.Administrator,
        };
        if (ban.Problem is { } problem) return problem;
        if (!Door.Bans.TryAdd(ban, Now)) return $"There are {BanList.Most} bans already: ban a network, or change the rules of who may connect.";
        shard.Log.Banned(ban);
        BanSweep.Start(shard.Broker);
        Keep(reply, () => reply.Send(new BanAddition(ban, Door.File is not null), ControlJson.Instance.BanAddition));
        return null;
    }

    /// <summary>Takes back what administrators have banned, and what flapped.</summary>
    /// <inheritdoc cref="List"/>
    public string? Remove(ControlRequest request, ControlReply reply)
    {
        Ban like = Of(request);
        if (like.Problem is { } problem) return problem;
        int removed = Door.Bans.Remove(like.IsSame) + Door.Flapping.Remove(like);
        if (removed == 0)
            return Array.Exists(Door.Bans.All(Now), like.IsSame) ? "That ban is one of the settings: take it out there, and reload." : $"There is no ban of {like.Whom}.";
        shard.Log.Unbanned(reply.Administrator, like.Whom);
        Keep(reply, () => reply.Send(new BanRemoval(removed), ControlJson.Instance.BanRemoval));
        return null;
    }

    private static Ban Of(ControlRequest request) => new() { ClientId = request.ClientId, UserName = request.UserName, Address = request.Address };

    // The disk is waited for elsewhere than on a loop.
    private void Keep(ControlReply reply, Action answer)
    {
        if (Door.File is not { } file)
        {
            answer();
            return;
        }
        TimeProvider time = shard.Loop.TimeProvider;
        _ = Task.Run(() =>
        {
            try
            {
                file.Save(() => Door.Bans.Added(time.GetUtcNow()));
            }
            catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
            {
                reply.Fail($"It is in force until the broker stops, but cannot be kept in {file.Path}: {cannot.Message}");
                return;
            }
            answer();
        });
    }
}
