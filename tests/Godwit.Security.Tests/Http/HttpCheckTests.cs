using System.Net;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Http;
using Godwit.Testing;

namespace Godwit.Security.Tests.Http;

public sealed class HttpCheckTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly Service _service = new();
    private readonly HttpClient _client;
    private readonly HttpCheck _check;

    public HttpCheckTests()
    {
        _client = new HttpClient(_service);
        _check = new HttpCheck(new Uri("http://127.0.0.1/auth"), _client, new HttpCheckOptions { MaximumConcurrent = 2, MaximumWaiting = 1 }, _time);
    }

    [Fact]
    public async Task Question_HasWhatIsKnown()
    {
        await CheckAsync();
        await _check.CheckAsync(new ConnectingClient("c", null, new byte[] { 0xFF }, ProtocolVersion.V311, null), CancellationToken.None);

        Assert.Equal(
            ["""{"clientid":"c","username":"u","password":"p","peerhost":"127.0.0.1","protocol":"5.0"}""", """{"clientid":"c","password_base64":"/w==","protocol":"3.1.1"}"""],
            _service.Questions);
    }

    [Theory]
    [InlineData(204, "", ReasonCode.Success)]
    [InlineData(200, """{"result":"allow"}""", ReasonCode.Success)]
    [InlineData(200, """{"result":"deny"}""", ReasonCode.NotAuthorized)]
    [InlineData(401, "", ReasonCode.NotAuthorized)]
    [InlineData(403, "no", ReasonCode.NotAuthorized)]
    [InlineData(200, """{"result":"ignore"}""", null)]
    [InlineData(404, "", null)]
    [InlineData(500, "", ReasonCode.ServerUnavailable)]
    [InlineData(302, "", ReasonCode.ServerUnavailable)]
    [InlineData(200, "", ReasonCode.ServerUnavailable)]
    [InlineData(200, "allow", ReasonCode.ServerUnavailable)]
    [InlineData(200, """{"result":"maybe"}""", ReasonCode.ServerUnavailable)]
    [InlineData(200, """{"result":true}""", ReasonCode.ServerUnavailable)]
    [InlineData(200, """["allow"]""", ReasonCode.ServerUnavailable)]
    [InlineData(200, """{"result":"allow","acl":"a"}""", ReasonCode.ServerUnavailable)]
    public async Task Answer_Decides(int status, string body, ReasonCode? expected)
    {
        _service.Answer = () => (status, body);

        Assert.Equal(expected, (await CheckAsync())?.ReasonCode);
    }

    [Fact]
    public async Task Answer_WithMore_IsPassedOn()
    {
        _service.Answer = () => (200, """{"result":"allow","username":"other","expires_in":60,"attributes":{"tenant":"acme","level":3},"acl":{"sub":["a"]}}""");

        AuthenticationResult result = (await CheckAsync())!;

        Assert.Equal(("other", _time.GetUtcNow() + TimeSpan.FromSeconds(60)), (result.UserName, result.ExpiresAt));
        Assert.Equal(("acme", "3"), (result.Attributes!["http.tenant"], result.Attributes["http.level"]));
        Assert.Equal("""{"sub":["a"]}""", result.Attributes["acl"]);
    }

    [Fact]
    public async Task Allowed_IsRememberedForAMinuteAndForTheSameQuestionOnly()
    {
        await CheckAsync();
        await CheckAsync();
        Assert.Single(_service.Questions);

        await CheckAsync(password: "q");
        _time.Advance(TimeSpan.FromSeconds(61));
        await CheckAsync();
        Assert.Equal(3, _service.Questions.Count);
    }

    [Fact]
    public async Task Denied_IsNotRemembered()
    {
        _service.Answer = () => (403, "");
        await CheckAsync();
        _service.Answer = () => (204, "");

        Assert.Equal(ReasonCode.Success, (await CheckAsync())!.ReasonCode);
    }

    [Fact]
    public async Task Failure_IsTriedOnceMore()
    {
        int asked = 0;
        _service.Answer = () => asked++ == 0 ? throw new HttpRequestException("refused") : (204, "");

        Assert.Equal(ReasonCode.Success, (await CheckAsync())!.ReasonCode);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Failures_InARow_LeaveTheServiceAloneForAWhile()
    {
        _service.Answer = () => (503, "");
        for (int i = 0; i < 10; i++) Assert.Equal(ReasonCode.ServerUnavailable, (await CheckAsync())!.ReasonCode);
        Assert.Equal(5, _service.Questions.Count);

        _service.Answer = () => (204, "");
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(ReasonCode.Success, (await CheckAsync())!.ReasonCode);
    }

    [Fact]
    public async Task Storm_BeyondTheBounds_IsTurnedAway()
    {
        var gate = new TaskCompletionSource();
        _service.Gate = gate.Task;
        Task<AuthenticationResult?>[] waiting = [.. Enumerable.Range(0, 3).Select(i => CheckAsync(password: $"{i}"))];

        Assert.Equal(ReasonCode.ServerBusy, (await CheckAsync(password: "one too many"))!.ReasonCode);
        gate.SetResult();
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(ReasonCode.Success, result!.ReasonCode));
        Assert.Equal(ReasonCode.Success, (await CheckAsync(password: "again"))!.ReasonCode);
    }

    public void Dispose()
    {
        _check.Dispose();
        _client.Dispose();
    }

    private Task<AuthenticationResult?> CheckAsync(string password = "p") => _check.CheckAsync(
        new ConnectingClient("c", "u", Encoding.UTF8.GetBytes(password), ProtocolVersion.V5, new IPEndPoint(IPAddress.Loopback, 5)), CancellationToken.None).AsTask();

    private sealed class Service : HttpMessageHandler
    {
        public List<string> Questions { get; } = [];

        public Func<(int Status, string Body)> Answer { get; set; } = () => (204, "");

        public Task Gate { get; set; } = Task.CompletedTask;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string question = await request.Content!.ReadAsStringAsync(cancellationToken);
            lock (Questions) Questions.Add(question);
            await Gate.WaitAsync(cancellationToken);
            (int status, string body) = Answer();
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        }
    }
}
