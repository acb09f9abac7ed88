using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Files;
using Godwit.Security.Passwords;
using Godwit.Testing;

namespace Godwit.Security.Tests.Passwords;

public sealed class PasswordCheckTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TemporaryFile _file = new($"alice:{PasswordHash.Create(PasswordHashKind.Sha512, "right"u8)}\n");
    private readonly HashWorkers _workers;
    private readonly PasswordCheck _check;

    public PasswordCheckTests()
    {
        _workers = new HashWorkers(_time, workers: 0, capacity: 2);
        _check = new PasswordCheck(_file.Path, _time, _workers);
    }

    public void Dispose()
    {
        _check.Dispose();
        _file.Dispose();
    }

    [Theory]
    [InlineData("alice", "right", ReasonCode.Success)]
    [InlineData("alice", "wrong", ReasonCode.NotAuthorized)]
    [InlineData("alice", "", ReasonCode.NotAuthorized)]
    [InlineData("alice", null, ReasonCode.NotAuthorized)]
    [InlineData("Alice", "right", null)]
    [InlineData("nobody", "right", null)]
    [InlineData("nobody", null, null)]
    [InlineData(null, null, null)]
    public async Task Login_OfAClient_IsChecked(string? user, string? password, ReasonCode? expected) => Assert.Equal(expected, await LoginAsync(user, password));

    [Fact]
    public async Task Login_ASecondTime_NeedsNoHash()
    {
        Assert.Equal(ReasonCode.Success, await LoginAsync("alice", "right"));

        Assert.True(Ask("alice", "right").IsCompletedSuccessfully);
        Assert.False(Ask("alice", "wrong").IsCompleted);

        _time.Advance(VerifiedLogins.Lifetime);
        Assert.False(Ask("alice", "right").IsCompleted);
    }

    [Fact]
    public async Task Logins_MoreThanCanWait_AreToldThatTheServerIsBusy()
    {
        Task<AuthenticationResult?> first = Ask("alice", "right"), unknown = Ask("nobody", "x"), third = Ask("alice", "right");

        Assert.Equal(ReasonCode.ServerBusy, (await third)!.ReasonCode);
        _workers.RunWaiting();
        Assert.Equal(ReasonCode.Success, (await first)!.ReasonCode);
        Assert.Null(await unknown);
    }

    [Fact]
    public async Task Logins_ThatWaitedTooLong_AreToldSoWithoutAHash()
    {
        Task<AuthenticationResult?> login = Ask("alice", "right");
        _time.Advance(TimeSpan.FromSeconds(9));
        _workers.RunWaiting();

        Assert.Equal(ReasonCode.ServerBusy, (await login)!.ReasonCode);
    }

    [Fact]
    public async Task Logins_WhenTheCheckIsDisposed_AreAnswered()
    {
        Task<AuthenticationResult?> login = Ask("alice", "right");
        _check.Dispose();

        Assert.Equal(ReasonCode.ServerBusy, (await login)!.ReasonCode);
        Assert.Equal(ReasonCode.ServerBusy, (await Ask("alice", "right"))!.ReasonCode);
    }

    [Fact]
    public async Task Reload_OfABrokenFile_LeavesTheUsersInForce()
    {
        _file.Text += "bob:not a hash\n";

        Assert.Equal(2, Assert.Single(Assert.Throws<SecurityFileException>(_check.Reload).Problems).Line);
        Assert.Equal(ReasonCode.Success, await LoginAsync("alice", "right"));
    }

    [Fact]
    public async Task Reload_OfAChangedFile_ForgetsWhatWasRightBefore()
    {
        Assert.Equal(ReasonCode.Success, await LoginAsync("alice", "right"));
        _file.Text = $"alice:{PasswordHash.Create(PasswordHashKind.Sha512, "changed"u8)}\n";

        _check.Reload();

        Assert.Equal(ReasonCode.NotAuthorized, await LoginAsync("alice", "right"));
        Assert.Equal(ReasonCode.Success, await LoginAsync("alice", "changed"));
    }

    [Fact]
    public async Task Review_OfAClient_IsByTheFileInForce()
    {
        Task<AuthenticationResult?> login = Ask("alice", "right");
        _workers.RunWaiting();
        AuthenticationResult grant = (await login)!;
        var chain = new AuthenticatorChain([_check], allowAnonymous: false);
        ConnectingClient client = Client("alice", null);
        string entry = _file.Text;

        _file.Text = entry + $"bob:{PasswordHash.Create(PasswordHashKind.Sha512, "x"u8)}\n";
        _check.Reload();
        Assert.Null(chain.Review(client, grant));

        _file.Text = $"alice:{PasswordHash.Create(PasswordHashKind.Sha512, "changed"u8)}\n";
        _check.Reload();
        Assert.Equal("Its password has been changed", chain.Review(client, grant));

        _file.Text = "";
        _check.Reload();
        Assert.Equal("Its user has been removed", chain.Review(client, grant));
        Assert.NotNull(new AuthenticatorChain([], allowAnonymous: false).Review(client, grant));
    }

    [Theory]
    [InlineData(null, true, true)]
    [InlineData(null, false, false)]
    [InlineData("alice", true, false)]
    public void Review_OfAClientWithoutEvidence_IsByWhetherAnonymousOnesMayConnect(string? user, bool allowAnonymous, bool maySay)
    {
        Assert.Equal(maySay, new AuthenticatorChain([_check], allowAnonymous).Review(Client(user, null), null) is null);
        Assert.Null(new AuthenticatorChain([_check], allowAnonymous).Review(Client(user, null) with { IsIdentified = true }, null));
    }

    [Fact]
    public async Task Workers_OfTheirOwn_Answer()
    {
        using var check = new PasswordCheck(_file.Path);

        Assert.Equal(ReasonCode.Success, (await check.CheckAsync(Client("alice", "right"), CancellationToken.None))!.ReasonCode);
    }

    [Theory]
    [InlineData(false, null, ReasonCode.NotAuthorized)]
    [InlineData(true, null, ReasonCode.Success)]
    [InlineData(true, "nobody", ReasonCode.NotAuthorized)]
    [InlineData(true, "alice", ReasonCode.NotAuthorized)]
    public async Task Chain_NobodyKnowsTheClient_DecidesByWhetherItHasAName(bool allowAnonymous, string? user, ReasonCode expected)
    {
        using var check = new PasswordCheck(_file.Path);
        var chain = new AuthenticatorChain([check, check], allowAnonymous);

        Assert.Equal(expected, (await chain.AuthenticateAsync(Client(user, user is null ? null : "wrong"), CancellationToken.None)).ReasonCode);
    }

    private static ConnectingClient Client(string? user, string? password) =>
        new("c", user, password is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(password), ProtocolVersion.V5, null);

    private Task<AuthenticationResult?> Ask(string? user, string? password) => _check.CheckAsync(Client(user, password), CancellationToken.None).AsTask();

    private async Task<ReasonCode?> LoginAsync(string? user, string? password)
    {
        Task<AuthenticationResult?> answer = Ask(user, password);
        _workers.RunWaiting();
        return (await answer)?.ReasonCode;
    }
}
