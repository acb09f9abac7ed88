using System.Collections.Concurrent;
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Hooks;
using Godwit.Protocol;

namespace Godwit.Cli.Tests;

/// <summary>
/// A broker on a free port that all end-to-end tests share; each uses topics of its own. The user "nobody" is refused, and everybody may do
/// nothing below the topic "forbidden", and only read below "unwritable". All but the user "guest" are administrators.
/// </summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private readonly Doorman _doorman = new();
    private MqttBroker? _broker;

    /// <summary>The port as an argument.</summary>
    public string Port => $"{_broker!.EndPoints[0].Port}";

    public async Task InitializeAsync() => _broker = await MqttBroker.StartAsync(new BrokerOptions
    {
        Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
        Loops = 1,
        Authenticator = _doorman,
        Authorizer = _doorman,
        SessionHooks = [_doorman],
        IsAdministrator = client => client.UserName != "guest",
    });

    public async Task DisposeAsync() => await _broker!.DisposeAsync();

    /// <summary>Runs a verb against the broker.</summary>
    internal Task<CommandLineResult> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    internal Task<CommandLineResult> RunWithInputAsync(string input, params string[] arguments) =>
        CommandLineResult.RunAsync(System.Text.Encoding.UTF8.GetBytes(input), default, [arguments[0], "-h", "127.0.0.1", "-p", Port, .. arguments[1..]]);

    /// <summary>Completes when somebody has subscribed to the filter.</summary>
    internal Task WhenSubscribedAsync(string filter) => _doorman.Subscribed(filter).Task;

    private sealed class Doorman : IAuthenticator, IAuthorizer, ISessionHook
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _subscribed = new();

        public TaskCompletionSource Subscribed(string filter) =>
            _subscribed.GetOrAdd(filter, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            new(client.UserName == "nobody" ? AuthenticationResult.BadUserNameOrPassword : AuthenticationResult.Success);

        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) =>
            !topic.StartsWith("forbidden"u8) && !topic.StartsWith("unwritable"u8);

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => !filter.StartsWith("forbidden"u8);

        public void OnSubscribed(ClientIdentity client, string filter, SubscriptionOptions options) => Subscribed(filter).TrySetResult();
    }
}
