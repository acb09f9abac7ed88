using System.Text;
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt5;

/// <summary>An authentication method whose answer to each of the client's data is written down; what is not written is refused.</summary>
internal sealed class ScriptedMethod(string method, Dictionary<string, EnhancedAuthenticationStep> answers) : IEnhancedAuthenticator
{
    /// <summary>Set while an answer shall take until <see cref="Later{T}.Give"/>.</summary>
    public Later<EnhancedAuthenticationStep>? Later { get; set; }

    public string Method => method;

    /// <summary>How many exchanges have begun.</summary>
    public int Begun { get; private set; }

    public IEnhancedAuthentication Begin(ConnectingClient client)
    {
        Begun++;
        return new Exchange(this);
    }

    public static EnhancedAuthenticationStep Step(ReasonCode code, string data = "", string? reason = null) =>
        new(code, Encoding.UTF8.GetBytes(data), reason);

    private EnhancedAuthenticationStep Answer(string data) => answers.GetValueOrDefault(data) ?? Step(ReasonCode.NotAuthorized, reason: "Wrong");

    private sealed class Exchange(ScriptedMethod script) : IEnhancedAuthentication
    {
        public ValueTask<EnhancedAuthenticationStep> ContinueAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
            script.Later is { } later ? later.Ask() : ValueTask.FromResult(script.Answer(Encoding.UTF8.GetString(data.Span)));
    }
}

/// <summary>An answer that the test gives when it wants to.</summary>
internal sealed class Later<T>
{
    private readonly TaskCompletionSource<T> _answer = new();

    public ValueTask<T> Ask() => new(_answer.Task);

    /// <summary>Gives the answer; returns when it has reached the broker's loop. What the loop makes of it happens in <paramref name="broker"/>.</summary>
    public void Give(TestBroker broker, T answer) => Do(broker, () => _answer.SetResult(answer));

    public void Fail(TestBroker broker, Exception exception) => Do(broker, () => _answer.SetException(exception));

    // On a thread without synchronisation context whoever waits continues within SetResult.
    private static void Do(TestBroker broker, Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
        broker.Run();
    }
}
