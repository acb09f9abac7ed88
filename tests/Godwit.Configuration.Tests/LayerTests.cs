using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Configuration.Tests;

public class LayerTests
{
    private const string File = "limits: {max_queued: 1, max_inflight: 2}\nlisteners: [{listen: 'tls://127.0.0.1', cert: a}]";

    [Fact]
    public void Environment_Variables_GoBeforeTheFile()
    {
        EffectiveSettings effective = Read(("GODWIT__LIMITS__MAX_QUEUED", "7"), ("godwit__messages__retain", "off"));

        Assert.Empty(effective.Problems);
        Assert.Equal((7, 2, false), (effective.Settings.Broker.MaximumQueuedMessages, effective.Settings.Broker.MaximumInflight, effective.Settings.Broker.RetainAvailable));
        Assert.Equal("GODWIT__LIMITS__MAX_QUEUED", $"{effective.All().Single(s => s.Path == "limits.max_queued").Origin}");
        Assert.Equal("g.yaml:1:39", $"{effective.All().Single(s => s.Path == "limits.max_inflight").Origin}");
    }

    [Fact]
    public void Environment_Elements_ChangeAListOrMakeItLonger()
    {
        EffectiveSettings effective = Read(
            ("GODWIT__LISTENERS__0__CERT__1", "c"), ("GODWIT__LISTENERS__0__CERT__0", "b"), ("GODWIT__LISTENERS__1__LISTEN", "tcp://127.0.0.1:0"));

        Assert.Empty(effective.Problems);
        Assert.Equal(["tls://127.0.0.1", "tcp://127.0.0.1:0"], effective.Settings.Listeners.Select(l => l.Listen));
        Assert.Equal(["b", "c"], effective.Settings.Listeners[0].Certificates);
    }

    [Theory]
    [InlineData("GODWIT__LIMITS__MAX_INFLIGT", "There is no such setting. Is it GODWIT__LIMITS__MAX_INFLIGHT?")]
    [InlineData("GODWIT__LIMITS__MAX_INFLIGHT__0", "There is no such setting.")]
    [InlineData("GODWIT__LISTENERS__CERT", "There is no such setting.")]
    [InlineData("GODWIT__LISTENERS__5__LISTEN", "There are 1 listeners: the next one is number 1.")]
    [InlineData("GODWIT__LIMITS__MAX_QUEUED", "max_queued takes a number from 0 to 2147483647, not 'x'.")]
    public void Environment_Mistake_IsNamed(string variable, string expected) =>
        Assert.StartsWith($"{variable}: {expected}", Assert.Single(Read((variable, "x")).Problems).ToString(), StringComparison.Ordinal);

    private static EffectiveSettings Read(params (string Name, string Value)[] variables) =>
        new(YamlSource.Read(File, "g.yaml"), EnvironmentSource.Read(variables.Select(v => KeyValuePair.Create(v.Name, v.Value))));
}
