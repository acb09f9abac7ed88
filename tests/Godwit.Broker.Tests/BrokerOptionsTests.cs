using Godwit.Protocol;

namespace Godwit.Broker.Tests;

public sealed class BrokerOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreValid() => new BrokerOptions().Validate();

    public static TheoryData<string, BrokerOptions> OutOfRange => new()
    {
        { "Loops", new BrokerOptions { Loops = 65 } },
        { "MaximumPacketSize", new BrokerOptions { MaximumPacketSize = 10 } },
        { "MaximumQoS", new BrokerOptions { MaximumQoS = (QoS)3 } },
        { "ReceiveMaximum", new BrokerOptions { ReceiveMaximum = 0 } },
        { "MaximumInflight", new BrokerOptions { MaximumInflight = 0 } },
        { "OutputLimit", new BrokerOptions { OutputLimit = 1 } },
        { "ConnectTimeout", new BrokerOptions { ConnectTimeout = TimeSpan.Zero } },
        { "MaximumTopicLevels", new BrokerOptions { MaximumTopicLevels = 0 } },
        { "MaximumTopicLevels", new BrokerOptions { MaximumTopicLevels = 2001 } },
        { "MaximumInflightBytes", new BrokerOptions { MaximumInflightBytes = 0 } },
        { "MaximumOfflineSessions", new BrokerOptions { MaximumOfflineSessions = -1 } },
        { "SysInterval", new BrokerOptions { SysInterval = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Validate_ValueOutOfRange_NamesTheOptionAndWhatIsAllowed(string option, BrokerOptions options)
    {
        var exception = Assert.Throws<ArgumentException>(options.Validate);
        Assert.Equal(option, exception.ParamName);
        Assert.Contains("is allowed", exception.Message, StringComparison.Ordinal);
    }
}
