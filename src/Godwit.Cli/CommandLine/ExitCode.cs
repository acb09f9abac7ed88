using Godwit.Client;

namespace Godwit.Cli.CommandLine;

/// <summary>The exit codes of the program; those of the mosquitto tools, as far as scripts look at them.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int TimedOut = 27;

    /// <summary>A measurement was made, but something was lost, repeated, reordered, damaged or refused.</summary>
    public const int ChecksFailed = 28;

    /// <summary>A refused CONNECT exits with the code of CONNACK: 1 to 5, or the reason code of MQTT 5.</summary>
    public static int Of(MqttConnectException failure) => failure.Result switch
    {
        { ReturnCode: { } code } => (int)code,
        { } result => (int)result.ReasonCode,
        null => Failed,
    };
}
